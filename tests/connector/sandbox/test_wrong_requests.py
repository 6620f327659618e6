"""What the API documents forbid is refused, in the shape in which each product refuses."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import requests

from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_EMAIL, seed_acme
from connector.sandbox.site import Site
from tests.connector.sandbox.confluence import test_documents as confluence
from tests.connector.sandbox.confluence.conftest import Visitor as Reader
from tests.connector.sandbox.conftest import START, Visitor
from tests.connector.sandbox.jira import test_document as jira
from tests.connector.sandbox.wrongly import Schemas, WrongFirst, mutants

FOLDER = Path(__file__).parents[3] / ".." / "shared" / "openapi"

TAKEN_ALL_THE_SAME = {
    # The issue is made all the same, and its own answer says that the transition was refused.
    r"POST /rest/api/3/issue/bulk: \.issueUpdates\[0\]\.transition\.id is no string",
    # The document names these properties by their descriptions.
    r"POST /rest/api/3/dashboard/\d+/gadget: \.position has a name that is none",
}


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    if not FOLDER.is_dir():
        pytest.skip("../shared is not here: no API documents to go against")
    return Schemas(FOLDER)


@pytest.fixture
def app() -> SandboxApp:
    site = Site(ManualClock(START))
    seed_acme(site)
    site.faults.limits.per_issue = False
    return create_app(site)


def test_jira_refuses_what_its_document_forbids(app: SandboxApp, schemas: Schemas) -> None:
    wrong = WrongFirst(app, schemas)
    bot, priya = (
        Visitor(app, app.site.account_by_email(e), _unchecked) for e in (BOT_EMAIL, "priya.nair@acme.example")
    )
    _through(wrong, app, (bot.session, priya.session))
    for drive in (
        jira._drive_issue,
        jira._drive_hanging_on,
        jira._drive_links,
        jira._drive_lists,
        jira._drive_people,
        jira._drive_shared,
        jira._drive_hooks,
    ):
        drive(bot, priya.me)
    assert len(wrong.answers) > 190
    assert list(_taken(wrong)) == []
    assert [what for what, answer in wrong.answers if answer.status_code >= 400 and not _in_jiras_shape(answer)] == []


def test_confluence_refuses_what_its_documents_forbid(app: SandboxApp, schemas: Schemas) -> None:
    wrong = WrongFirst(app, schemas)
    people = [app.site.account_by_email(e) for e in (BOT_EMAIL, "clara.weiss@northgate.example")]
    dana, ana = (Reader(app, account) for account in people)
    _through(wrong, app, (dana.session, ana.session))
    space = app.site.confluence.space_by_key("SOC2")
    for drive in (
        confluence._drive_pages,
        confluence._drive_comments,
        confluence._drive_files,
        confluence._drive_pinned,
        confluence._drive_people,
        confluence._drive_hooks,
    ):
        drive(dana, ana, space)
    assert len(wrong.answers) > 80
    assert list(_taken(wrong)) == []
    assert [what for what, answer in wrong.answers if not _in_confluences_shape(answer)] == []


def test_a_mutant_is_wrong_in_one_thing() -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "additionalProperties": False,
        "properties": {"a": {"type": "string"}, "b": {"type": "array", "maxItems": 2, "items": {"type": "integer"}}},
    }
    made = [body for _, body in mutants(schema, {"a": "x", "b": [1]}, {})]
    assert made == [
        7,
        {"b": [1]},
        {"a": "x", "b": [1], "nonsense": 1},
        {"a": {"wrong": 1}, "b": [1]},
        {"a": "x", "b": {"wrong": 1}},
        {"a": "x", "b": [1, 1, 1]},
        {"a": "x", "b": ["wrong"]},
    ]


def _taken(wrong: WrongFirst) -> Iterable[str]:
    """Wrong requests that were carried out, or broke something."""
    for what, answer in wrong.answers:
        is_known = any(re.fullmatch(pattern, what) for pattern in TAKEN_ALL_THE_SAME)
        if not 400 <= answer.status_code < 500 and not is_known:
            yield f"{answer.status_code} {what}"


def _in_jiras_shape(answer: requests.Response) -> bool:
    body = answer.json()
    if {"issues", "errors"} == body.keys():  # a bulk create of which nothing came
        return all("elementErrors" in error for error in body["errors"])
    has_both = isinstance(body.get("errorMessages"), list) and isinstance(body.get("errors"), dict)
    return has_both and bool(body["errorMessages"] or body["errors"])


def _in_confluences_shape(answer: requests.Response) -> bool:
    body = answer.json()
    if "/api/v2/" in str(answer.request.url):
        return all({"status", "code", "title", "detail"} == error.keys() for error in body["errors"])
    return bool(body["statusCode"] == answer.status_code and body["message"])


def _through(adapter: WrongFirst, app: SandboxApp, sessions: Iterable[requests.Session]) -> None:
    for session in sessions:
        session.mount(app.site.base_url, adapter)


def _unchecked(_answer: requests.Response) -> None:
    """Answers are held against the document elsewhere."""
