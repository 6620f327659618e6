"""Jira Software's boards, as far as clients read them and make them over a filter."""

from collections.abc import Mapping
from typing import Literal

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, beans, boards, bodies, events
from connector.sandbox.jira.boards import AGILE, SOFTWARE
from connector.sandbox.jira.permissions import may_globally
from connector.sandbox.jira.records import Board, Issue
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

NAME_MAX = 255
KINDS: dict[str, Literal["kanban", "scrum"]] = {"kanban": "kanban", "scrum": "scrum"}
NO_SPRINTS = "The board does not support sprints"


@ROUTES.get(f"{AGILE}/board", anonymous=False)
def list_boards(site: Site, call: Call) -> Answer:
    wanted = call.query.get("name", "").casefold()
    kinds, filter_id = call.query_list("type"), call.query.get("filterId")
    found = [
        board
        for board in site.jira.boards.values()
        if boards.sees(call, board)
        and wanted in board.name.casefold()
        and (not kinds or board.kind in kinds)
        and (not filter_id or board.filter_id == filter_id)
    ]
    ref = call.query.get("projectKeyOrId")
    if ref:
        project_id = access.visible_project(call, ref).project_id
        found = [board for board in found if board.project_id == project_id]
    return _page(call, found)


@ROUTES.get(f"{AGILE}/board/filter/<filter_id>", anonymous=False)
def boards_of_filter(site: Site, call: Call) -> Answer:
    held = boards.visible_filter(call, call.params["filter_id"])
    found = [board for board in site.jira.boards.values() if board.filter_id == held.filter_id]
    return boards.page(call, found, lambda board: boards.short_board_bean(call, board))


@ROUTES.post(f"{AGILE}/board", takes="filterId location name type")
def create_board(site: Site, call: Call) -> Answer:
    body, actor = call.json_object(), call.account()
    name, kind = bodies.text(body, "name").strip(), KINDS.get(bodies.text(body, "type"))
    if not name or len(name) >= NAME_MAX:
        raise jira_error(400, errors={"name": f"The board name must have 1 to {NAME_MAX - 1} characters."})
    if kind is None:
        raise jira_error(400, errors={"type": "The board type must be one of scrum, kanban."})
    if not may_globally(actor, "CREATE_SHARED_OBJECTS"):
        raise jira_error(403, "You do not have permission to create boards.")
    held = boards.visible_filter(call, bodies.one_id(body, "filterId"))
    made = Board(str(site.next_id("board")), name, kind, held.filter_id, actor.account_id, _location(call, body))
    site.jira.boards[made.board_id] = made
    _tell(call, "board_created", made)
    return Answer(201, boards.board_bean(call, made))


@ROUTES.get(f"{AGILE}/board/<board_id>", anonymous=False)
def get_board(_site: Site, call: Call) -> Answer:
    return Answer(200, boards.board_bean(call, _board(call)))


@ROUTES.delete(f"{AGILE}/board/<board_id>")
def delete_board(site: Site, call: Call) -> Answer:
    """With its sprints; the issues and the filter stay."""
    board = _board(call)
    if board.owner_id != call.account().account_id and not may_globally(call.actor, "ADMINISTER"):
        raise jira_error(403, "You do not have permission to delete this board.")
    del site.jira.boards[board.board_id]
    _tell(call, "board_deleted", board)
    for sprint in [one for one in site.jira.sprints.values() if one.board_id == board.board_id]:
        del site.jira.sprints[sprint.sprint_id]
    return Answer(204)


@ROUTES.get(f"{AGILE}/board/<board_id>/configuration", anonymous=False)
def get_configuration(_site: Site, call: Call) -> Answer:
    return Answer(200, boards.configuration(call, _board(call)))


@ROUTES.get(f"{AGILE}/board/<board_id>/issue", anonymous=False)
@ROUTES.get(f"{SOFTWARE}/board/<board_id>/issue", anonymous=False)
def issues_of_board(_site: Site, call: Call) -> Answer:
    return boards.page_of_issues(call, boards.issues(call, _board(call)))


