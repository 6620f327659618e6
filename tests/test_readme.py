"""What the README and the example of the mapping file say is true of the code."""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mappings.rules import Rules
from tests.readme_tables import README, tables, with_tables
from webhooks.rules_file import parse_rules
from webhooks.settings import Settings, variable

ROOT = README.parent
PAGES = sorted([README, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", sorted(tables()))
def test_each_table_of_the_readme_is_what_the_code_says(name: str) -> None:
    assert tables()[name] in README.read_text(), "run: python -m tests.readme_tables"


def test_writing_the_tables_anew_changes_nothing() -> None:
    assert with_tables(README.read_text()) == README.read_text()


def test_the_mapping_files_of_the_readme_are_right_ones() -> None:
    least, servers = re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)
    least = re.sub(r"^   ", "", least, flags=re.MULTILINE)
    assert parse_rules(least).audit["soc2-2026"].project == "AUD"
    assert parse_rules(servers + least[least.index("[audit") :]).confluence.flavour == "dc"


def test_the_example_mapping_file_is_a_right_one_and_shows_every_key() -> None:
    text = (ROOT / "docs" / "tieout.example.toml").read_text()
    parse_rules(text)
    shown = set(re.findall(r"^[# ]*(\w+) = ", text, re.MULTILINE))
    shown |= {part for header in re.findall(r"^\[+(.*?)\]", text, re.MULTILINE) for part in header.split(".")}
    assert set(_keys(Rules)) - shown == set()


def _keys(annotation: Any) -> Iterator[str]:
    """Every key of a model and of the models inside it."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            for name, field in annotation.model_fields.items():
                yield name
                yield from _keys(field.annotation)
        return
    for inner in get_args(annotation):
        yield from _keys(inner)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_setting_that_is_named_exists(page: Path) -> None:
    known = {variable(field) + end for field in Settings.model_fields for end in ("", "_FILE")}
    assert set(re.findall(r"\bTIEOUT_[A-Z_]+\b", page.read_text())) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"^make ([a-z]+)$|`make ([a-z]+)`", page.read_text(), re.MULTILINE)
    assert {one or other for one, other in named} <= targets


def test_every_metric_is_told_to_the_operator() -> None:
    code = (ROOT / "webhooks" / "metrics.py").read_text()
    told = (ROOT / "docs" / "operations.md").read_text()
    families = re.findall(r'(Counter|CounterMetricFamily|GaugeMetricFamily)\(\s*"(tieout_\w+)"', code)
    names = {name if kind.startswith("Gauge") else f"{name}_total" for kind, name in families}
    assert len(names) > 5
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []
