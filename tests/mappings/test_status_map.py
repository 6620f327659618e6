"""How projects of several shapes show our states, and what a card's move in them comes to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.far import StatusInfo
from mappings.lifecycle import Facts
from mappings.records import Kind, RequestStatus, Role, TaskStatus
from mappings.rules import StatusNames
from mappings.status_map import StatusMap, StatusMapProblem, build_status_map, read_move

OWNER, REVIEWER = frozenset({Role.OWNER}), frozenset({Role.REVIEWER})
COORDINATOR, AUDITOR = frozenset({Role.COORDINATOR}), frozenset({Role.AUDITOR})
STATES: dict[Kind, list[str]] = {Kind.REQUEST: list(RequestStatus), Kind.TASK: list(TaskStatus)}
GENEROUS = Facts(has_evidence=True, has_reason=True, tasks_ready=True, tasks_approved=True, evidence_unchanged=True)


def project(*statuses: str) -> list[StatusInfo]:
    """Statuses written `Name:n`, `:i` or `:d` for the category; each one's id is its name in lower case."""
    categories = {"n": "new", "i": "indeterminate", "d": "done"}
    pairs = [status.split(":") for status in statuses]
    return [StatusInfo(name.lower(), name, categories[category]) for name, category in pairs]


FULL = project("To Do:n", "In Progress:i", "Blocked:i", "In Review:i", "With Auditor:i", "Done:d")
THREE = project("To Do:n", "In Progress:i", "Done:d")
FOUR = project("To Do:n", "In Progress:i", "In Review:i", "Done:d")
KANBAN = project("Backlog:n", "Selected for Development:n", "In Progress:i", "Done:d")
CLASSIC = project("Open:n", "In Progress:i", "Reopened:n", "Resolved:d", "Closed:d")
GERMAN = project("Zu erledigen:n", "Blocked:i", "In Arbeit:i", "Fertig:d")
RICH = project(
    "Won't Do:d",
    "Idea:n",
    "TO DO:n",
    "Doing:i",
    "QA:i",
    "Peer Review:i",
    "On Hold:i",
    "Approved:i",
    "Shipped:d",
    "Done:d",
)
ALL = {"full": FULL, "three": THREE, "four": FOUR, "kanban": KANBAN, "classic": CLASSIC, "german": GERMAN, "rich": RICH}


def shown(kind: Kind, statuses: list[StatusInfo], names: StatusNames | None = None) -> dict[str, str]:
    return dict(build_status_map(kind, names, statuses).shown)


@pytest.mark.parametrize(
    ("statuses", "columns"),
    [
        (FULL, "to do, in progress, blocked, in review, with auditor, done, done"),
        (THREE, "to do, in progress, in progress, in progress, in progress, done, done"),
        (FOUR, "to do, in progress, in progress, in review, in review, done, done"),
        (KANBAN, "selected for development, in progress, in progress, in progress, in progress, done, done"),
        (CLASSIC, "open, in progress, in progress, in progress, in progress, closed, closed"),
        (GERMAN, "zu erledigen, in arbeit, blocked, in arbeit, in arbeit, fertig, fertig"),
        (RICH, "to do, doing, on hold, peer review, peer review, done, won't do"),
    ],
)
def test_requests_are_shown_by_usual_names_else_by_category(statuses: list[StatusInfo], columns: str) -> None:
    todo, working, waiting, review, auditor, done, dropped = columns.split(", ")
    assert shown(Kind.REQUEST, statuses) == {
        "draft": todo,
        "open": todo,
        "returned": todo,
        "in_progress": working,
        "needs_clarification": waiting,
        "internal_review": review,
        "submitted": auditor,
        "accepted": done,
        "not_applicable": dropped,
        "withdrawn": dropped,
    }


@pytest.mark.parametrize(
    ("statuses", "columns"),
    [
        (FULL, "to do, in progress, blocked, in review, with auditor, with auditor, done, done"),
        (THREE, "to do, in progress, in progress, in progress, in progress, in progress, done, done"),
        (FOUR, "to do, in progress, in progress, in review, in review, in review, done, done"),
        (RICH, "to do, doing, on hold, peer review, approved, approved, done, won't do"),
    ],
)
def test_tasks_are_shown_by_usual_names_else_by_category(statuses: list[StatusInfo], columns: str) -> None:
    todo, working, blocked, review, approved, delivered, done, dropped = columns.split(", ")
    assert shown(Kind.TASK, statuses) == {
        "todo": todo,
        "changes_requested": todo,
        "in_progress": working,
        "blocked": blocked,
        "ready_for_review": review,
        "approved": approved,
        "delivered": delivered,
        "done": done,
        "cancelled": dropped,
    }


