"""People: oneself, others by account id, and search that shows only what people let others see."""

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access
from connector.sandbox.jira.model import Project
from connector.sandbox.jira.paging import page
from connector.sandbox.jira.permissions import is_assignable, may_globally
from connector.sandbox.jira.viewer import Viewer, viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

LOCALE = "en_US"


@ROUTES.get("/rest/api/3/myself", anonymous=False)
def myself(_site: Site, call: Call) -> Answer:
    account = call.account()
    return Answer(200, _in_full(viewer_of(call), account, call.query_list("expand")))


@ROUTES.get("/rest/api/3/user", anonymous=False)
def user(site: Site, call: Call) -> Answer:
    account = site.accounts.get(call.query.get("accountId", ""))
    if account is None:
        raise jira_error(404, "Specified user does not exist or you do not have required permissions")
    return Answer(200, _in_full(viewer_of(call), account, call.query_list("expand")))


@ROUTES.get("/rest/api/3/user/bulk", anonymous=False)
def users_by_id(site: Site, call: Call) -> Answer:
    """Users by account id; unknown ids are left out."""
    ids = call.query_list("accountId")
    if not ids:
        raise jira_error(400, "The accountId query parameter is required.")
    viewer = viewer_of(call)
    found = [site.accounts[one] for one in ids if one in site.accounts]
    return page(call, found, lambda account: _short(viewer, account), most=200, default=10)


@ROUTES.get("/rest/api/3/users", anonymous=False)
@ROUTES.get("/rest/api/3/users/search", anonymous=False)
def all_users(site: Site, call: Call) -> Answer:
    """Every account, apps and inactive ones too; a plain list."""
    return _listed(call, list(site.accounts.values()))


@ROUTES.get("/rest/api/3/user/search")
def search_users(site: Site, call: Call) -> Answer:
    """By prefix of the name or of an address that is shown; nothing for who may not browse users."""
    query, account_id = call.query.get("query"), call.query.get("accountId")
    if query is None and account_id is None:
        raise jira_error(400, "The query, accountId or property query parameter must be provided.")
    if query is not None and account_id is not None:
        raise jira_error(400, "The query and accountId query parameters cannot be used together.")
    if not may_globally(call.actor, "USER_PICKER", site.jira.withheld):
        return Answer(200, [])
    return _listed(call, _matching(call, list(site.accounts.values())))


@ROUTES.get("/rest/api/3/user/assignable/search", anonymous=False)
def search_assignable(site: Site, call: Call) -> Answer:
    """Of a project or an issue, those who can be given its work.

    The range is of all who match, and then only the assignable ones of it are told: a short page, or an empty one,
    is not the last ("takes the users in the range … and then returns only the users from that range").
    """
    project, matching = _project(call), _matching(call, list(site.accounts.values()))
    viewer, shown = viewer_of(call), _range(call, matching)
    return Answer(200, [_short(viewer, account) for account in shown if is_assignable(project, account)])


@ROUTES.get("/rest/api/3/user/groups", anonymous=False)
def user_groups(site: Site, call: Call) -> Answer:
    account = site.accounts.get(call.query.get("accountId", ""))
    if account is None:
        raise jira_error(404, "Specified user does not exist or you do not have required permissions")
    return Answer(200, [_group(viewer_of(call), name) for name in sorted(account.groups)])


def _project(call: Call) -> Project:
    issue_ref = call.query.get("issueKey") or call.query.get("issueId")
    if issue_ref:
        return access.project_of(call, access.visible_issue(call, issue_ref))
    ref = call.query.get("project")
    if not ref:
        raise jira_error(400, "Either issueKey, issueId or project must be provided.")
    return access.visible_project(call, ref)


def _matching(call: Call, accounts: list[Account]) -> list[Account]:
    account_id = call.query.get("accountId")
    if account_id is not None:
        return [account for account in accounts if account.account_id == account_id]
    wanted = call.query.get("query", "").casefold()
    viewer = viewer_of(call)
    return [account for account in accounts if account.active and _answers_to(viewer, account, wanted)]


def _answers_to(viewer: Viewer, account: Account, wanted: str) -> bool:
    words = [account.display_name, *account.display_name.split()]
    if viewer.may_see_email(account):
        words.append(account.email)
    return any(word.casefold().startswith(wanted) for word in words)


def _listed(call: Call, accounts: list[Account]) -> Answer:
    viewer = viewer_of(call)
    return Answer(200, [_short(viewer, account) for account in _range(call, accounts)])


def _range(call: Call, accounts: list[Account]) -> list[Account]:
    start, size = call.query_int("startAt", 0), call.query_int("maxResults", 50, 1000)
    return accounts[start : start + size]


def _short(viewer: Viewer, account: Account) -> dict[str, Any]:
    bean = viewer.user(account.account_id) or {}
    return {**bean, "locale": LOCALE}


def _in_full(viewer: Viewer, account: Account, expand: list[str]) -> dict[str, Any]:
    bean = {**_short(viewer, account), "expand": "groups,applicationRoles"}
    groups = sorted(account.groups)
    names = [_group(viewer, name) for name in groups] if "groups" in expand else []
    bean["groups"] = {"size": len(groups), "items": names}
    bean["applicationRoles"] = {"size": 1 if account.has_jira else 0, "items": []}
    return bean


def _group(viewer: Viewer, name: str) -> dict[str, str]:
    return {"name": name, "groupId": name, "self": f"{viewer.api}/group?groupId={name}"}
