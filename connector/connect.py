"""From a connection of the mapping file and its secret to a client: which address, which kind of sign-in.

Nothing is guessed from an address: flavour and kind of sign-in are told. No call is made here, `whoami` makes one.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import TypeAlias
from urllib.parse import urlsplit

import requests
from atlassian import JiraCloud
from atlassian.rest_client import AtlassianRestAPI

from connector.bounds import bound
from connector.confluence_cloud import CloudConfluence
from connector.confluence_dc import DcConfluence
from connector.jira_cloud import CloudJira
from connector.jira_dc import DcJira
from connector.jira_memory import JiraMemory
from connector.session import Habits, Wire, basic_secrets
from connector.workflows import Workflows
from mappings.errors import Refused
from mappings.rules import Auth, Connection, Flavour

JiraClient: TypeAlias = CloudJira | DcJira
ConfluenceClient: TypeAlias = CloudConfluence | DcConfluence
Secret: TypeAlias = str | Callable[[], str]
"""A token, or what gives it before each call: a token that is rotated meanwhile is used from the next call on."""

GATEWAY = "https://api.atlassian.com"
GATEWAY_MARK = "/ex/"


def connect_jira(
    connection: Connection,
    secret: Secret,
    *,
    session: requests.Session | None = None,
    gateway: str = GATEWAY,
    habits: Habits | None = None,
    workflows: Workflows | None = None,
) -> JiraClient:
    """A client for Jira, for one thread; `workflows` may be shared by the clients of several.

    Raises Refused, with words for a person, where the connection does not hold together.
    """
    home = _home(connection)
    if connection.flavour is Flavour.DC:
        dc_wire = _wire(AtlassianRestAPI, home, connection, secret, session, habits)
        return DcJira(dc_wire, site=home, workflows=workflows)
    base_url = _base_url(connection, home, "jira", gateway)
    wire = _wire(JiraCloud, base_url, connection, secret, session, habits)
    browse_url = "" if GATEWAY_MARK in home else home
    return CloudJira(wire, site=home, browse_url=browse_url, memory=JiraMemory(workflows))


def connect_confluence(
    connection: Connection,
    secret: Secret,
    *,
    session: requests.Session | None = None,
    gateway: str = GATEWAY,
    habits: Habits | None = None,
) -> ConfluenceClient:
    """A client for Confluence, for one thread. The address of a Cloud connection may end in `/wiki` or not."""
    if connection.flavour is Flavour.DC:
        home = _home(connection)
        return DcConfluence(_wire(AtlassianRestAPI, home, connection, secret, session, habits), site=home)
    home = _home(connection).removesuffix("/wiki")
    base_url = _base_url(connection, home, "confluence", gateway)
    return CloudConfluence(_wire(AtlassianRestAPI, base_url, connection, secret, session, habits), site=f"{home}/wiki")


def _home(connection: Connection) -> str:
    if connection.flavour is Flavour.DC and connection.auth is not Auth.PAT:
        raise Refused(f"{connection.url}: Data Center is signed in to with auth pat, not {connection.auth.value}")
    try:
        user = urlsplit(connection.url).username
    except ValueError as error:
        raise Refused(f"{connection.url}: that is no address: {error}") from error
    if user is not None:
        raise Refused("the address of a connection must not hold a user or password; use `user` and `token_file`")
    return connection.url.rstrip("/")


def _base_url(connection: Connection, home: str, product: str, gateway: str) -> str:
    """Where requests go. Scoped tokens and OAuth are good behind the gateway alone, all else on the site alone."""
    if connection.auth not in (Auth.SCOPED, Auth.OAUTH) or GATEWAY_MARK in home:
        return home
    if not connection.cloud_id:
        host = urlsplit(home).netloc
        hint = f"open https://{host}/_edge/tenant_info and copy cloudId"
        raise Refused(f"{connection.url}: auth is {connection.auth.value}, so `cloud_id` must be set: {hint}")
    return f"{gateway.rstrip('/')}/ex/{product}/{connection.cloud_id}"


def _wire(
    kind: type[AtlassianRestAPI],
    base_url: str,
    connection: Connection,
    secret: Secret,
    session: requests.Session | None,
    habits: Habits | None,
) -> Wire:
    is_cloud = connection.flavour is Flavour.CLOUD
    client = kind(
        base_url, session=session, cloud=is_cloud, advanced_mode=True, backoff_and_retry=False, retry_with_header=False
    )
    client.timeout = (connection.connect_timeout_s, connection.read_timeout_s)  # type: ignore[assignment]  # handed on to requests, which takes the pair
    # Without cookies every call is signed in anew: a revoked token shows at once, and no session outlives it.
    client.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    shown: list[str] = []
    client.session.auth = _signer(connection, secret, shown)
    habits = habits or Habits()
    client.session.hooks["response"] = [_bounded_by(habits)]
    return Wire(base_url, client, shown, habits)


def _bounded_by(habits: Habits) -> Callable[..., None]:
    """What is called with each answer before its body is read. A file's size is known, and counted where it is read."""

    def hook(response: requests.Response, *_: object, stream: bool = False, **__: object) -> None:
        if not stream:
            bound(response, habits.clock)

    return hook


def _signer(connection: Connection, secret: Secret, shown: list[str]) -> _Signer:
    """What signs each request; the strings that must never be shown are added to `shown`."""
    given = secret if callable(secret) else lambda: secret
    if connection.auth is Auth.OAUTH:
        if not callable(secret):
            raise Refused(f"{connection.url}: auth oauth takes no token of its own; run `tieout auth login`")
        return _Signer(given, None, shown)
    now = given().strip()
    if not now:
        raise Refused(f"{connection.url}: the token is empty; an empty one would sign in as nobody")
    if not now.isprintable() or " " in now:
        raise Refused(f"{connection.url}: the token holds a space or line break; is something else in its file?")
    match connection.auth:
        case Auth.TOKEN | Auth.SCOPED:
            if not connection.user:
                raise Refused(f"{connection.url}: auth is {connection.auth.value}, so `user` must be set (an e-mail)")
            return _Signer(given, connection.user, shown)
        case Auth.PAT:
            return _Signer(given, None, shown)


class _Signer(requests.auth.AuthBase):
    """Signs a request: with `user` by Basic, else by Bearer, set where requests would look for one in `.netrc`."""

    def __init__(self, secret: Callable[[], str], user: str | None, shown: list[str]) -> None:
        self._secret, self._user, self._shown = secret, user, shown

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        secret = self._now()
        if self._user is None:
            request.headers["Authorization"] = f"Bearer {secret}"
            return request
        # As bytes: requests would encode text as Latin-1, which not every name fits.
        signed: requests.PreparedRequest = requests.auth.HTTPBasicAuth(self._user.encode(), secret.encode())(request)
        return signed

    def _now(self) -> str:
        secret = self._secret().strip()
        if secret not in self._shown:
            self._shown.extend((secret,) if self._user is None else basic_secrets(self._user, secret))
        return secret