@pytest.mark.parametrize("name", list(ALL))
@pytest.mark.parametrize("kind", list(Kind))
def test_every_state_has_a_status_and_unsettled_states_are_never_shown_as_done(kind: Kind, name: str) -> None:
    status_map = build_status_map(kind, None, ALL[name])
    assert set(status_map.shown) == set(STATES[kind])
    settled = {"accepted", "not_applicable", "withdrawn", "done", "cancelled"}
    for state in STATES[kind]:
        assert status_map.agrees(state, status_map.abroad(state))
        assert status_map.is_done(status_map.abroad(state)) is (state in settled)


@pytest.mark.parametrize(
    ("kind", "status_id", "states"),
    [
        (Kind.REQUEST, "to do", ("open",)),
        (Kind.REQUEST, "in progress", ("in_progress",)),
        (Kind.REQUEST, "blocked", ("needs_clarification",)),
        (Kind.REQUEST, "in review", ("internal_review",)),
        (Kind.REQUEST, "with auditor", ("submitted",)),
        (Kind.REQUEST, "done", ("internal_review",)),
        (Kind.TASK, "to do", ("todo", "changes_requested")),
        (Kind.TASK, "in progress", ("in_progress", "changes_requested")),
        (Kind.TASK, "blocked", ("blocked",)),
        (Kind.TASK, "in review", ("ready_for_review",)),
        (Kind.TASK, "with auditor", ("approved", "ready_for_review")),
        (Kind.TASK, "done", ("approved", "ready_for_review")),
        (Kind.TASK, "somewhere new", ()),
    ],
)
def test_what_a_move_into_a_column_may_mean(kind: Kind, status_id: str, states: tuple[str, ...]) -> None:
    assert build_status_map(kind, None, FULL).candidates(status_id) == states


def test_without_a_column_for_the_auditor_a_reviewers_done_submits_what_is_in_review() -> None:
    status_map = build_status_map(Kind.REQUEST, None, THREE)
    assert status_map.candidates("done") == ("internal_review", "submitted")
    for roles, wanted in [(REVIEWER, True), (COORDINATOR, True), (OWNER, False), (OWNER | COORDINATOR, False)]:
        verdict = read_move(Kind.REQUEST, "internal_review", "done", status_map, roles, GENEROUS)
        assert verdict.is_allowed is wanted
        assert verdict.after == "submitted"


def test_a_status_that_shows_nothing_is_read_by_name_or_category_and_the_map_says_so() -> None:
    status_map = build_status_map(Kind.TASK, None, RICH)
    assert status_map.candidates("idea") == ("todo", "changes_requested")
    assert status_map.candidates("qa") == ("in_progress", "changes_requested")
    assert status_map.candidates("shipped") == ("approved", "ready_for_review")
    assert status_map.notes == (
        "Jira's 'Idea' is read as todo, changes_requested, by its category.",
        "Jira's 'QA' is read as in_progress, changes_requested, by its category.",
        "Jira's 'Shipped' is read as approved, ready_for_review, by its category.",
    )
    two_reviews = build_status_map(Kind.REQUEST, None, [*FULL, *project("Peer Review:i")])
    assert two_reviews.notes == ("Jira's 'Peer Review' is read as internal_review, by its name.",)


def test_a_card_may_stay_in_a_column_that_means_its_state_but_not_in_done() -> None:
    status_map = build_status_map(Kind.TASK, None, RICH)
    assert status_map.agrees("in_progress", "qa")
    assert not status_map.agrees("changes_requested", "qa")
    assert not status_map.agrees("approved", "shipped")
    assert not status_map.agrees("ready_for_review", "done")
    assert not status_map.agrees("todo", "somewhere new")