@ROUTES.get(f"{SOFTWARE}/board/<board_id>/issue/approximate-count", anonymous=False)
def count_issues(_site: Site, call: Call) -> Answer:
    return Answer(200, {"count": len(boards.issues(call, _board(call)))})


@ROUTES.get(f"{AGILE}/board/<board_id>/backlog", anonymous=False)
@ROUTES.get(f"{SOFTWARE}/board/<board_id>/backlog", anonymous=False)
def backlog(_site: Site, call: Call) -> Answer:
    return boards.page_of_issues(call, _backlog(call))


@ROUTES.get(f"{SOFTWARE}/board/<board_id>/backlog/approximate-count", anonymous=False)
def count_backlog(_site: Site, call: Call) -> Answer:
    return Answer(200, {"count": len(_backlog(call))})


@ROUTES.get(f"{AGILE}/board/<board_id>/project", anonymous=False)
def projects_of_board(site: Site, call: Call) -> Answer:
    """Those of its issues; the real one also knows what its filter names."""
    ids = {issue.project_id for issue in boards.issues(call, _board(call))}
    found = sorted((site.jira.projects[one] for one in ids), key=lambda project: project.name)
    viewer = viewer_of(call)
    return boards.page(call, found, lambda project: beans.project(viewer, project))


@ROUTES.get(f"{AGILE}/board/<board_id>/sprint", anonymous=False)
def sprints_of_board(site: Site, call: Call) -> Answer:
    board, states = _board(call), call.query_list("state")
    if board.kind != "scrum":
        raise jira_error(400, NO_SPRINTS)
    found = [one for one in site.jira.sprints.values() if one.board_id == board.board_id]
    shown = [one for one in found if not states or one.state in states]
    return boards.page(call, shown, lambda sprint: boards.sprint_bean(call, sprint))


@ROUTES.get(f"{AGILE}/board/<board_id>/sprint/<sprint_id>/issue", anonymous=False)
@ROUTES.get(f"{SOFTWARE}/board/<board_id>/sprint/<sprint_id>/issue", anonymous=False)
def issues_of_sprint_on_board(_site: Site, call: Call) -> Answer:
    sprint = boards.visible_sprint(call, call.params["sprint_id"])
    found = boards.issues(call, _board(call))
    return boards.page_of_issues(call, (one for one in found if one.issue_id in sprint.issue_ids))


@ROUTES.get(f"{AGILE}/issue/<id_or_key>", anonymous=False)
def get_issue(_site: Site, call: Call) -> Answer:
    return Answer(200, boards.issue_bean(call, access.visible_issue(call, call.params["id_or_key"])))


def _board(call: Call) -> Board:
    return boards.visible_board(call, call.params["board_id"])


def _tell(call: Call, event: str, board: Board) -> None:
    bean = boards.short_board_bean(call, board) | {"type": board.kind}
    events.software_event(call.site, event, "board", bean)


def _page(call: Call, found: list[Board]) -> Answer:
    return boards.page(call, found, lambda board: boards.board_bean(call, board))


def _location(call: Call, body: Mapping[str, object]) -> str | None:
    """The id of the project a board is to stand in; None for a person's own."""
    given = bodies.known(bodies.part(body, "location"), "projectKeyOrId type")
    kind = given.get("type", "user")
    if kind not in ("project", "user"):
        raise jira_error(400, errors={"location": "The location type must be one of project, user."})
    if kind == "user":
        return None
    return access.visible_project(call, str(given.get("projectKeyOrId") or "")).project_id


def _backlog(call: Call) -> list[Issue]:
    """Issues that are not done and in no sprint that is planned or under way."""
    jira = call.site.jira
    planned = {one for sprint in jira.sprints.values() if sprint.state != "closed" for one in sprint.issue_ids}
    return [
        issue
        for issue in boards.issues(call, _board(call))
        if issue.issue_id not in planned and jira.statuses[issue.status_id].category != "done"
    ]
