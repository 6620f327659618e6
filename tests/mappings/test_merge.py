"""The law of sync, row by row: what moved since the last agreement, and whose word counts."""

from itertools import product
from typing import get_args

import pytest

from mappings.issue_words import issue_text, said_by_register
from mappings.merge import AUTHORITY, Authority, Moved, Reading, authority_of, is_conflict, takes_far, what_moved
from mappings.page_words import FIELDS
from mappings.records import LinkRole
from mappings.rules import Askable
from tests.mappings.paper_world import audit_context, family_of

ASKED: tuple[str, ...] = get_args(Askable)


def reading(*, ours_moved: bool, theirs_moved: bool, agrees: bool) -> Reading:
    return Reading(
        ours="new" if ours_moved else "old",
        ours_base="old",
        theirs="Neu" if theirs_moved else "Alt",
        theirs_base="Alt",
        agrees=agrees,
    )


@pytest.mark.parametrize(
    ("ours_moved", "theirs_moved", "agrees", "row"),
    [
        (False, False, True, Moved.NOTHING),
        (False, False, False, Moved.NOTHING),
        (True, False, False, Moved.REGISTER),
        (True, False, True, Moved.AGREED),
        (False, True, False, Moved.FAR),
        (False, True, True, Moved.AGREED),
        (True, True, True, Moved.AGREED),
        (True, True, False, Moved.BOTH),
    ],
)
def test_every_reading_falls_into_one_row_of_the_law(
    ours_moved: bool, theirs_moved: bool, agrees: bool, row: Moved
) -> None:
    assert what_moved(reading(ours_moved=ours_moved, theirs_moved=theirs_moved, agrees=agrees)) is row


# What becomes of a far value, by row of the law (rows) and by whose word counts (columns), as the design has it.
FAR_VALUES = """
          register  far     lifecycle  nobody
nothing   left      left    left       left
register  left      left    left       left
far       left      judged  judged     judged
agreed    left      left    left       left
both      left      judged  judged     asked
"""


@pytest.mark.parametrize(("moved", "authority"), list(product(Moved, Authority)))
def test_whose_word_counts_for_every_row_and_authority(moved: Moved, authority: Authority) -> None:
    header, *rows = [line.split() for line in FAR_VALUES.strip("\n").splitlines()]
    table = {(row[0], column): cell for row in rows for column, cell in zip(header, row[1:], strict=True)}
    assert set(table) == set(product(Moved, Authority))
    is_judged, is_asked = takes_far(authority, moved), is_conflict(authority, moved)
    assert (is_judged, is_asked) == {"left": (False, False), "judged": (True, False), "asked": (False, True)}[
        table[moved, authority]
    ]


def test_each_field_has_the_authority_that_auditing_practice_gives_it() -> None:
    """Words, criteria and what is derived are the register's, from the auditor; owner and priority are Jira's; where a
    legal move counts, whoever made it, the lifecycle decides."""
    of_whom = {
        "register": {
            ("issue", "summary"),
            ("issue", "description"),
            ("issue", "labels"),
            ("page", "title"),
            ("page", "content"),
        },
        "far": {("issue", "owner"), ("issue", "priority")},
        "lifecycle": {("issue", "status"), ("issue", "due"), ("issue", "flag"), ("page", "due"), ("page", "accept")},
    }
    told = {(LinkRole(role), field): Authority(whose) for whose, fields in of_whom.items() for role, field in fields}
    assert told == AUTHORITY


@pytest.mark.parametrize(("role", "field"), list(AUTHORITY))
def test_a_person_is_asked_only_where_the_mapping_file_wants_it_and_never_about_the_auditors_words(
    role: LinkRole, field: str
) -> None:
    assert authority_of(role, field) is AUTHORITY[role, field]
    if role is LinkRole.ISSUE and field in ASKED:
        assert authority_of(role, field, ASKED) is Authority.NOBODY
        assert AUTHORITY[role, field] is not Authority.REGISTER
    else:
        assert authority_of(role, field, ASKED) is AUTHORITY[role, field]


def test_each_compared_field_of_both_sides_has_an_authority() -> None:
    ctx, family = audit_context(), family_of("open", "todo")
    compared = said_by_register(family.tasks[0], issue_text(family.tasks[0], family, ctx, ""), ctx)
    assert {field for role, field in AUTHORITY if role is LinkRole.ISSUE} == set(compared)
    assert {field for role, field in AUTHORITY if role is LinkRole.PAGE} == set(FIELDS)
