"""Dashboards as state: found for who may see them, and the gadgets there are to put on them."""

from connector.sandbox.answers import jira_error
from connector.sandbox.jira import shares
from connector.sandbox.jira.records import Dashboard, Gadget
from connector.sandbox.wire import Call

NOT_FOUND = (
    "The dashboard you requested either does not exist or you don't have the required permissions to perform "
    "this action."
)
_PREFIX = "rest/gadgets/1.0/g/com.atlassian.jira.gadgets:"

BUILT_IN: tuple[tuple[str, str], ...] = (
    ("Filter Results", "filter-results-gadget/gadgets/filter-results-gadget.xml"),
    ("Pie Chart", "pie-chart-gadget/gadgets/piechart-gadget.xml"),
    ("Issue Statistics", "stats-gadget/gadgets/stats-gadget.xml"),
    (
        "Two Dimensional Filter Statistics",
        "two-dimensional-stats-gadget/gadgets/two-dimensional-stats-gadget.xml",
    ),
    (
        "Created vs. Resolved Chart",
        "created-vs-resolved-issues-chart-gadget/gadgets/created-vs-resolved-issues-chart-gadget.xml",
    ),
    ("Average Age Chart", "average-age-chart-gadget/gadgets/average-age-gadget.xml"),
    ("Assigned to Me", "assigned-to-me-gadget/gadgets/assigned-to-me-gadget.xml"),
)
GADGETS: tuple[dict[str, str], ...] = tuple({"title": title, "uri": _PREFIX + uri} for title, uri in BUILT_IN)
URIS = frozenset(gadget["uri"] for gadget in GADGETS)
COLORS = ("blue", "red", "yellow", "green", "cyan", "purple", "gray", "white")
GADGETS_MAX = 20


def visible(call: Call, dashboard_id: str) -> Dashboard:
    """A dashboard the caller can see; 404 otherwise."""
    found = call.site.jira.dashboards.get(dashboard_id)
    if found is None or not shares.may_see(call.site, found.owner_id, found.shares, call.actor):
        raise jira_error(404, NOT_FOUND)
    return found


def editable(call: Call, dashboard_id: str) -> Dashboard:
    """A dashboard the caller can change: the owner, and those it is shared with for editing."""
    found = visible(call, dashboard_id)
    if not shares.may_see(call.site, found.owner_id, found.edit_shares, call.actor):
        raise jira_error(404, NOT_FOUND)
    return found


def find_gadget(call: Call, item_id: str) -> Gadget:
    """A gadget on the call's dashboard; 404 otherwise, and for a write unless the caller may edit."""
    find = editable if call.is_write else visible
    for gadget in find(call, call.params["dashboard_id"]).gadgets:
        if str(gadget.gadget_id) == item_id:
            return gadget
    raise jira_error(404, "The dashboard item was not found.")
