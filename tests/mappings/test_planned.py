"""What a plan costs, and in which order it is told."""

from __future__ import annotations

import pytest

from mappings.planned import Change, Planned, in_order, with_way, writing_calls
from mappings.records import Side


def planned(kind: str, *, is_task: bool = False, calls: int = 1) -> Planned:
    return Planned(Side.JIRA, kind, "soc2", "1", "a" * 32, "", (), "", calls, is_task)


def test_numbers_are_told_in_the_order_in_which_people_count() -> None:
    numbers = ["R-10", "R-2", "", "R-2/10", "R-2/2", "3", "A", "R-002"]
    assert sorted(numbers, key=in_order) == ["", "3", "A", "R-2", "R-002", "R-2/2", "R-2/10", "R-10"]


@pytest.mark.parametrize(
    ("requests", "tasks", "moves", "calls"), [(0, 0, 0, 0), (1, 1, 1, 3), (50, 50, 0, 2), (51, 100, 3, 7)]
)
def test_issues_are_made_fifty_at_a_time_and_tasks_after_requests(
    requests: int, tasks: int, moves: int, calls: int
) -> None:
    writes = [planned("create issue")] * requests + [planned("create issue", is_task=True)] * tasks
    assert writing_calls([*writes, *[planned("move issue")] * moves]) == calls


@pytest.mark.parametrize(
    ("way", "shown", "calls"),
    [
        (("Doing",), None, 1),
        (("Selected", "Doing"), "Backlog → Selected → Doing", 2),
        (("Selected",), "Backlog → Selected → … → Doing", 2),
    ],
)
def test_a_way_of_several_steps_is_shown_as_far_as_it_is_known(
    way: tuple[str, ...], shown: str | None, calls: int
) -> None:
    move = Planned(Side.JIRA, "move issue", "soc2", "1", "", "A-1", (Change("status", "Backlog", "Doing"),), "")
    found = with_way(move, way)
    assert [change.after for change in found.changes[1:]] == ([shown] if shown else [])
    assert found.calls == calls
