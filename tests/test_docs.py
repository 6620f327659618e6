"""What the documents say of the code is what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click

from mappings.merge import AUTHORITY
from mappings.records import LinkRole
from mappings.rules import Askable
from tests.mapping_page import PAGE, made, models_of_the_file, models_on_the_page
from webhooks.cli import tieout

DOCS = Path(__file__).parents[1] / "docs"


def test_the_law_of_sync_names_the_authority_of_every_field() -> None:
    text = (DOCS / "law-of-sync.md").read_text(encoding="utf-8")
    table = text.partition("<!-- begin authority -->")[2].partition("<!-- end authority -->")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.strip().splitlines()[2:]]
    askable = {(LinkRole.ISSUE, field) for field in get_args(Askable)}
    assert rows == [
        (role.value, field, authority.value, "yes" if (role, field) in askable else "")
        for (role, field), authority in AUTHORITY.items()
    ]


def test_the_page_on_the_mapping_file_is_what_the_model_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == made(), "python -m tests.mapping_page"


def test_every_key_of_the_mapping_file_is_described_and_stands_in_the_example() -> None:
    assert models_of_the_file() == models_on_the_page()
    fields = {(model, name): info for model in models_on_the_page() for name, info in model.model_fields.items()}
    assert [name for (_, name), info in fields.items() if not info.description] == []
    example = (DOCS / "tieout.example.toml").read_text(encoding="utf-8")
    assert [name for (_, name) in fields if name not in example] == []


def commands(group: click.Group, name: str) -> Iterator[str]:
    ctx = click.Context(group)
    for each in group.list_commands(ctx):
        command = group.get_command(ctx, each)
        yield f"{name} {each}"
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {each}")


def test_every_command_that_a_page_names_is_there() -> None:
    known = set(commands(tieout, "tieout"))
    groups = {name.rpartition(" ")[0] for name in known}
    named = re.compile(r"`tieout ([a-z-]+)(?: ([a-z-]+))?")
    for page in (*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CHANGELOG.md"):
        for command, word in named.findall(page.read_text(encoding="utf-8")):
            name = f"tieout {command}"
            assert name in known, page.name
            assert not word or name not in groups or f"{name} {word}" in known, (page.name, word)


def test_every_test_that_a_page_names_is_there() -> None:
    named = re.findall(
        r"`(tests/[a-z0-9_/]+\.py)::(test_\w+)`", (DOCS / "what-is-proved.md").read_text(encoding="utf-8")
    )
    assert len(named) > 40
    there = DOCS.parent
    assert [name for file, name in named if f"def {name}(" not in (there / file).read_text(encoding="utf-8")] == []
