"""The house rules that a reader relies on: which way imports run, what stands where, what nothing does at import."""

import ast
import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
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
EXCEPTION = re.compile(r"# (type: ignore|noqa)")
WITH_REASON = re.compile(r"# (type: ignore\[[a-z, -]+\]  #|noqa: [A-Z]+[0-9]+) +\w")
CLOCK_CALLS = {"now", "utcnow", "today"}
IMPURE_BUILTINS = {"open", "print", "input"}

AT_IMPORT_MODULES = {"os", "time", "random", "secrets", "socket", "uuid"}
"""Modules whose functions read settings, the clock or chance: not to be called while a module is imported."""

MOST_LINES = 400
"""300 is a reason to split a module; past this it is a defect."""
MOST_TEST_LINES = 600
SHORTEST_PURPOSE = 12


def _files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=_name(path))


@cache
def _imports(path: Path) -> frozenset[str]:
    """Every module a file imports, with full dotted names; `from x import y` gives both x and x.y."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _offenders(paths: Iterable[Path], fault: Callable[[Path], object]) -> dict[str, object]:
    """Files with what is wrong in them; empty when all is well."""
    found = {_name(path): fault(path) for path in paths}
    assert found, "the rule must have something to look at"
    return {name: wrong for name, wrong in found.items() if wrong}


SOURCES = _files(*PACKAGES)
TESTS = _files("tests")


def test_imports_run_one_way() -> None:
    def fault(path: Path) -> set[str]:
        ours = {module.split(".")[0] for module in _imports(path)} & {*PACKAGES, "tests", "bench"}
        return ours - MAY_IMPORT[_name(path).split("/")[0]]

    assert _offenders(SOURCES, fault) == {}


def test_only_tests_demo_and_its_own_command_know_the_sandbox() -> None:
    strangers = [path for path in SOURCES if not _name(path).startswith(MAY_IMPORT_SANDBOX)]
    assert _offenders(strangers, lambda path: [m for m in _imports(path) if _is_in(m, SANDBOX)]) == {}


def test_the_sandbox_knows_nothing_of_tieout() -> None:
    def fault(path: Path) -> list[str]:
        ours = {module for module in _imports(path) if module.split(".")[0] in PACKAGES}
        return [module for module in ours if not _is_in(module, SANDBOX) and module != "connector"]

    assert _offenders(_files(SANDBOX.replace(".", "/")), fault) == {}


def test_mappings_imports_nothing_that_touches_the_world() -> None:
    def fault(path: Path) -> list[str]:
        return [module for module in _imports(path) for impure in IMPURE_MODULES if _is_in(module, impure)]

    assert _offenders(_files("mappings"), fault) == {}


def test_mappings_reads_no_clock_and_no_file() -> None:
    def fault(path: Path) -> list[str]:
        calls = [node.func for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
        clocks = [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in CLOCK_CALLS]
        return clocks + [call.id for call in calls if isinstance(call, ast.Name) and call.id in IMPURE_BUILTINS]

    assert _offenders(_files("mappings"), fault) == {}


def test_nothing_reads_settings_clock_or_chance_at_import() -> None:
    def fault(path: Path) -> list[str]:
        run = list(_run_at_import(_tree(path)))
        calls = [ast.unparse(node.func) for node in run if isinstance(node, ast.Call)]
        reads = [ast.unparse(node) for node in run if isinstance(node, ast.Attribute)]
        bad = [c for c in calls if c.split(".")[0] in AT_IMPORT_MODULES | {"open"} or c.split(".")[-1] in CLOCK_CALLS]
        return bad + [read for read in reads if read == "os.environ"]

    assert _offenders(SOURCES, fault) == {}


def _run_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that is executed when the module is imported: all but the bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*node.decorator_list, node.args):
                yield from ast.walk(part)
        elif not isinstance(node, ast.Lambda):
            yield node
            yield from _run_at_import(node)


def test_every_module_opens_with_its_purpose() -> None:
    assert _offenders(SOURCES, lambda path: len(ast.get_docstring(_tree(path)) or "") < SHORTEST_PURPOSE) == {}


@pytest.mark.parametrize(("paths", "most"), [(SOURCES, MOST_LINES), (TESTS, MOST_TEST_LINES)], ids=["code", "tests"])
def test_no_file_holds_more_than_one_thing(paths: list[Path], most: int) -> None:
    def fault(path: Path) -> int:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return lines if lines > most else 0

    assert _offenders(paths, fault) == {}


def test_an_exception_from_a_check_names_it_and_has_its_reason_beside_it() -> None:
    def fault(path: Path) -> list[str]:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [line.strip() for line in lines if EXCEPTION.search(line) and not WITH_REASON.search(line)]

    assert _offenders([*SOURCES, *TESTS, *_files("bench")], fault) == {}


def test_what_tests_share_stands_in_modules_of_its_own() -> None:
    """From a module of tests another takes nothing but whole tests, to tell them of another world."""

    def fault(path: Path) -> list[str]:
        lent = [module.rpartition(".") for module in _imports(path) if module.startswith("tests.")]
        return [name for module, _, name in lent if _is_test(module) and not _is_test(name)]

    assert _offenders(TESTS, fault) == {}


def _is_test(module: str) -> bool:
    return module.rpartition(".")[2].startswith("test_")


def test_every_folder_with_code_is_a_package() -> None:
    """Without it tests/sync would hide sync."""
    assert _offenders([*SOURCES, *TESTS], lambda path: not (path.parent / "__init__.py").is_file()) == {}


def test_the_top_level_holds_nothing_else() -> None:
    assert {path.name for path in ROOT.iterdir() if not _is_ignored(path)} <= TOP_LEVEL


def _is_ignored(path: Path) -> bool:
    patterns = [line.strip().strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    return any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns if pattern)
