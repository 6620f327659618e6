"""The law of sync, row by row: what moved since the last agreement, and whose word counts."""

from itertools import product

import pytest

from mappings import merge
from mappings.issue_words import issue_text, said_by_register
from mappings.merge import AUTHORITY, Authority, Moved, Reading, is_conflict, takes_far, what_moved
from mappings.page_words import FIELDS
from mappings.records import LinkRole
from tests.mappings.paper_world import audit_context, family_of

ROLES = (LinkRole.ISSUE, LinkRole.PAGE)


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


@pytest.mark.parametrize(("role", "moved", "authority"), list(product(ROLES, Moved, Authority)))
def test_whose_word_counts_for_every_row_authority_and_side(
    role: LinkRole, moved: Moved, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "AUTHORITY", {(role, "field"): authority})
    assert takes_far(role, "field", moved) is ((moved, authority) in FAR_IS_JUDGED)
    assert is_conflict(role, "field", moved) is ((moved, authority) == (Moved.BOTH, Authority.NOBODY))


@pytest.mark.parametrize(("role", "moved", "authority"), list(product(ROLES, Moved, Authority)))
def test_a_far_value_is_taken_or_a_conflict_but_never_both(
    role: LinkRole, moved: Moved, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge, "AUTHORITY", {(role, "field"): authority})
    assert not (takes_far(role, "field", moved) and is_conflict(role, "field", moved))


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
