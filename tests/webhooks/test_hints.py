"""What a webhook's body points at, in every shape that Jira and Confluence send, and in shapes that nobody sends."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.facets import ALL, PAGE_COMMENTS, PAGE_FILES
from webhooks.hints import UNREADABLE, Hint, confluence_hint, jira_hint


def jira(**payload: Any) -> Hint:
    return jira_hint(json.dumps(payload).encode())


def confluence(**payload: Any) -> Hint:
    return confluence_hint(json.dumps(payload).encode())


@pytest.mark.parametrize("issue_id", ["10001", 10001])
def test_an_issue_is_known_by_its_id(issue_id: object) -> None:
    assert jira(webhookEvent="jira:issue_updated", issue={"id": issue_id, "key": "AUD-1"}).ids == ("10001",)


def test_a_comment_of_data_center_is_about_the_issue_in_its_address() -> None:
    address = "http://jira.acme.example:8080/rest/api/2/issue/10013/comment/10082"
    assert jira(webhookEvent="comment_created", comment={"id": "10082", "self": address}).ids == ("10013",)


def test_a_link_is_about_both_of_its_issues() -> None:
    ends = {"sourceIssueId": 10001, "destinationIssueId": 10002}
    assert jira(webhookEvent="issuelink_created", issueLink=ends).ids == ("10001", "10002")


def test_an_attachment_without_its_issue_asks_for_a_poll() -> None:
    hint = jira(webhookEvent="attachment_created", attachment={"id": "7", "self": "https://x/rest/api/2/attachment/7"})
    assert (hint.ids, hint.is_vague) == ((), True)


@pytest.mark.parametrize("event", ["user_created", "sprint_started", "jira:version_released", "project_updated"])
def test_an_event_that_no_issue_can_be_behind_asks_for_nothing(event: str) -> None:
    assert jira(webhookEvent=event) == Hint(event=event)


@pytest.mark.parametrize(
    ("labels", "has_ours"), [(["tieout", "x"], True), (["x"], False), ([], False), ("tieout", None)]
)
def test_the_label_is_noticed_where_the_body_has_labels(labels: object, has_ours: bool | None) -> None:
    assert (
        jira(webhookEvent="jira:issue_created", issue={"id": 1, "fields": {"labels": labels}}).has_our_label is has_ours
    )


@pytest.mark.parametrize(
    ("payload", "ids", "facets"),
    [
        ({"event": "page_updated", "page": {"id": 123}}, ("123",), 0),
        ({"page": {"id": 123, "spaceKey": "SOC2"}}, ("123",), ALL),
        ({"comment": {"id": 9, "parent": {"id": 123, "spaceKey": "SOC2"}}}, ("123",), PAGE_COMMENTS),
        ({"event": "comment_created", "comment": {"id": 9}}, (), PAGE_COMMENTS),
        ({"event": "attachment_created", "attachments": [{"id": 4, "container": {"id": 123}}]}, ("123",), PAGE_FILES),
        ({"pageId": "123"}, ("123",), ALL),
        ({"pageId": "123", "event": "comment_created"}, ("123",), PAGE_COMMENTS),
    ],
)
def test_a_page_is_known_by_its_id_and_what_changed_on_it(
    payload: dict[str, Any], ids: tuple[str, ...], facets: int
) -> None:
    hint = confluence(**payload)
    assert (hint.ids, hint.facets, hint.is_vague) == (ids, facets, not ids)


def test_a_page_says_its_space_where_the_sender_does() -> None:
    assert confluence(page={"id": 1, "spaceKey": "SOC2"}).space == "SOC2"
    assert confluence(page={"id": 1}).space is None


@pytest.mark.parametrize("event", ["blog_created", "space_updated", "user_created", "label_added"])
def test_an_event_that_no_page_can_be_behind_asks_for_nothing(event: str) -> None:
    assert confluence(event=event, user={"x": 1}) == Hint(event=event)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"text"',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"issue": {"id": ' + b"9" * 5_000 + b"}}",
    ],
)
def test_a_body_that_cannot_be_read_asks_for_a_poll(body: bytes) -> None:
    assert jira_hint(body) == confluence_hint(body) == UNREADABLE


@pytest.mark.parametrize(
    "issue_id", ["9" * 21, "", "-1", "1.5", "10001\n", "١٠٠٠١", "1; drop table", -5, 1.0, True, None, [1], {"id": 1}]
)
def test_what_is_no_id_is_not_taken_for_one(issue_id: object) -> None:
    assert jira(webhookEvent="jira:issue_updated", issue={"id": issue_id}).ids == ()
    assert confluence(event="page_updated", page={"id": issue_id}).ids == ()


@pytest.mark.parametrize(
    ("stamp", "read"),
    [("1559607317234", 1559607317234), (1.5e12, 1500000000000), ("soon", None), (True, None), ([], None)],
)
def test_a_time_stamp_is_read_where_it_is_one(stamp: object, read: int | None) -> None:
    assert jira(timestamp=stamp).sent_at_ms == read


@pytest.mark.parametrize("stamp", [b"NaN", b"Infinity", b"1e999"])
def test_a_time_stamp_that_is_no_number_is_left_out(stamp: bytes) -> None:
    assert jira_hint(b'{"timestamp": ' + stamp + b"}").sent_at_ms is None


NAMES = ["issue", "id", "fields", "labels", "comment", "self", "issueLink", "webhookEvent", "timestamp", "page"]
NAMES += ["event", "parent", "attachments", "attachment", "container", "content", "spaceKey", "pageId", "other"]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("\ud800")
SHAPES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(NAMES), SHAPES, max_size=8))
def test_no_shape_is_too_odd_to_read(payload: dict[str, Any]) -> None:
    body = json.dumps(payload).encode()
    for hint in (jira_hint(body), confluence_hint(body)):
        assert all(remote_id.isascii() and remote_id.isdigit() for remote_id in hint.ids)


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd_to_read(body: bytes) -> None:
    assert jira_hint(body).ids == confluence_hint(body).ids or body.startswith(b"{")


def test_every_recorded_webhook_of_jira_points_at_its_issue(corpus: Path) -> None:
    files = sorted((corpus / "jira_webhooks").glob("*.json"))
    hints = {file.name: jira_hint(file.read_bytes()) for file in files}
    assert len(hints) > 50
    assert [name for name, hint in hints.items() if len(hint.ids) != 1] == []


def test_every_recorded_webhook_of_confluence_points_at_its_page_or_asks_for_a_poll(corpus: Path) -> None:
    files = sorted((corpus / "confluence_webhooks").glob("*.json"))
    hints = {file.name: confluence_hint(file.read_bytes()) for file in files}
    assert hints["zulip__page_updated.json"].ids == ("123456",)
    assert [name for name, hint in hints.items() if not hint.ids and not hint.is_vague] == ["zulip__blog_created.json"]
