"""Projects and their boards: look, filter, move a card by drag or by its menu, create an issue."""

from urllib.parse import quote

from connector.sandbox.answers import Answer, redirect
from connector.sandbox.jira import adf
from connector.sandbox.jira.model import Project
from connector.sandbox.jira.permissions import browsable, may, may_browse
from connector.sandbox.pages import board
from connector.sandbox.pages.acting import NO_JIRA, TurnedAwayError
from connector.sandbox.pages.board import Move, Sieve
from connector.sandbox.pages.visits import Visit, visited
from connector.sandbox.wire import Routes

ROUTES = Routes("pages")


@ROUTES.get("/jira")
@ROUTES.get("/jira/projects")
@visited
def projects(visit: Visit) -> Answer:
    """The projects a person sees, with how much is open in each."""
    if not visit.person.has_jira:
        raise TurnedAwayError(403, NO_JIRA)
    site = visit.site
    rows = []
    for project in browsable(site, visit.person):
        categories = [site.jira.statuses[one.status_id].category for one in board.issues_of(site, project)]
        open_count = sum(category != "done" for category in categories)
        rows.append((project, site.accounts.get(project.lead_id), open_count, len(categories)))
    return visit.show("projects.html", rows=rows)


@ROUTES.get("/jira/board/<project>")
@ROUTES.get("/jira/software/projects/<project>/boards")
@ROUTES.get("/projects/<project>")
@visited
def show_board(visit: Visit) -> Answer:
    return _board(visit, project_of(visit, visit.param("project")))


@ROUTES.post("/jira/board/<project>/move")
@visited
def move_card(visit: Visit) -> Answer:
    """`issue` goes by `transition`, or to the `status` it was dropped on; a transition with a screen is asked first."""
    project = project_of(visit, visit.param("project"))
    key = visit.form.get("issue", "")
    try:
        chosen = _chosen_move(visit, key)
        if chosen.asks:
            return redirect(f"/browse/{quote(key)}/transition/{chosen.transition_id}?back={quote(visit.here, safe='')}")
        visit.act("POST", f"/rest/api/3/issue/{key}/transitions", {"transition": {"id": chosen.transition_id}})
    except TurnedAwayError as away:
        return _board(visit, project, problem=away)
    return redirect(visit.here)


@ROUTES.post("/jira/board/<project>/create")
@visited
def create_issue(visit: Visit) -> Answer:
    """A new issue from `type`, `summary`, `description`, `labels` and, where given, `assignee` and `duedate`."""
    project = project_of(visit, visit.param("project"))
    form = visit.form
    fields: dict[str, object] = {
        "project": {"id": project.project_id},
        "issuetype": {"id": form.get("type", "")},
        "summary": form.get("summary", ""),
        "labels": form.get("labels", "").split(),
    }
    if form.get("description", "").strip():
        fields["description"] = adf.from_text(form["description"].replace("\r\n", "\n"))
    if form.get("assignee"):
        fields["assignee"] = {"accountId": form["assignee"]}
    if form.get("duedate"):
        fields["duedate"] = form["duedate"]
    if form.get("parent", "").strip():
        fields["parent"] = {"key": form["parent"].strip()}
    try:
        visit.act("POST", "/rest/api/3/issue", {"fields": fields})
    except TurnedAwayError as away:
        return _board(visit, project, problem=away)
    return redirect(visit.here)


def project_of(visit: Visit, key: str) -> Project:
    """A project the person sees; TurnedAwayError otherwise."""
    if not visit.person.has_jira:
        raise TurnedAwayError(403, NO_JIRA)
    found = visit.site.jira.project(key)
    if found is None or not may_browse(visit.person, found):
        raise TurnedAwayError(404, f"There is no project {key}, or you may not see it.")
    return found


def _board(visit: Visit, project: Project, problem: TurnedAwayError | None = None) -> Answer:
    site, query = visit.site, visit.call.query
    sieve = Sieve(query.get("assignee", ""), query.get("label", ""), query.get("words", ""))
    columns = board.columns(site, visit.person, project, sieve, visit.today)
    return visit.show(
        "board.html",
        status=problem.status if problem else 200,
        problem=problem.message if problem else "",
        project=project,
        projects=browsable(site, visit.person),
        columns=columns,
        can_move=any(card.moves for column in columns for card in column.cards),
        sieve=sieve,
        assignees=board.assignees(site, project),
        labels=board.labels(site, project),
        types=[site.jira.types[type_id] for type_id in project.type_ids],
        assignable=[one for one in site.accounts.values() if one.active and may(one, project, "ASSIGNABLE_USER")],
        may_create=may(visit.person, project, "CREATE_ISSUES"),
    )


def _chosen_move(visit: Visit, key: str) -> Move:
    site, issue = visit.site, visit.site.jira.issue(key)
    if issue is None or not may_browse(visit.person, site.jira.projects[issue.project_id]):
        raise TurnedAwayError(404, f"There is no issue {key}, or you may not see it.")
    ways = board.moves(site, visit.person, issue)
    transition_id, status_id = visit.form.get("transition"), visit.form.get("status")
    for way in ways:
        if way.transition_id == transition_id or (not transition_id and way.target.status_id == status_id):
            return way
    now = site.jira.statuses[issue.status_id].name
    names = ", ".join(way.target.name for way in ways) or "nothing else"
    raise TurnedAwayError(400, f"{issue.key} cannot go there from {now}. It can go to: {names}.")
