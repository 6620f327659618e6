"""What the documents say of the code is what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from mappings.merge import AUTHORITY
from mappings.records import LinkRole
from mappings.rules import Askable
from tests.mapping_page import PAGE, made, models_of_the_file, models_on_the_page

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
