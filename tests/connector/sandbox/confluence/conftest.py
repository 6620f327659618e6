"""A small Confluence site under `requests`, without a socket, and people to visit it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connector.sandbox.accounts import CONFLUENCE_GUESTS, CONFLUENCE_USERS, JIRA_USERS, Account
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence.seed import seed_space
from connector.sandbox.confluence.state import Space
from connector.sandbox.site import Site

START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api"


class Visitor:
    """One person's way to the site: paths in, answers out."""

    def __init__(self, app: SandboxApp, account: Account | None) -> None:
        self._base = app.site.base_url
        self.account = account
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount(self._base, SandboxAdapter(app))
        if account is not None:
            self.session.auth = (account.email, account.token or "")

    @property
    def me(self) -> str:
        """The account id of who visits."""
        assert self.account is not None
        return self.account.account_id

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self._base + path, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.send("POST", path, **options)

    def put(self, path: str, **options: Any) -> requests.Response:
        return self.send("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.send("DELETE", path, **options)

    def create(self, space: Space, title: str, body: str = "<p>x</p>", **more: Any) -> dict[str, Any]:
        """Create a page and return its JSON."""
        written = {"spaceId": space.space_id, "title": title, "body": storage(body), **more}
        answer = self.post(f"{V2}/pages", json=written)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def write(self, page: dict[str, Any], body: str, number: int, **more: Any) -> requests.Response:
        """Put a new version of a page."""
        written = {"id": page["id"], "status": "current", "title": page["title"], "body": storage(body)}
        return self.put(f"{V2}/pages/{page['id']}", json={**written, "version": {"number": number}, **more})

    def body_of(self, page_id: str) -> str:
        value: str = self.get(f"{V2}/pages/{page_id}?body-format=storage").json()["body"]["storage"]["value"]
        return value

    def footer(self, page_id: str, body: str = "<p>hello</p>", **more: Any) -> dict[str, Any]:
        answer = self.post(f"{V2}/footer-comments", json={"pageId": page_id, "body": storage(body), **more})
        assert answer.status_code == 201, answer.text
        comment: dict[str, Any] = answer.json()
        return comment

    def inline(self, page_id: str, selection: str, count: int = 1, index: int = 0) -> requests.Response:
        properties = {
            "textSelection": selection,
            "textSelectionMatchCount": count,
            "textSelectionMatchIndex": index,
        }
        written = {"pageId": page_id, "body": storage("<p>why?</p>"), "inlineCommentProperties": properties}
        return self.post(f"{V2}/inline-comments", json=written)

    def upload(self, page_id: str, name: str, data: bytes, *, method: str = "POST", **form: str) -> requests.Response:
        return self.send(
            method,
            f"{V1}/content/{page_id}/child/attachment",
            files={"file": (name, data, "text/plain")},
            data={"minorEdit": "true", **form},
            headers={"X-Atlassian-Token": "nocheck"},
        )


def storage(value: str) -> dict[str, str]:
    return {"representation": "storage", "value": value}


def error_of(answer: requests.Response) -> dict[str, Any]:
    """The one error of a v2 refusal."""
    (error,) = answer.json()["errors"]
    assert isinstance(error, dict)
    return error


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def site(clock: ManualClock) -> Site:
    site = Site(clock)
    users, guests = {JIRA_USERS, CONFLUENCE_USERS}, {CONFLUENCE_GUESTS}
    for name, groups, is_admin in (
        ("dana", users, True),
        ("owen", users, False),
        ("ana", guests, False),
        ("ben", guests, False),
        ("jiro", {JIRA_USERS}, False),
    ):
        site.add_account(
            account_id=f"5b10ac8d82e05b22cc7d:{name}",
            display_name=name.capitalize(),
            email=f"{name}@acme.example",
            email_visible=name != "owen",
            token=f"token-of-{name}",
            is_admin=is_admin,
            groups=set(groups),
        )
    seed_space(site)
    return site


@pytest.fixture
def app(site: Site) -> SandboxApp:
    return create_app(site)


@pytest.fixture
def space(site: Site) -> Space:
    return site.confluence.space_by_key("SOC2")


@pytest.fixture
def account(site: Site) -> Callable[[str], Account]:
    def find(name: str) -> Account:
        return next(a for a in site.accounts.values() if a.email.startswith(f"{name}@"))

    return find


@pytest.fixture
def visit(app: SandboxApp, account: Callable[[str], Account]) -> Callable[[str | None], Visitor]:
    """Visit the site as somebody, or as nobody."""

    def come(name: str | None) -> Visitor:
        return Visitor(app, account(name) if name else None)

    return come


@pytest.fixture
def dana(visit: Callable[[str], Visitor]) -> Visitor:
    """The administrator."""
    return visit("dana")


@pytest.fixture
def ana(visit: Callable[[str], Visitor]) -> Visitor:
    """An auditor: a guest of the one space."""
    return visit("ana")
