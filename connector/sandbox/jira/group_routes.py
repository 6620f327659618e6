"""Groups of accounts. A group's id is its name here; on the real site the two differ."""

from connector.sandbox.answers import Answer
from connector.sandbox.jira import access
from connector.sandbox.jira.paging import page
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")


@ROUTES.get("/rest/api/3/group/bulk", anonymous=False)
def groups(site: Site, call: Call) -> Answer:
    """The groups of the names or ids given, or all; needs administration."""
    access.require_admin(call)
    wanted = {*call.query_list("groupName"), *call.query_list("groupId")}
    names = sorted({name for account in site.accounts.values() for name in account.groups})
    found = [name for name in names if not wanted or name in wanted]
    return page(call, found, lambda name: {"name": name, "groupId": name})
