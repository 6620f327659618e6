"""Who gets in, on which address, with which token."""

from datetime import timedelta

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor

ME = "/rest/api/3/myself"


def test_the_right_token_says_who_one_is(priya: Visitor) -> None:
    assert priya.get(ME).json()["accountId"] == priya.me


@pytest.mark.parametrize(
    "auth", [("priya.nair@acme.example", "wrong"), ("x@acme.example", "sandbox-token-priya"), ("", "")]
)
def test_wrong_credentials_are_refused_even_where_nobody_needs_any(nobody: Visitor, auth: tuple[str, str]) -> None:
    answer = nobody.get("/serverInfo", auth=auth)
    assert answer.status_code == 401
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"


def test_wrong_credentials_can_be_made_to_look_like_no_issues(site: Site, nobody: Visitor, bot: Visitor) -> None:
    bot.create()
    site.faults.bad_login_is_anonymous = True
    answer = nobody.get("/search/jql", params={"jql": "project = AUD"}, auth=("priya.nair@acme.example", "wrong"))
    assert (answer.status_code, answer.json()["issues"]) == (200, [])


def test_nobody_sees_a_site_without_issues_and_cannot_write(nobody: Visitor, bot: Visitor) -> None:
    key = bot.create()
    assert nobody.get(ME).status_code == 401
    assert nobody.get(f"/issue/{key}").status_code == 404
    assert nobody.search("project = AUD") == []
    assert nobody.put(f"/issue/{key}", {"fields": {"summary": "x"}}).status_code == 401


def test_a_guest_of_confluence_has_no_seat_in_jira(clara: Visitor, bot: Visitor) -> None:
    key = bot.create()
    assert [clara.get(path).status_code for path in (ME, f"/issue/{key}", "/project/search")] == [401, 401, 401]


def test_a_token_ends_when_it_expires(site: Site, clock: ManualClock, priya: Visitor) -> None:
    assert priya.account is not None
    priya.account.token_expires_at = clock.now() + timedelta(days=1)
    assert priya.get(ME).status_code == 200
    clock.advance(86400)
    assert priya.get(ME).status_code == 401


def test_a_scoped_token_is_good_behind_the_gateway_only(site: Site, bot: Visitor, nobody: Visitor) -> None:
    assert bot.account is not None
    scoped, plain = (bot.account.email, bot.account.scoped_token), (bot.account.email, bot.account.token)
    gateway = f"/ex/jira/{site.cloud_id}{ME}"
    assert nobody.get(gateway, auth=scoped).status_code == 200
    assert nobody.get(ME, auth=scoped).status_code == 401
    assert nobody.get(gateway, auth=plain).status_code == 401
    assert nobody.get(f"/ex/jira/other{ME}", auth=scoped).status_code == 404


def test_a_token_of_data_center_opens_nothing_in_the_cloud(bot: Visitor, nobody: Visitor) -> None:
    assert bot.account is not None
    bearer = {"Authorization": f"Bearer {bot.account.token}"}
    for path in (ME, "/serverInfo", "/wiki/api/v2/spaces"):
        answer = nobody.get(path, headers=bearer)
        assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, False)


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        (None, 200, 201),
        ({"read:jira-work"}, 200, 401),
        ({"read:jira-work", "write:jira-work"}, 200, 201),
        ({"read:page:confluence"}, 401, 401),
    ],
)
def test_a_scoped_token_can_do_what_its_scopes_say(
    site: Site, bot: Visitor, nobody: Visitor, scopes: set[str] | None, reads: int, writes: int
) -> None:
    assert bot.account is not None
    bot.account.scopes = None if scopes is None else frozenset(scopes)
    nobody.session.auth = (bot.account.email, str(bot.account.scoped_token))
    api = f"/ex/jira/{site.cloud_id}/rest/api/3"
    fields = {"project": {"key": "AUD"}, "issuetype": {"name": "Task"}, "summary": "Through the gateway"}
    assert nobody.get(f"{api}/project/search").status_code == reads
    written = nobody.post(f"{api}/issue", {"fields": fields})
    assert written.status_code == writes
    if writes == 401:
        assert written.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
    else:
        assert written.json()["self"].startswith(f"https://api.atlassian.com/ex/jira/{site.cloud_id}/rest/api/3/")
