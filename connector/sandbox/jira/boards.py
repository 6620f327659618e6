"""Boards and sprints as values on the wire, who sees them, and which issues are on them.

A board is as visible as its filter. Its columns are the status categories, as on a new board.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import shares, views
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.query import prepare
from connector.sandbox.jira.jql.terms import Asker
from connector.sandbox.jira.model import CATEGORIES
from connector.sandbox.jira.paging import read_token, write_token
from connector.sandbox.jira.permissions import browsable
from connector.sandbox.jira.records import Board, Filter, Issue, Sprint
from connector.sandbox.jira.setup import FLAGGED
from connector.sandbox.jira.viewer import Viewer, viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call

Item = TypeVar("Item")
AGILE = "/rest/agile/1.0"
SOFTWARE = "/rest/software/1.0"
"""Where lists of issues are paged by token."""
NO_BOARD = "Board does not exist or you do not have permission to see it."
NO_SPRINT = "Sprint does not exist or you do not have permission to see it."
NO_FILTER = "The requested filter either does not exist or you do not have permission to see it."
COLUMNS = ("new", "indeterminate", "done")


def visible_board(call: Call, board_id: str) -> Board:
    """A board whose filter the caller can see; 404 otherwise."""
    board = call.site.jira.boards.get(board_id)
    if board is None or not sees(call, board):
        raise jira_error(404, NO_BOARD)
    return board


def visible_sprint(call: Call, sprint_id: str) -> Sprint:
    sprint = call.site.jira.sprints.get(sprint_id)
    board = call.site.jira.boards.get(sprint.board_id) if sprint else None
    if sprint is None or board is None or not sees(call, board):
        raise jira_error(404, NO_SPRINT)
    return sprint


def visible_filter(call: Call, filter_id: str) -> Filter:
    found = call.site.jira.filters.get(filter_id)
    if found is None or not shares.may_see(call.site, found.owner_id, found.shares, call.actor):
        raise jira_error(400, NO_FILTER)
    return found


def sees(call: Call, board: Board) -> bool:
    held = call.site.jira.filters.get(board.filter_id)
    return held is not None and shares.may_see(call.site, held.owner_id, held.shares, call.actor)


def issues(call: Call, board: Board) -> list[Issue]:
    """What the board's filter and the call's own `jql` find, as the filter orders it, else as they were made."""
    site, jql = call.site, call.query.get("jql", "")
    asker = Asker(site, call.actor, site.now())
    try:
        queries = [prepare(text, asker) for text in (site.jira.filters[board.filter_id].jql, jql) if text.strip()]
    except JqlError as error:
        raise jira_error(400, str(error)) from error
    visible = {project.project_id for project in browsable(site, call.actor)}
    found = [
        document
        for document in site.jira.index.documents(site.now())
        if document.values["project"] in visible and all(query.matches(document) for query in queries)
    ]
    ordered = next((query.sorted(found) for query in reversed(queries) if query.is_ordered), found)
    return [site.jira.issues[one.issue_id] for one in ordered if one.issue_id in site.jira.issues]


def page(call: Call, found: Sequence[Item], bean: Callable[[Item], Any]) -> Answer:
    """A page of boards, sprints or projects: this API names no addresses in it, as others do."""
    start, size = call.query_int("startAt", 0), call.query_int("maxResults", 50, 50)
    shown = found[start : start + size]
    told = {"startAt": start, "maxResults": size, "total": len(found), "isLast": start + len(shown) >= len(found)}
    return Answer(200, {**told, "values": [bean(one) for one in shown]})


def page_of_issues(call: Call, found: Iterable[Issue]) -> Answer:
    """A page by startAt and maxResults, or by token where the call came by the newer address."""
    wanted, size = list(found), call.query_int("maxResults", 50, 1000)
    by_token = call.route.template.startswith(SOFTWARE)
    start = read_token(call.query.get("nextPageToken")) if by_token else call.query_int("startAt", 0)
    shown = [issue_bean(call, issue) for issue in wanted[start : start + size]]
    answer: dict[str, Any] = {"expand": "schema,names", "issues": shown}
    if not by_token:
        return Answer(200, {**answer, "startAt": start, "maxResults": size, "total": len(wanted)})
    answer["isLast"] = start + size >= len(wanted)
    if not answer["isLast"]:
        answer["nextPageToken"] = write_token(start + size)
    return Answer(200, answer)


def issue_bean(call: Call, issue: Issue) -> dict[str, Any]:
    """An issue with what Jira Software adds: its sprints and whether it is flagged."""
    viewer = _agile_viewer(call)
    selection = views.select(call.query_list("fields"), "*navigable")
    bean = views.bean(viewer, issue, selection, expand=call.query_list("expand"))
    bean["self"] = f"{_api(call)}/issue/{issue.issue_id}"
    sprints = [one for one in call.site.jira.sprints.values() if issue.issue_id in one.issue_ids]
    added = {
        "flagged": bool(issue.values.get(FLAGGED)),
        "sprint": next((sprint_bean(call, one) for one in sprints if one.state != "closed"), None),
        "closedSprints": [sprint_bean(call, one) for one in sprints if one.state == "closed"],
    }
    shown = added if selection.everything or selection.navigable else added.keys() & {*selection.named}
    bean["fields"] |= {name: added[name] for name in shown}
    return bean


def board_bean(call: Call, board: Board) -> dict[str, Any]:
    bean = short_board_bean(call, board) | {"type": board.kind}
    project = call.site.jira.projects.get(board.project_id or "")
    if project is not None:
        bean["location"] = {
            "projectId": int(project.project_id),
            "displayName": f"{project.name} ({project.key})",
            "projectName": project.name,
            "projectKey": project.key,
            "projectTypeKey": project.type_key,
            "name": f"{project.name} ({project.key})",
        }
    return bean


def short_board_bean(call: Call, board: Board) -> dict[str, Any]:
    """The form in which a filter's boards are listed."""
    return {"id": int(board.board_id), "self": f"{_api(call)}/board/{board.board_id}", "name": board.name}


