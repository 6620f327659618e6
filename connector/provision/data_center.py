"""What can be looked at on Jira Data Center of what is set up there by hand: the dashboards that the account sees."""

from __future__ import annotations

from connector.session import Wire

PAGE_SIZE = 100


def dashboard_names(wire: Wire) -> frozenset[str]:
    """The names of all dashboards that the account sees."""
    names: set[str] = set()
    start = 0
    while True:
        page = wire.get("/rest/api/2/dashboard", params={"startAt": start, "maxResults": PAGE_SIZE})
        names |= {str(bean["name"]) for bean in page["dashboards"]}
        start += len(page["dashboards"])
        if not page["dashboards"] or start >= int(page["total"]):
            return frozenset(names)
