"""Dashboards with their gadgets, and lists of issues by query or saved filter."""

from connector.sandbox.answers import Answer
from connector.sandbox.jira import shares
from connector.sandbox.pages import board, gadgets
from connector.sandbox.pages.acting import NO_JIRA, TurnedAwayError
from connector.sandbox.pages.visits import Visit, visited
from connector.sandbox.wire import Routes

ROUTES = Routes("pages")
SHOWN_MAX = 500


@ROUTES.get("/jira/dashboards")
@visited
def dashboards(visit: Visit) -> Answer:
    """The dashboards and filters a person sees."""
    _require_seat(visit)
    jira, site, person = visit.site.jira, visit.site, visit.person
    return visit.show(
        "dashboards.html",
        dashboards=[one for one in jira.dashboards.values() if shares.may_see(site, one.owner_id, one.shares, person)],
        filters=[one for one in jira.filters.values() if shares.may_see(site, one.owner_id, one.shares, person)],
        owners=site.accounts,
    )


@ROUTES.get("/jira/dashboards/<dashboard_id>")
@visited
def dashboard(visit: Visit) -> Answer:
    _require_seat(visit)
    found = visit.site.jira.dashboards.get(visit.param("dashboard_id"))
    if found is None or not shares.may_see(visit.site, found.owner_id, found.shares, visit.person):
        raise TurnedAwayError(404, "There is no such dashboard, or you may not see it.")
    ordered = sorted(found.gadgets, key=lambda one: (one.row, one.column))
    return visit.show("dashboard.html", dashboard=found, gadgets=[gadgets.drawn(visit, one) for one in ordered])


@ROUTES.get("/issues")
@visited
def issues(visit: Visit) -> Answer:
    """The issues of `jql`, or of the saved `filter`."""
    _require_seat(visit)
    query = visit.call.query
    saved = visit.site.jira.filters.get(query.get("filter", ""))
    jql = gadgets.filter_jql(visit, query["filter"]) if query.get("filter") else query.get("jql", "")
    try:
        found = gadgets.search(visit, jql, SHOWN_MAX) if jql else []
    except TurnedAwayError as away:
        return visit.show("issues.html", status=away.status, problem=away.message, jql=jql, name="", cards=[])
    cards = [board.card(visit.site, issue, visit.today) for issue in found]
    return visit.show("issues.html", problem="", jql=jql, name=saved.name if saved else "", cards=cards)


def _require_seat(visit: Visit) -> None:
    if not visit.person.has_jira:
        raise TurnedAwayError(403, NO_JIRA)