def configuration(call: Call, board: Board) -> dict[str, Any]:
    """The board's columns with their statuses, and its filter."""
    viewer, statuses = _agile_viewer(call), call.site.jira.statuses.values()
    columns = [
        {
            "name": CATEGORIES[category].name,
            "statuses": [
                {"id": one.status_id, "self": f"{viewer.api}/status/{one.status_id}"}
                for one in statuses
                if one.category == category
            ],
        }
        for category in COLUMNS
    ]
    return {
        "id": int(board.board_id),
        "name": board.name,
        "type": board.kind,
        "self": f"{_api(call)}/board/{board.board_id}/configuration",
        "filter": {"id": board.filter_id, "self": f"{viewer.api}/filter/{board.filter_id}"},
        "columnConfig": {"columns": columns, "constraintType": "none"},
        "ranking": {"rankCustomFieldId": 10019},
    }


def sprint_bean(call: Call, sprint: Sprint) -> dict[str, Any]:
    moments = {
        "startDate": sprint.start_at,
        "endDate": sprint.end_at,
        "completeDate": sprint.complete_at,
        "createdDate": sprint.created_at,
    }
    told = {name: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z" for name, moment in moments.items() if moment}
    return {
        "id": int(sprint.sprint_id),
        "self": f"{_api(call)}/sprint/{sprint.sprint_id}",
        "state": sprint.state,
        "name": sprint.name,
        **told,
        "originBoardId": int(sprint.board_id),
        "goal": sprint.goal,
    }


def take_out(site: Site, issue_ids: Iterable[str]) -> None:
    """To the backlog: out of every sprint that is not closed."""
    gone = set(issue_ids)
    for sprint in site.jira.sprints.values():
        if sprint.state != "closed":
            sprint.issue_ids = {one: None for one in sprint.issue_ids if one not in gone}


def _agile_viewer(call: Call) -> Viewer:
    usual = viewer_of(call)
    return Viewer(usual.site, usual.actor, 2, usual.root)


def _api(call: Call) -> str:
    return (viewer_of(call).root or call.site.base_url) + AGILE
