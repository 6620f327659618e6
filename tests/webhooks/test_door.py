"""The webhook door: what it keeps, what it refuses and in which order, and that a refusal changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from mappings.records import LinkRole
from sync.database import Database, open_database
from sync.facets import ALL, PAGE_COMMENTS
from sync.keys import POLL_CONFLUENCE, POLL_JIRA, record_key
from webhooks.door import LARGEST_BODY, Door
from webhooks.hints import jira_hint
from webhooks.inbox import Inbox

from .doors import (
    CONFLUENCE_SECRET,
    ISSUE,
    NEXT_SECRET,
    NOW,
    NOW_MS,
    PAGE,
    SECRET,
    SHARED_SECRET,
    UID,
    add_request,
    client_of,
    due_keys,
    everything,
    issue_updated,
    knock,
    sign,
)

HOUR_MS = 3_600_000


@pytest.fixture
def register(database: Database) -> Database:
    add_request(database)
    return database


@pytest.fixture
def client(register: Database) -> FlaskClient:
    return client_of(register)


def test_news_of_a_known_issue_is_kept_raw_and_makes_its_record_due(client: FlaskClient, register: Database) -> None:
    body = b'{"timestamp": %d, "issue": {"id": "%s"}, "odd": "\xc3\xa9"}' % (NOW_MS, ISSUE.encode())
    assert knock(client, body).status_code == 202
    assert due_keys(register) == {record_key(UID): 0}
    [kept] = everything(register)["delivery"]
    assert body in kept


def test_news_of_an_unknown_issue_makes_the_poll_due(client: FlaskClient, register: Database) -> None:
    assert knock(client, issue_updated("999")).status_code == 202
    assert list(due_keys(register)) == [POLL_JIRA]


def test_news_of_an_issue_without_our_label_makes_nothing_due(client: FlaskClient, register: Database) -> None:
    foreign = issue_updated(issue={"id": "999", "fields": {"labels": ["sprint"]}})
    assert knock(client, foreign).status_code == 202
    assert due_keys(register) == {}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 50_000, b"[]"])
def test_signed_news_that_cannot_be_read_makes_the_poll_due(
    client: FlaskClient, register: Database, body: bytes
) -> None:
    answer = knock(client, body)
    assert (answer.status_code, answer.text) == (202, "kept_unreadable")
    assert list(due_keys(register)) == [POLL_JIRA]


@pytest.mark.parametrize(("second", "body"), [("d-1", {}), ("d-2", {}), ("d-1", {"odd": 1})])
def test_a_delivery_counts_once_by_its_id_and_by_its_body(
    client: FlaskClient, register: Database, second: str, body: dict[str, Any]
) -> None:
    assert knock(client, issue_updated()).status_code == 202
    before = everything(register)
    assert knock(client, issue_updated(**body), delivery=second).status_code == 200
    assert everything(register) == before


def test_a_body_without_time_stamp_counts_by_its_id(client: FlaskClient) -> None:
    answers = [knock(client, b"", delivery=delivery).status_code for delivery in ("d-1", "d-2", "d-1")]
    assert answers == [202, 202, 200]


def test_the_same_id_from_two_senders_is_two_deliveries(client: FlaskClient) -> None:
    assert knock(client, issue_updated()).status_code == 202
    page = {"timestamp": NOW_MS, "event": "page_updated", "page": {"id": PAGE}}
    assert knock(client, page, door="confluence", secret=CONFLUENCE_SECRET).status_code == 202


@pytest.mark.parametrize("delivery", ["x" * 129, "two words", "é", "\t"])
def test_an_odd_delivery_id_is_not_kept(client: FlaskClient, register: Database, delivery: str) -> None:
    assert knock(client, issue_updated(), delivery=delivery).status_code == 202
    [kept] = everything(register)["delivery"]
    assert delivery not in kept


def test_of_many_at_once_one_counts(register: Database) -> None:
    """Over the threads of two processes, as far as a test can have them: two applications."""
    apps = [client_of(register).application for _ in range(2)]

    def once(number: int) -> int:
        return knock(apps[number % 2].test_client(), issue_updated()).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(once, range(16)))
    assert sorted(answers) == [200] * 15 + [202]
    assert len(everything(register)["delivery"]) == 1


def test_different_deliveries_at_once_all_count(register: Database) -> None:
    app = client_of(register).application

    def send(number: int) -> int:
        return knock(app.test_client(), issue_updated(place=number), delivery=f"d-{number}").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(40))) == {202}
    assert len(everything(register)["delivery"]) == 40
    assert due_keys(register) == {record_key(UID): 0}


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
def test_while_secrets_are_rotated_both_open_the_door(client: FlaskClient, secret: bytes) -> None:
    assert knock(client, issue_updated(), secret=secret).status_code == 202


TOO_LARGE = b" " * (LARGEST_BODY + 1)
OLD = {"timestamp": NOW_MS - 24 * HOUR_MS - 1}


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (413, {"body": TOO_LARGE}),
        (413, {"body": TOO_LARGE, "secret": None, "method": "GET", "content_type": "text/plain"}),
        (405, {"body": b"{}", "method": "GET"}),
        (405, {"body": b"{}", "method": "PUT", "secret": None, "content_type": "text/plain"}),
        (405, {"body": b"", "method": "OPTIONS", "secret": None}),
        (415, {"body": b"{}", "content_type": "text/plain"}),
        (415, {"body": b"{}", "content_type": "application/x-www-form-urlencoded", "secret": None}),
        (401, {"body": issue_updated(), "secret": None}),
        (401, {"body": issue_updated(), "secret": b"somebody else's secret"}),
        (401, {"body": issue_updated(), "secret": CONFLUENCE_SECRET}),
        (401, {"body": issue_updated(), "secret": b""}),
        (401, {"body": issue_updated(), "secret": None, "headers": {"X-Hub-Signature": sign(b"{}")}}),
        (401, {"body": issue_updated(), "secret": None, "headers": {"X-Tieout-Secret": SHARED_SECRET.decode()}}),
        (401, {"body": issue_updated(**OLD), "secret": None}),
        (400, {"body": issue_updated(**OLD)}),
        (400, {"body": issue_updated(timestamp=NOW_MS + HOUR_MS // 12 + 1)}),
        (400, {"body": issue_updated(timestamp=10**30)}),
        (400, {"body": issue_updated(timestamp=-1)}),
    ],
)
def test_a_refusal_says_why_by_its_status_alone_and_changes_nothing(
    client: FlaskClient, register: Database, status: int, sent: dict[str, Any]
) -> None:
    before = everything(register)
    answer = knock(client, **sent)
    assert answer.status_code == status
    assert len(answer.data) < 20
    assert everything(register) == before


@pytest.mark.parametrize("ago_ms", [24 * HOUR_MS, 75 * 60_000, 0, -HOUR_MS // 12])
def test_late_deliveries_and_skewed_clocks_are_taken(client: FlaskClient, ago_ms: int) -> None:
    assert knock(client, issue_updated(timestamp=NOW_MS - ago_ms)).status_code == 202


def test_no_more_is_read_than_allowed_whatever_the_headers_say(register: Database) -> None:
    class Endless:
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0, "asked for everything"
            self.given += min(size, 65536)
            return b" " * min(size, 65536)

    body = Endless()
    environ = {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client_of(register).post("/webhooks/jira", environ_overrides=environ, content_type="application/json")
    assert answer.status_code == 413
    assert body.given == LARGEST_BODY + 1


def test_when_the_register_cannot_be_written_the_sender_is_asked_to_come_back(tmp_path: Path) -> None:
    broken = open_database(f"sqlite:///{tmp_path}/no-such-folder/tieout.db")
    answer = knock(client_of(broken), issue_updated())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_door_without_secrets_is_not_there(register: Database) -> None:
    client = client_of(register, jira_secrets=(), confluence_secrets=(), shared_secrets=())
    assert knock(client, issue_updated()).status_code == 404
    assert knock(client, b"{}", door="confluence").status_code == 404


@pytest.mark.parametrize("secrets", [(), (b"",), (SECRET, b""), (b"\0" * 16,)])
def test_a_door_with_an_empty_secret_cannot_be_built(database: Database, secrets: tuple[bytes, ...]) -> None:
    inbox = Inbox(database, "jira", (LinkRole.ISSUE,), POLL_JIRA)
    with pytest.raises(ValueError, match="open to anyone"):
        Door(inbox, jira_hint, lambda: NOW, signing=secrets)


def test_a_door_does_not_show_its_secrets(database: Database) -> None:
    door = Door(Inbox(database, "jira", (LinkRole.ISSUE,), POLL_JIRA), jira_hint, lambda: NOW, signing=(SECRET,))
    assert SECRET.decode() not in repr(door)


class TestConfluence:
    def test_a_signed_body_makes_the_record_due_with_what_changed(
        self, client: FlaskClient, register: Database
    ) -> None:
        body = {"timestamp": NOW_MS, "comment": {"id": 5, "parent": {"id": int(PAGE)}}}
        assert knock(client, body, door="confluence", secret=CONFLUENCE_SECRET).status_code == 202
        assert due_keys(register) == {record_key(UID): PAGE_COMMENTS}

    def test_an_automation_rule_counts_each_time_though_it_always_says_the_same(self, register: Database) -> None:
        moments = iter([NOW, NOW + timedelta(seconds=1)])
        client = client_of(register, now=lambda: next(moments))
        rule = {"X-Tieout-Secret": SHARED_SECRET.decode()}
        for _ in range(2):
            answer = knock(client, {"pageId": PAGE}, door="confluence", secret=None, delivery=None, headers=rule)
            assert answer.status_code == 202
        assert due_keys(register) == {record_key(UID): ALL}

    def test_a_wrong_shared_secret_is_refused(self, client: FlaskClient, register: Database) -> None:
        before = everything(register)
        for header in ({}, {"X-Tieout-Secret": "guess"}, {"X-Tieout-Secret": ""}):
            assert knock(client, {"pageId": PAGE}, door="confluence", secret=None, headers=header).status_code == 401
        assert everything(register) == before

    def test_a_comment_whose_page_is_not_named_makes_the_poll_due(
        self, client: FlaskClient, register: Database
    ) -> None:
        body = {"timestamp": NOW_MS, "event": "comment_created", "comment": {"id": 5}}
        knock(client, body, door="confluence", secret=CONFLUENCE_SECRET)
        assert list(due_keys(register)) == [POLL_CONFLUENCE]

    @pytest.mark.parametrize(("space", "due"), [("SOC2", [POLL_CONFLUENCE]), ("MARKETING", [])])
    def test_an_unknown_page_makes_the_poll_due_only_in_an_audit_s_space(
        self, client: FlaskClient, register: Database, space: str, due: list[str]
    ) -> None:
        body = {"timestamp": NOW_MS, "page": {"id": 9, "spaceKey": space}}
        knock(client, body, door="confluence", secret=CONFLUENCE_SECRET)
        assert list(due_keys(register)) == due
