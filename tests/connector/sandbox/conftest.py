"""Acme's Jira under `requests`, without a socket, and people to visit it. Every answer is held against the document."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.sandbox.accounts import Account
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_EMAIL, seed_acme
from connector.sandbox.site import Site
from tests.connector.sandbox.openapi import JiraDocuments

START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
API = "/rest/api/3"


class Visitor:
    """One person's way to the site: paths in, answers out; what the document forbids is noted in `problems`."""

    def __init__(self, app: SandboxApp, account: Account | None, check: Callable[[requests.Response], None]) -> None:
        self._site = app.site
        self.account = account
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount(app.site.base_url, SandboxAdapter(app))
        self.session.hooks["response"] = [lambda answer, **_options: check(answer)]
        if account is not None:
            self.session.auth = (account.email, account.token or "")

    @property
    def me(self) -> str:
        """The account id of who visits."""
        assert self.account is not None
        return self.account.account_id

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        address = path if path.startswith("http") else self._site.base_url + self._full(path)
        return self.session.request(method, address, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.send("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.send("PUT", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.send("DELETE", path, **options)

    def create(self, project: str = "AUD", type_name: str = "Task", **fields: Any) -> str:
        """Create an issue and return its key."""
        given = {"project": {"key": project}, "issuetype": {"name": type_name}, "summary": "Collect the list", **fields}
        answer = self.post("/issue", {"fields": given})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    def fields(self, key: str) -> dict[str, Any]:
        """All fields of an issue."""
        answer = self.get(f"/issue/{key}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["fields"]
        return found

    def search(self, jql: str, **body: Any) -> list[str]:
        """The keys of the issues a query finds, in order."""
        answer = self.post("/search/jql", {"jql": jql, "fields": ["key"], **body})
        assert answer.status_code == 200, answer.text
        return [issue["key"] for issue in answer.json()["issues"]]

    def transitions(self, key: str) -> dict[str, str]:
        """The names of the transitions there are now, with their ids."""
        return {one["name"]: one["id"] for one in self.get(f"/issue/{key}/transitions").json()["transitions"]}

    def go(self, key: str, *names: str, **body: Any) -> None:
        """Make transitions by name, one after the other."""
        for name in names:
            answer = self.post(f"/issue/{key}/transitions", {"transition": {"id": self.transitions(key)[name]}, **body})
            assert answer.status_code == 204, answer.text

    def changes(self, key: str) -> list[dict[str, Any]]:
        """Every item of an issue's change log, oldest first."""
        histories = self.get(f"/issue/{key}/changelog").json()["values"]
        return [item for history in histories for item in history["items"]]

    @staticmethod
    def _full(path: str) -> str:
        return path if path.startswith(("/rest/", "/__", "/_edge", "/ex/", "/wiki")) else API + path


def doc(text: str) -> dict[str, Any]:
    """Text as an ADF document of one paragraph."""
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def site(clock: ManualClock) -> Site:
    site = Site(clock)
    seed_acme(site)
    return site


@pytest.fixture
def app(site: Site) -> SandboxApp:
    return create_app(site)


@pytest.fixture(scope="session")
def document() -> JiraDocuments | None:
    """Jira's OpenAPI documents; None where they are not at hand, and then answers go unchecked."""
    folder = Path(__file__).parents[3] / ".." / "shared" / "openapi"
    return JiraDocuments(folder) if folder.is_dir() else None


@pytest.fixture
def visit(app: SandboxApp, document: JiraDocuments | None) -> Iterator[Callable[[str | None], Visitor]]:
    """Makes visitors by e-mail address; None is somebody who is not logged in."""
    problems: list[str] = []

    def check(answer: requests.Response) -> None:
        problems.extend(document.problems(answer) if document else ())

    def make(email: str | None) -> Visitor:
        account = app.site.account_by_email(email) if email else None
        return Visitor(app, account, check)

    yield make
    assert problems == []


@pytest.fixture
def bot(visit: Callable[[str | None], Visitor]) -> Visitor:
    """The service account, an administrator of Jira."""
    return visit(BOT_EMAIL)


@pytest.fixture
def priya(visit: Callable[[str | None], Visitor]) -> Visitor:
    """An owner, with no special rights."""
    return visit("priya.nair@acme.example")


@pytest.fixture
def clara(visit: Callable[[str | None], Visitor]) -> Visitor:
    """An auditor: a guest in Confluence without a seat in Jira."""
    return visit("clara.weiss@northgate.example")


@pytest.fixture
def nobody(visit: Callable[[str | None], Visitor]) -> Visitor:
    return visit(None)
