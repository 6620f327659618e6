from __future__ import annotations

from dataclasses import fields

import pytest
from sqlalchemy import Table

from mappings.provision import Made
from mappings.records import Comment, Decision, Evidence, Link, Person, Record
from sync import tables
from sync.store import Alert, Conflict, Copy, ImportFile, Paused


@pytest.mark.parametrize(
    ("table", "value"),
    [
        (tables.person, Person),
        (tables.record, Record),
        (tables.link, Link),
        (tables.comment, Comment),
        (tables.comment_copy, Copy),
        (tables.evidence, Evidence),
        (tables.decision, Decision),
        (tables.conflict, Conflict),
        (tables.import_file, ImportFile),
        (tables.alert, Alert),
        (tables.pause, Paused),
        (tables.provisioned, Made),
    ],
    ids=lambda each: each.__name__ if isinstance(each, type) else None,
)
def test_the_columns_of_a_value_are_its_fields(table: Table, value: type) -> None:
    assert [column.name for column in table.columns] == [field.name for field in fields(value)]
