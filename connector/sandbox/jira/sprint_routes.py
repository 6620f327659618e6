"""Sprints of scrum boards: planned, started, closed, and what is in them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, boards, bodies, events
from connector.sandbox.jira.boards import AGILE, SOFTWARE
from connector.sandbox.jira.records import Issue, Sprint
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

SPRINT = f"{AGILE}/sprint/<sprint_id>"
NAMES = "completeDate createdDate endDate goal id name originBoardId self startDate state"
MOVED_MAX = 50
NEXT = {"future": "active", "active": "closed"}
TOLD = {"active": "started", "closed": "closed"}


@ROUTES.post(f"{AGILE}/sprint", takes="endDate goal name originBoardId startDate")
def create_sprint(site: Site, call: Call) -> Answer:
    body = call.json_object()
    board = boards.visible_board(call, bodies.one_id(body, "originBoardId"))
    if board.kind != "scrum":
        raise jira_error(400, "Sprints can only be created on a scrum board.")
    made = Sprint(str(site.next_id("sprint")), board.board_id, _name(body), site.now())
    _fill(made, body)
    site.jira.sprints[made.sprint_id] = made
    _tell(call, "sprint_created", made)
    return Answer(201, boards.sprint_bean(call, made))


@ROUTES.get(SPRINT, anonymous=False)
def get_sprint(_site: Site, call: Call) -> Answer:
    return Answer(200, boards.sprint_bean(call, _sprint(call)))


@ROUTES.post(SPRINT, takes=NAMES)
def update_sprint(site: Site, call: Call) -> Answer:
    """What is given is changed; of a closed sprint only its name and goal."""
    return _changed(site, call, {"name": _sprint(call).name, **call.json_object()})


@ROUTES.put(SPRINT, takes=NAMES)
def replace_sprint(site: Site, call: Call) -> Answer:
    """ "Any fields not present in the request JSON will be set to null", but for the name, which must be there."""
    return _changed(site, call, {"startDate": None, "endDate": None, "goal": None, **call.json_object()})


@ROUTES.delete(SPRINT)
def delete_sprint(site: Site, call: Call) -> Answer:
    """Its open issues are in the backlog then."""
    sprint = _sprint(call)
    del site.jira.sprints[sprint.sprint_id]
    _tell(call, "sprint_deleted", sprint)
    return Answer(204)


@ROUTES.get(f"{SPRINT}/issue", anonymous=False)
@ROUTES.get(f"{SOFTWARE}/sprint/<sprint_id>/issue", anonymous=False)
def issues_of_sprint(site: Site, call: Call) -> Answer:
    held = [site.jira.issues[one] for one in _sprint(call).issue_ids if one in site.jira.issues]
    seen = [issue for issue in held if access.find_issue(site, call.actor, issue.issue_id)]
    return boards.page_of_issues(call, seen)


@ROUTES.post(f"{SPRINT}/issue", takes="issues rankAfterIssue rankBeforeIssue rankCustomFieldId")
def move_to_sprint(site: Site, call: Call) -> Answer:
    sprint, moved = _sprint(call), _moved(call)
    if sprint.state == "closed":
        raise jira_error(400, "Issues can only be moved to open or active sprints.")
    boards.take_out(site, (issue.issue_id for issue in moved))
    sprint.issue_ids |= {issue.issue_id: None for issue in moved}
    return Answer(204)


@ROUTES.post(f"{AGILE}/backlog/issue", takes="issues")
def move_to_backlog(site: Site, call: Call) -> Answer:
    boards.take_out(site, (issue.issue_id for issue in _moved(call)))
    return Answer(204)


def _sprint(call: Call) -> Sprint:
    return boards.visible_sprint(call, call.params["sprint_id"])


def _said(sprint: Sprint) -> tuple[object, ...]:
    return sprint.name, sprint.goal, sprint.start_at, sprint.end_at


def _tell(call: Call, event: str, sprint: Sprint) -> None:
    events.software_event(call.site, event, "sprint", boards.sprint_bean(call, sprint))


def _changed(site: Site, call: Call, body: Mapping[str, Any]) -> Answer:
    """All of it or, where any of it is refused, nothing."""
    before = _sprint(call)
    sprint = replace(before, name=_name(body))
    fixed = ("startDate", "endDate") if sprint.state == "closed" else ()
    _fill(sprint, {name: value for name, value in body.items() if name not in fixed})
    _go(site, sprint, bodies.text(body, "state", sprint.state))
    site.jira.sprints[sprint.sprint_id] = sprint
    if _said(sprint) != _said(before):
        _tell(call, "sprint_updated", sprint)
    if sprint.state != before.state:
        _tell(call, f"sprint_{TOLD[sprint.state]}", sprint)
    return Answer(200, boards.sprint_bean(call, sprint))


def _moved(call: Call) -> list[Issue]:
    wanted = bodies.strings(call.json_object(), "issues")
    if not wanted or len(wanted) > MOVED_MAX:
        raise jira_error(400, f"1 to {MOVED_MAX} issues can be moved at a time.")
    found = [access.visible_issue(call, ref) for ref in wanted]
    for issue in found:
        access.require(call, issue, "SCHEDULE_ISSUES", "You do not have permission to schedule issues.")
    return found


def _name(body: Mapping[str, Any]) -> str:
    name = bodies.text(body, "name").strip()
    if not name:
        raise jira_error(400, errors={"name": "You must specify a sprint name."})
    return name


def _fill(sprint: Sprint, body: Mapping[str, Any]) -> None:
    sprint.goal = bodies.text(body, "goal") if "goal" in body else sprint.goal
    start = _moment(body, "startDate") if "startDate" in body else sprint.start_at
    end = _moment(body, "endDate") if "endDate" in body else sprint.end_at
    if start and end and end <= start:
        raise jira_error(400, errors={"endDate": "The end date of a sprint must be after the start date."})
    sprint.start_at, sprint.end_at = start, end


def _go(site: Site, sprint: Sprint, state: str) -> None:
    """From future to active, with dates; from active to closed. Nothing else."""
    if state == sprint.state:
        return
    if NEXT.get(sprint.state) != state:
        raise jira_error(400, f"A sprint in the state {sprint.state} cannot be updated to {state}.")
    if state == "active" and not (sprint.start_at and sprint.end_at):
        raise jira_error(400, "A sprint needs a start and an end date to be started.")
    sprint.state = "active" if state == "active" else "closed"
    sprint.complete_at = site.now() if state == "closed" else None


def _moment(body: Mapping[str, Any], name: str) -> datetime | None:
    text = bodies.text(body, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise jira_error(400, errors={name: f"'{text}' is no date in ISO 8601."}) from None
    if moment.tzinfo is None:
        raise jira_error(400, errors={name: f"'{text}' has no time zone."})
    return moment
