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


FAR_IS_JUDGED = {
    (Moved.FAR, Authority.FAR),
    (Moved.FAR, Authority.LIFECYCLE),
    (Moved.FAR, Authority.NOBODY),
    (Moved.BOTH, Authority.FAR),
    (Moved.BOTH, Authority.LIFECYCLE),
}
"""Every other pair leaves the register's word standing."""


@pytest.mark.parametrize(("moved", "authority"), list(product(Moved, Authority)))
def test_whose_word_counts_for_every_row_and_authority(moved: Moved, authority: Authority) -> None:
    is_judged, is_asked = takes_far(authority, moved), is_conflict(authority, moved)
    assert is_judged is ((moved, authority) in FAR_IS_JUDGED)
    assert is_asked is ((moved, authority) == (Moved.BOTH, Authority.NOBODY))
    assert not (is_judged and is_asked)


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


def test_decisions_and_what_the_auditor_wrote_are_never_the_boards_to_change() -> None:
    for role, field in ((LinkRole.ISSUE, "summary"), (LinkRole.ISSUE, "description"), (LinkRole.PAGE, "content")):
        assert AUTHORITY[role, field] is Authority.REGISTER
    for role, field in ((LinkRole.ISSUE, "status"), (LinkRole.ISSUE, "due"), (LinkRole.PAGE, "accept")):
        assert AUTHORITY[role, field] is Authority.LIFECYCLE
