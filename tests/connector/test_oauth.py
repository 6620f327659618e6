"""OAuth 2.0 (3LO) against the sandbox's token endpoint: tokens that rotate, reuse that is found out, lost answers."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from connector.connect import GATEWAY, connect_confluence, connect_jira
from connector.oauth import AUTHORITY, OAuthApp
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.oauth import consent
from connector.sandbox.site import Site
from mappings.errors import SignInFailed, TryLater, Unclear
from mappings.rules import Auth, Connection

from .conftest import Watched

CLIENT, SECRET = "client-1", "the-secret-of-the-app"


class Broken(SandboxAdapter):
    """A line that breaks: before anything left, or once the site has answered."""

    how: str = ""

    def send(self, request: requests.PreparedRequest, *args: object, **more: Any) -> requests.Response:
        if self.how == "before":
            raise requests.ConnectTimeout
        response = super().send(request, *args, **more)
        if self.how == "after":
            raise requests.ReadTimeout
        return response


@pytest.fixture
def line(site: Site) -> Broken:
    site.oauth.secrets[CLIENT] = SECRET
    return Broken(create_app(site))


@pytest.fixture
def oauth(line: Broken) -> OAuthApp:
    def session() -> requests.Session:
        made = requests.Session()
        for base in (AUTHORITY, GATEWAY):
            made.mount(base, line)
        return made

    return OAuthApp(CLIENT, SECRET, "http://localhost/", session)


@pytest.fixture
def code(site: Site, account_id: object) -> str:
    return consent(site, CLIENT, account_id("tieout"))  # type: ignore[operator]  # the fixture is a function


def test_a_code_brings_tokens_once(oauth: OAuthApp, code: str, site: Site) -> None:
    tokens = oauth.exchange(code)
    assert oauth.sites(tokens.access) == {site.cloud_id: site.base_url}
    with pytest.raises(SignInFailed, match="tieout auth login"):
        oauth.exchange(code)


def test_calls_go_through_the_gateway_with_whatever_token_is_good_now(
    oauth: OAuthApp, code: str, site: Site, clock: ManualClock, watched: Watched
) -> None:
    tokens = oauth.exchange(code)
    connection = Connection(url=site.base_url, auth=Auth.OAUTH, cloud_id=site.cloud_id, client_id=CLIENT)
    clients = [
        connect(connection, lambda: tokens.access, session=oauth.session(), habits=watched.habits)
        for connect in (connect_jira, connect_confluence)
    ]
    names = {client.whoami().name for client in clients}
    assert names == {"Tieout"}
    clock.advance(3600)
    for client in clients:
        with pytest.raises(SignInFailed):
            client.whoami()
    tokens = oauth.refresh(tokens.refresh)
    assert {client.whoami().name for client in clients} == names
    assert tokens.access in clients[0].wire.secrets


def test_a_refresh_token_is_good_once_but_for_a_lost_answer(
    oauth: OAuthApp, code: str, site: Site, clock: ManualClock
) -> None:
    first = oauth.exchange(code)
    second = oauth.refresh(first.refresh)
    third = oauth.refresh(first.refresh)
    assert len({first.refresh, second.refresh, third.refresh}) == 3
    clock.advance(site.oauth.leeway_s)
    with pytest.raises(SignInFailed, match="used twice"):
        oauth.refresh(first.refresh)
    with pytest.raises(SignInFailed):
        oauth.refresh(third.refresh)


@pytest.mark.parametrize(("how", "error"), [("before", TryLater), ("after", Unclear)])
def test_what_may_have_been_done_is_told_from_what_was_not(
    oauth: OAuthApp, code: str, line: Broken, how: str, error: type[Exception]
) -> None:
    tokens = oauth.exchange(code)
    line.how = how
    with pytest.raises(error) as caught:
        oauth.refresh(tokens.refresh)
    assert not any(secret in str(caught.value) for secret in (SECRET, tokens.refresh))
    line.how = ""
    assert oauth.refresh(tokens.refresh).access != tokens.access


def test_a_wrong_secret_is_a_failed_sign_in_that_names_no_secret(oauth: OAuthApp, code: str) -> None:
    stranger = OAuthApp(CLIENT, "another", "http://localhost/", oauth.session)
    with pytest.raises(SignInFailed) as caught:
        stranger.exchange(code)
    assert "another" not in str(caught.value)
    assert SECRET not in repr(oauth)


def test_the_address_asks_for_what_is_needed_and_for_a_refresh_token(oauth: OAuthApp) -> None:
    address = oauth.address("state-1")
    assert address.startswith(f"{AUTHORITY}/authorize?audience=api.atlassian.com&client_id={CLIENT}&")
    assert "offline_access" in address
    assert "state=state-1" in address
    assert SECRET not in address


def test_an_access_token_is_good_behind_the_gateway_only_and_not_for_long(
    oauth: OAuthApp, code: str, site: Site, clock: ManualClock, session: requests.Session
) -> None:
    tokens = oauth.exchange(code)
    headers = {"Authorization": f"Bearer {tokens.access}"}
    bare = f"{site.base_url}/rest/api/3/myself"
    behind = f"https://gateway.example/ex/jira/{site.cloud_id}/rest/api/3/myself"
    assert [session.get(url, headers=headers).status_code for url in (bare, behind)] == [401, 200]
    clock.advance(timedelta(hours=1).total_seconds())
    assert session.get(behind, headers=headers).status_code == 401
