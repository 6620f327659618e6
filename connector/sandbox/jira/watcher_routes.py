"""Who watches an issue."""

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access
from connector.sandbox.jira.permissions import may, may_browse
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

PATH = "/rest/api/3/issue/<id_or_key>/watchers"


@ROUTES.get(PATH)
def get_watchers(_site: Site, call: Call) -> Answer:
    """Without the permission to view watchers, the count and the caller only."""
    issue = access.visible_issue(call, call.params["id_or_key"])
    viewer = viewer_of(call)
    sees_all = may(call.actor, access.project_of(call, issue), "VIEW_VOTERS_AND_WATCHERS")
    shown = [one for one in issue.watchers if sees_all or (call.actor and one == call.actor.account_id)]
    return Answer(
        200,
        {
            "self": f"{viewer.api}/issue/{issue.key}/watchers",
            "isWatching": call.actor is not None and call.actor.account_id in issue.watchers,
            "watchCount": len(issue.watchers),
            "watchers": [viewer.user(account_id) for account_id in shown],
        },
    )


@ROUTES.post(PATH)
def add_watcher(site: Site, call: Call) -> Answer:
    """The body is an account id as a JSON string; without one the caller starts to watch."""
    issue = access.visible_issue(call, call.params["id_or_key"])
    actor = call.account()
    wanted = call.json() or actor.account_id
    if not isinstance(wanted, str):
        raise jira_error(400, "The account ID must be a JSON string.")
    account = site.accounts.get(wanted)
    if account is None or not may_browse(account, access.project_of(call, issue)):
        raise jira_error(404, f"The user '{wanted}' does not exist or cannot view this issue.")
    if account is not actor:
        access.require(call, issue, "MANAGE_WATCHERS", "You do not have permission to manage the watcher list.")
    issue.watchers[account.account_id] = None
    return Answer(204)


@ROUTES.delete(PATH)
def remove_watcher(site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    wanted = call.query.get("accountId")
    if not wanted:
        raise jira_error(400, "The accountId query parameter is required.")
    if wanted not in site.accounts:
        raise jira_error(404, f"The user '{wanted}' does not exist.")
    if wanted != call.account().account_id:
        access.require(call, issue, "MANAGE_WATCHERS", "You do not have permission to manage the watcher list.")
    issue.watchers.pop(wanted, None)
    return Answer(204)