def test_won_t_do_cancels_a_task_for_the_coordinator_alone_and_says_nothing_of_a_request() -> None:
    tasks, requests = build_status_map(Kind.TASK, None, RICH), build_status_map(Kind.REQUEST, None, RICH)
    assert read_move(Kind.TASK, "todo", "won't do", tasks, COORDINATOR, GENEROUS).after == "cancelled"
    assert not read_move(Kind.TASK, "in_progress", "won't do", tasks, OWNER, GENEROUS).is_allowed
    for roles in (OWNER, COORDINATOR, AUDITOR):
        verdict = read_move(Kind.REQUEST, "submitted", "won't do", requests, roles, GENEROUS)
        assert not verdict.is_allowed
        assert "only an auditor does, on its evidence page" in verdict.why


@pytest.mark.parametrize(
    ("kind", "before", "status_id", "roles", "after"),
    [
        (Kind.TASK, "todo", "in progress", OWNER, "in_progress"),
        (Kind.TASK, "in_progress", "done", OWNER, "ready_for_review"),
        (Kind.TASK, "todo", "done", OWNER, "ready_for_review"),
        (Kind.TASK, "in_progress", "done", COORDINATOR, "ready_for_review"),
        (Kind.TASK, "in_progress", "with auditor", OWNER, "ready_for_review"),
        (Kind.TASK, "ready_for_review", "done", REVIEWER, "approved"),
        (Kind.TASK, "ready_for_review", "with auditor", REVIEWER, "approved"),
        (Kind.TASK, "ready_for_review", "to do", REVIEWER, "changes_requested"),
        (Kind.TASK, "ready_for_review", "in progress", REVIEWER, "changes_requested"),
        (Kind.TASK, "ready_for_review", "in progress", OWNER, "in_progress"),
        (Kind.TASK, "changes_requested", "in progress", OWNER, "in_progress"),
        (Kind.TASK, "in_progress", "to do", OWNER, "todo"),
        (Kind.TASK, "blocked", "in progress", OWNER, "in_progress"),
        (Kind.REQUEST, "open", "in progress", OWNER, "in_progress"),
        (Kind.REQUEST, "in_progress", "done", OWNER, "internal_review"),
        (Kind.REQUEST, "internal_review", "with auditor", REVIEWER, "submitted"),
        (Kind.REQUEST, "internal_review", "with auditor", COORDINATOR, "submitted"),
        (Kind.REQUEST, "submitted", "in progress", COORDINATOR, "in_progress"),
        (Kind.REQUEST, "open", "blocked", OWNER, "needs_clarification"),
    ],
)
def test_a_move_is_read_as_the_first_state_the_lifecycle_allows(
    kind: Kind, before: str, status_id: str, roles: frozenset[Role], after: str
) -> None:
    verdict = read_move(kind, before, status_id, build_status_map(kind, None, FULL), roles, GENEROUS)
    assert verdict.is_allowed, verdict.why
    assert verdict.after == after
    assert verdict.move is not None


@pytest.mark.parametrize(
    ("kind", "before", "status_id", "roles", "facts", "why"),
    [
        (Kind.TASK, "ready_for_review", "done", OWNER, GENEROUS, "Nobody reviews evidence that they own"),
        (Kind.TASK, "in_progress", "done", OWNER, Facts(), "a task needs attached evidence, or"),
        (
            Kind.TASK,
            "ready_for_review",
            "to do",
            REVIEWER,
            Facts(),
            "a task needs a reason, given first (in Jira by a comment).",
        ),
        (
            Kind.TASK,
            "delivered",
            "in progress",
            OWNER,
            GENEROUS,
            "from delivered to in progress: from there it goes to cancelled",
        ),
        (Kind.TASK, "todo", "moved in a new workflow", OWNER, GENEROUS, "is new to Tieout"),
        (Kind.REQUEST, "submitted", "done", AUDITOR, GENEROUS, "does not settle a request: only an auditor"),
        (Kind.REQUEST, "internal_review", "done", OWNER, GENEROUS, "does not settle a request: only an auditor"),
        (Kind.REQUEST, "submitted", "to do", OWNER, GENEROUS, "A request does not go from submitted to open"),
        (Kind.REQUEST, "in_progress", "with auditor", OWNER, GENEROUS, "Only the coordinator moves a request"),
    ],
)
def test_a_move_that_is_refused_gives_the_nearest_reason(
    kind: Kind, before: str, status_id: str, roles: frozenset[Role], facts: Facts, why: str
) -> None:
    verdict = read_move(kind, before, status_id, build_status_map(kind, None, FULL), roles, facts)
    assert not verdict.is_allowed
    assert why in verdict.why


