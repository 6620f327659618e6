"""The doors under real and unreal traffic: every recorded webhook, and bytes that nobody would send."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.database import Database

from .doors import CONFLUENCE_SECRET, NOW_MS, SECRET, add_request, client_of, everything, knock

SECRETS = {"jira": SECRET, "confluence": CONFLUENCE_SECRET}


@pytest.fixture
def register(database: Database) -> Database:
    add_request(database)
    return database


def recorded(corpus: Path, door: str) -> dict[str, bytes]:
    files = sorted((corpus / f"{door}_webhooks").glob("*.json"))
    assert files
    return {file.name: file.read_bytes() for file in files}


def refreshed(body: bytes) -> bytes:
    """The same payload as if it were sent now."""
    payload = json.loads(body)
    return json.dumps({**payload, "timestamp": NOW_MS}).encode()


@pytest.mark.parametrize("door", ["jira", "confluence"])
def test_every_recorded_webhook_is_kept_when_it_is_signed_and_fresh(
    register: Database, corpus: Path, door: str
) -> None:
    client = client_of(register)
    bodies = [refreshed(body) for body in recorded(corpus, door).values()]
    answers = [
        knock(client, body, door=door, secret=SECRETS[door], delivery=f"d-{number}").status_code
        for number, body in enumerate(bodies)
    ]
    again = len(bodies) - len(set(bodies))
    assert sorted(answers) == [200] * again + [202] * (len(bodies) - again)


@pytest.mark.parametrize("door", ["jira", "confluence"])
def test_a_recorded_webhook_of_long_ago_is_refused_and_changes_nothing(
    register: Database, corpus: Path, door: str
) -> None:
    client, before = client_of(register), everything(register)
    stamped = {name: body for name, body in recorded(corpus, door).items() if b'"timestamp"' in body}
    for name, body in stamped.items():
        answer = knock(client, body, door=door, secret=SECRETS[door], delivery=None)
        assert answer.status_code == 400, name
    assert everything(register) == before


@pytest.mark.parametrize("door", ["jira", "confluence"])
def test_an_unsigned_recorded_webhook_is_refused_and_changes_nothing(
    register: Database, corpus: Path, door: str
) -> None:
    client, before = client_of(register), everything(register)
    for name, body in recorded(corpus, door).items():
        for sent in (body, refreshed(body)):
            assert knock(client, sent, door=door, secret=None).status_code == 401, name
    assert everything(register) == before


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A plausible payload with some of its bytes changed, cut or doubled."""
    issue: dict[str, Any] = {"id": "10001", "fields": {"labels": ["tieout"], "summary": "é"}}
    body = bytearray(json.dumps({"timestamp": NOW_MS, "webhookEvent": "jira:issue_updated", "issue": issue}).encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body) - 1))
        match draw(st.sampled_from(["change", "cut", "double"])):
            case "change":
                body[at] = draw(st.integers(0, 255))
            case "cut":
                del body[at + 1 :]
            case "double":
                body[at:at] = body[at:]
    return bytes(body)


def test_no_body_however_mangled_makes_the_doors_fail(register: Database) -> None:
    client = client_of(register)

    @given(st.binary(max_size=300) | mangled(), st.sampled_from(["jira", "confluence"]), st.booleans())
    def try_one(body: bytes, door: str, signed: bool) -> None:
        answer = knock(client, body, door=door, secret=SECRETS[door] if signed else None, delivery=None)
        assert answer.status_code in ({200, 202, 400} if signed else {401})

    try_one()


def test_no_header_however_odd_makes_the_doors_fail(register: Database) -> None:
    client, before = client_of(register), everything(register)

    @given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=100))
    def try_one(text: str) -> None:
        headers = {"X-Hub-Signature": text, "X-Tieout-Secret": text, "X-Atlassian-Webhook-Identifier": text}
        assert knock(client, b"{}", door="confluence", secret=None, headers=headers).status_code == 401

    try_one()
    assert everything(register) == before
