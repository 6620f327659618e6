"""What the API documents forbid is refused, in the shape in which each product refuses."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
import requests

from tests.connector.sandbox.drives import acme, drive_confluence, drive_jira
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


def test_jira_refuses_what_its_document_forbids(schemas: Schemas) -> None:
    app = acme()
    wrong = WrongFirst(app, schemas)
    drive_jira(app, wrong)
    assert len(wrong.answers) > 190
    assert list(_taken(wrong)) == []
    assert [what for what, answer in wrong.answers if answer.status_code >= 400 and not _in_jiras_shape(answer)] == []


def test_confluence_refuses_what_its_documents_forbid(schemas: Schemas) -> None:
    app = acme()
    wrong = WrongFirst(app, schemas)
    drive_confluence(app, wrong)
    assert len(wrong.answers) > 165
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