def test_a_card_that_moves_within_its_state_changes_nothing() -> None:
    status_map = build_status_map(Kind.TASK, None, RICH)
    verdict = read_move(Kind.TASK, "in_progress", "qa", status_map, OWNER, Facts())
    assert (verdict.is_allowed, verdict.after, verdict.move) == (True, "in_progress", None)


@given(
    st.sampled_from(list(ALL)),
    st.sampled_from(list(RequestStatus)),
    st.frozensets(st.sampled_from(list(Role))),
    st.booleans(),
)
def test_nothing_done_in_jira_yields_an_auditors_decision(
    name: str, before: RequestStatus, roles: frozenset[Role], review: bool
) -> None:
    facts = replace(GENEROUS, internal_review=review)
    status_map = build_status_map(Kind.REQUEST, None, ALL[name])
    for status in ALL[name]:
        verdict = read_move(Kind.REQUEST, before, status.id, status_map, roles, facts)
        if verdict.is_allowed and verdict.after != before:
            assert verdict.after not in {"accepted", "returned", "not_applicable", "withdrawn"}


# --- the mapping file ---------------------------------------------------------------------------------------------


def test_names_in_the_mapping_file_win_in_any_case() -> None:
    names = StatusNames(
        request={"submitted": "qa", "open": "IDEA"}, task={"todo": "Idea"}, read_task={"qa": ("ready_for_review",)}
    )
    assert shown(Kind.REQUEST, RICH, names)["submitted"] == "qa"
    assert shown(Kind.REQUEST, RICH, names)["returned"] == "idea"
    tasks = build_status_map(Kind.TASK, names, RICH)
    assert tasks.abroad("todo") == "idea"
    assert tasks.candidates("qa") == ("ready_for_review",)
    assert tasks.agrees("ready_for_review", "qa")
    assert not any("QA" in note for note in tasks.notes)


def test_everything_wrong_with_a_map_is_told_at_once() -> None:
    names = StatusNames(
        request={"sent": "Done", "submitted": "Nowhere"},
        read_request={"Done": ("accepted",), "To Do": ("opened",), "Gone": ("open",)},
    )
    with pytest.raises(StatusMapProblem) as caught:
        build_status_map(Kind.REQUEST, names, project("To Do:n", "Done:d"))
    told = caught.value.messages
    assert len(told) == 6
    assert told[0].startswith("'sent' is not a state of a request: it has open, ")
    assert told[1] == (
        "submitted is to be shown as 'Nowhere', which is not there: the project has To Do (new), Done (done)"
    )
    assert told[2].startswith("no Jira status for in_progress: looked for In Progress, Doing, ")
    assert told[3] == "'Done' is to be read as accepted, which no move of a card in Jira may yield"
    assert told[4] == "'To Do' is to be read as 'opened', which is not a state of a request"
    assert told[5].startswith("'Gone' is to be read as open and is not there")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_project_without_statuses_is_a_problem_for_each_category(kind: Kind) -> None:
    with pytest.raises(StatusMapProblem, match="no status that Tieout can see") as caught:
        build_status_map(kind, None, [])
    assert len(caught.value.messages) == 3


@pytest.mark.parametrize("state", ["accepted", "returned", "not_applicable", "withdrawn"])
def test_no_setting_reads_an_auditors_decision_out_of_jira(state: str) -> None:
    with pytest.raises(StatusMapProblem, match="no move of a card in Jira may yield"):
        build_status_map(Kind.REQUEST, StatusNames(read_request={"Done": (state,)}), FULL)


def test_a_name_in_the_wrong_half_is_passed_over() -> None:
    statuses = [*THREE, *project("Approved:d", "Delivered:d")]
    assert shown(Kind.TASK, statuses)["approved"] == "in progress"
    tasks: StatusMap = build_status_map(Kind.TASK, None, statuses)
    assert tasks.candidates("approved") == ("approved", "ready_for_review")
