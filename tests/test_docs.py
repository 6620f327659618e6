"""What the documents say of the code is what the code does."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from mappings.merge import AUTHORITY
from mappings.records import LinkRole
from mappings.rules import Askable

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
