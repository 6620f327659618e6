"""The house rules that a reader relies on: which way imports run, what stands where, what nothing does at import."""

import ast
import fnmatch
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("connector", "mappings", "sync", "webhooks")

MAY_IMPORT = {
    "mappings": {"mappings"},
    "connector": {"connector", "mappings"},
    "sync": {"sync", "mappings"},
    "webhooks": {"webhooks", "sync", "connector", "mappings"},
}
SANDBOX = "connector.sandbox"
MAY_IMPORT_SANDBOX = ("connector/sandbox/", "webhooks/commands/sandbox.py", "webhooks/demo", "tests/", "bench/")

TOP_LEVEL = {
    *PACKAGES,
    "tests",
    "bench",
    "docs",
    ".ci",
    ".git",
    ".gitignore",
    "pyproject.toml",
    "constraints.txt",
    "README.md",
    "CHANGELOG.md",
    "Makefile",
}

IMPURE_MODULES = {
    "asyncio",
    "glob",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "requests",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "uuid",
}
CLOCK_CALLS = {"now", "utcnow", "today"}
IMPURE_BUILTINS = {"open", "print", "input"}

AT_IMPORT_MODULES = {"os", "time", "random", "secrets", "socket", "uuid"}
"""Modules whose functions read settings, the clock or chance: not to be called while a module is imported."""

MOST_LINES = 400
"""300 is a reason to split a module; past this it is a defect."""


def _files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=_name(path))


def _imports(path: Path) -> Iterator[str]:
    """Every module a file imports, with full dotted names; `from x import y` gives both x and x.y."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


SOURCES = _files(*PACKAGES)
TESTS = _files("tests")


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_imports_run_one_way(path: Path) -> None:
    package = _name(path).split("/")[0]
    ours = {module.split(".")[0] for module in _imports(path)} & {*PACKAGES, "tests", "bench"}
    assert ours <= MAY_IMPORT[package], f"{_name(path)} imports {ours - MAY_IMPORT[package]}"


@pytest.mark.parametrize("path", [*SOURCES, *TESTS, *_files("bench")], ids=_name)
def test_only_tests_demo_and_its_own_command_know_the_sandbox(path: Path) -> None:
    if not _name(path).startswith(MAY_IMPORT_SANDBOX):
        assert [module for module in _imports(path) if _is_in(module, SANDBOX)] == []


@pytest.mark.parametrize("path", _files(SANDBOX.replace(".", "/")), ids=_name)
def test_the_sandbox_knows_nothing_of_tieout(path: Path) -> None:
    ours = {module for module in _imports(path) if module.split(".")[0] in PACKAGES}
    assert [module for module in ours if not _is_in(module, SANDBOX) and module != "connector"] == []


@pytest.mark.parametrize("path", _files("mappings"), ids=_name)
def test_mappings_imports_nothing_that_touches_the_world(path: Path) -> None:
    assert [module for module in _imports(path) for impure in IMPURE_MODULES if _is_in(module, impure)] == []


@pytest.mark.parametrize("path", _files("mappings"), ids=_name)
def test_mappings_reads_no_clock_and_no_file(path: Path) -> None:
    calls = [node.func for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    clocks = [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCK_CALLS]
    files = [call.id for call in calls if isinstance(call, ast.Name) and call.id in IMPURE_BUILTINS]
    assert clocks + files == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_nothing_reads_settings_clock_or_chance_at_import(path: Path) -> None:
    calls = [ast.unparse(node.func) for node in _run_at_import(_tree(path)) if isinstance(node, ast.Call)]
    bad = [c for c in calls if c.split(".")[0] in AT_IMPORT_MODULES | {"open"} or c.split(".")[-1] in CLOCK_CALLS]
    assert bad == []
    reads = [ast.unparse(node) for node in _run_at_import(_tree(path)) if isinstance(node, ast.Attribute)]
    assert "os.environ" not in reads


def _run_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that is executed when the module is imported: all but the bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*node.decorator_list, node.args):
                yield from ast.walk(part)
        elif not isinstance(node, ast.Lambda):
            yield node
            yield from _run_at_import(node)


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_module_opens_with_its_purpose(path: Path) -> None:
    docstring = ast.get_docstring(_tree(path)) or ""
    assert len(docstring) >= 20, f"{_name(path)} does not say what it is for"


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=_name)
def test_no_file_holds_more_than_one_thing(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{_name(path)} has {lines} lines: split it"


@pytest.mark.parametrize("folder", sorted({path.parent for path in [*SOURCES, *TESTS]}), ids=_name)
def test_every_folder_with_code_is_a_package(folder: Path) -> None:
    assert (folder / "__init__.py").is_file(), "without it tests/sync would hide sync"


def test_the_top_level_holds_nothing_else() -> None:
    assert {path.name for path in ROOT.iterdir() if not _is_ignored(path)} <= TOP_LEVEL


def _is_ignored(path: Path) -> bool:
    patterns = [line.strip().strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    return any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns if pattern)
