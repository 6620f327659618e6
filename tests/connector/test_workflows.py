"""Which step is taken towards a status, as a table; and what is remembered of a workflow."""

import pytest

from connector.journey import MOST_STEPS
from connector.workflows import Place, Steps, Transition, Workflows, next_step
from mappings.far import StatusInfo

CATEGORIES = {"todo": "new", "backlog": "new", "doing": "indeterminate", "review": "indeterminate", "done": "done"}
CATEGORIES |= {"dropped": "done", "audit": "indeterminate", "wait": "indeterminate"}


def step(to: str, name: str = "", required: str = "") -> Transition:
    needs = {required: required.title()} if required else {}
    return Transition(
        f"{name or to}-id", name or f"to {to}", StatusInfo(to, to, CATEGORIES[to]), frozenset(needs), needs
    )


WORKFLOW: dict[str, Steps] = {
    "backlog": (step("todo"),),
    "todo": (step("doing"), step("backlog"), step("dropped")),
    "doing": (step("wait"), step("review"), step("done")),
    "review": (step("audit"), step("doing"), step("done")),
    "done": (step("audit"), step("doing")),
    "dropped": (step("audit"),),
}

CASES: tuple[tuple[str, str, dict[str, Steps], str | None], ...] = (
    # here, target, what has been seen, the step
    ("todo", "doing", WORKFLOW, "doing"),
    ("backlog", "review", WORKFLOW, "todo"),
    ("todo", "audit", WORKFLOW, "doing"),
    ("todo", "done", WORKFLOW, "doing"),
    ("doing", "audit", WORKFLOW, "review"),
    ("done", "audit", WORKFLOW, "audit"),
    ("todo", "audit", {"todo": WORKFLOW["todo"]}, "doing"),
    ("doing", "audit", {"doing": WORKFLOW["doing"]}, "review"),
    ("doing", "audit", {"doing": WORKFLOW["doing"], "review": (step("doing"),)}, "wait"),
    ("review", "audit", {"doing": WORKFLOW["doing"], "review": (step("doing"),)}, "doing"),
    ("doing", "audit", {"doing": WORKFLOW["doing"], "review": (step("doing"),), "wait": (step("done"),)}, None),
    ("todo", "backlog", {"todo": (step("doing"), step("dropped"))}, "doing"),
    ("dropped", "doing", {"dropped": (step("done"),)}, None),
    ("todo", "audit", {}, None),
)


@pytest.mark.parametrize(("here", "target", "seen", "expected"), CASES)
def test_the_shortest_known_way_is_taken_else_the_one_to_the_nearest_unknown_that_is_not_done(
    here: str, target: str, seen: dict[str, Steps], expected: str | None
) -> None:
    taken = next_step(here, target, CATEGORIES[target], lambda s: seen.get(s, ()), frozenset())
    assert (taken.to.id if taken else None) == expected


@pytest.mark.parametrize(
    ("workflow", "ends_at"),
    [
        ({"todo": "doing", "doing": "review wait", "review": "doing", "wait": "audit doing", "audit": "done"}, "audit"),
        ({"todo": "doing wait", "doing": "todo", "wait": "todo review", "review": "wait audit", "audit": ""}, "audit"),
        ({"todo": "doing wait", "doing": "todo done", "wait": "todo", "done": "audit"}, "todo doing wait"),
    ],
    ids=["behind a corner", "behind two", "behind a done status"],
)
def test_a_card_that_ran_into_a_corner_goes_back_and_looks_further(workflow: dict[str, str], ends_at: str) -> None:
    """It lay dead there though a way was left to be found, and moved on by itself when it was next looked at."""
    seen: dict[str, Steps] = {}
    here, moves = "todo", 0
    while here != "audit":
        seen[here] = tuple(step(to) for to in workflow[here].split())
        taken = next_step(here, "audit", CATEGORIES["audit"], lambda s: seen.get(s, ()), frozenset())
        if taken is None:
            break
        here, moves = taken.to.id, moves + 1
    assert here in ends_at.split()
    assert moves < MOST_STEPS // 2


def test_of_two_steps_to_one_status_the_one_that_lacks_nothing_is_taken() -> None:
    steps = (step("done", "a", required="resolution"), step("done", "b"))
    taken = [
        next_step("doing", "done", "done", lambda s: steps if s == "doing" else (), given)
        for given in (frozenset[str](), frozenset({"resolution"}))
    ]
    assert [part.name if part else None for part in taken] == ["b", "a"]


def test_a_first_step_is_only_known_when_its_workflow_has_been_seen() -> None:
    workflows = Workflows()
    assert workflows.first_step("SEC", "Task", "doing") is None
    workflows.learn_initial("SEC", "Task", "todo")
    assert workflows.first_step("SEC", "Task", "doing") is None
    workflows.learn(Place("SEC", "Task", "todo"), WORKFLOW["todo"])
    first = workflows.first_step("SEC", "Task", "doing")
    assert first is not None
    assert first.to.id == "doing"
    assert workflows.first_step("SEC", "Task", "todo") is None
    assert workflows.first_step("SEC", "Task", "review") is None
    assert workflows.first_step("IT", "Task", "doing") is None


def test_a_look_that_shows_no_step_makes_the_memory_forget() -> None:
    workflows = Workflows()
    place = Place("SEC", "Task", "todo")
    workflows.learn(place, WORKFLOW["todo"])
    workflows.learn(place, ())
    assert workflows.steps(place) == ()
