"""Confluence Cloud's own traps: who said what, replies that only their roots know, lists of the whole site."""

import io
import re
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any, BinaryIO, cast

import pytest
import requests
import responses

from connector.confluence_cloud import CloudConfluence
from connector.connect import connect_confluence
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from mappings.errors import Gone, Refused, SignInFailed, Unclear
from mappings.rules import Connection
from mappings.text import paragraphs

from .confluence_contract import page
from .conftest import Watched
from .jira_contract import EPOCH, AccountId

Visit = Callable[[str], Visitor]


@pytest.fixture
def visit(site: Site, session: requests.Session) -> Visit:
    def come(email: str) -> Visitor:
        own = requests.Session()
        own.mount(site.base_url, session.get_adapter(site.base_url))
        return Visitor(site.base_url, email, token_of(email), own)

    return come


@pytest.fixture
def dana(visit: Visit) -> Visitor:
    return visit("dana.kim@acme.example")


@pytest.fixture
def clara(visit: Visit) -> Visitor:
    """An auditor."""
    return visit("clara.weiss@northgate.example")


def storage(text: str) -> dict[str, str]:
    return {"representation": "storage", "value": f"<p>{text}</p>"}


def reply(who: Visitor, parent: str, text: str, kind: str = "footer-comments") -> str:
    body = {"parentCommentId": parent, "body": storage(text)}
    return str(who.call("POST", f"/wiki/api/v2/{kind}", json=body)["id"])


def inline(who: Visitor, page_id: str, words: str, text: str) -> str:
    selection = {"textSelection": words, "textSelectionMatchCount": 1, "textSelectionMatchIndex": 0}
    body = {"pageId": page_id, "body": storage(text), "inlineCommentProperties": selection}
    return str(who.call("POST", "/wiki/api/v2/inline-comments", json=body)["id"])


def resolve(who: Visitor, comment_id: str, number: int) -> None:
    body = {"version": {"number": number}, "resolved": True}
    who.call("PUT", f"/wiki/api/v2/inline-comments/{comment_id}", json=body)


def calls_of(watched: Watched, work: Callable[[], object]) -> list[tuple[str, str]]:
    watched.calls.clear()
    work()
    return [(method, template) for method, template, _ in watched.calls]


def test_who_resolves_a_comment_does_not_become_its_author(
    confluence: CloudConfluence, space_id: str, dana: Visitor, clara: Visitor, clock: ManualClock
) -> None:
    page_id = page(confluence, space_id, body="<p>All reviews of the quarter.</p>")
    comment_id = inline(dana, page_id, "quarter", "accept")
    begun_at = clock.now()
    clock.advance(60)
    resolve(clara, comment_id, 2)
    (comment,) = confluence.comments(page_id)
    assert (comment.author, comment.text.strip()) == (dana.account_id(), "accept")
    assert comment.is_inline
    assert comment.created_at == begun_at


def test_an_edit_by_the_author_counts_and_the_beginning_stays(
    confluence: CloudConfluence, space_id: str, clara: Visitor, clock: ManualClock
) -> None:
    page_id = page(confluence, space_id)
    comment_id = clara.comment_page(page_id, "return: no dates")
    clock.advance(60)
    body = {"version": {"number": 2}, "body": storage("accept")}
    clara.call("PUT", f"/wiki/api/v2/footer-comments/{comment_id}", json=body)
    (comment,) = confluence.comments(page_id)
    assert (comment.text.strip(), comment.updated_at - comment.created_at) == ("accept", timedelta(seconds=60))


def test_words_that_an_administrator_put_into_an_auditors_mouth_do_not_count(
    confluence: CloudConfluence, space_id: str, site: Site, clara: Visitor, account_id: AccountId, clock: ManualClock
) -> None:
    page_id = page(confluence, space_id)
    comment_id = clara.comment_page(page_id, "question: where?")
    clock.advance(60)
    versions = site.confluence.comments[comment_id].versions
    forged = {"number": 2, "body": "<p>accept</p>", "author_id": account_id("dana.kim"), "created_at": clock.now()}
    versions.append(type(versions[0])(**cast("Any", forged)))
    (comment,) = confluence.comments(page_id)
    assert (comment.author, comment.text.strip()) == (account_id("clara.weiss"), "question: where?")


def test_an_edited_comment_is_looked_into_once(
    confluence: CloudConfluence, space_id: str, clara: Visitor, watched: Watched
) -> None:
    page_id = page(confluence, space_id)
    comment_id = clara.comment_page(page_id, "a")
    body = {"version": {"number": 2}, "body": storage("b")}
    clara.call("PUT", f"/wiki/api/v2/footer-comments/{comment_id}", json=body)
    confluence.comments(page_id)
    assert [template for _, template in calls_of(watched, lambda: confluence.comments(page_id))] == [
        "/wiki/api/v2/pages/{page}/footer-comments",
        "/wiki/api/v2/footer-comments/{comment}/children",
        "/wiki/api/v2/pages/{page}/inline-comments",
    ]


def test_a_reply_to_a_reply_is_found_under_its_root(
    confluence: CloudConfluence, space_id: str, clara: Visitor, dana: Visitor, clock: ManualClock
) -> None:
    page_id = page(confluence, space_id)
    root = clara.comment_page(page_id, "question: where?")
    clock.advance(1)
    answer = reply(dana, root, "There.")
    clock.advance(1)
    verdict = reply(clara, answer, "accept")
    comments = confluence.comments(page_id)
    assert [(comment.id, comment.reply_to) for comment in comments] == [(root, None), (answer, root), (verdict, root)]


@pytest.mark.parametrize("has_read", [True, False])
def test_a_reply_goes_under_an_inline_comment_whether_or_not_it_was_read_before(
    confluence: CloudConfluence, space_id: str, clara: Visitor, has_read: bool
) -> None:
    page_id = page(confluence, space_id, body="<p>All reviews of the quarter.</p>")
    root = inline(clara, page_id, "quarter", "which?")
    if has_read:
        confluence.comments(page_id)
    answer = confluence.comment(page_id, paragraphs("The third."), "ref 0123456789ab", reply_to=root)
    assert [(comment.id, comment.is_inline, comment.reply_to) for comment in confluence.comments(page_id)] == [
        (root, True, None),
        (answer, True, root),
    ]


def test_a_reply_to_what_is_gone_is_gone(confluence: CloudConfluence, space_id: str) -> None:
    page_id = page(confluence, space_id)
    with pytest.raises(Gone):
        confluence.comment(page_id, paragraphs("x"), "ref 1", reply_to="99999999")


def test_what_everyday_work_costs_in_calls(
    confluence: CloudConfluence, space_id: str, watched: Watched, clock: ManualClock
) -> None:
    ids = [page(confluence, space_id, title=f"R-{number}") for number in range(260)]
    assert calls_of(watched, lambda: confluence.fetch(ids)) == [("GET", "/wiki/api/v2/pages")] * 2
    update = lambda: confluence.update(ids[0], title="R-0", body="<p>y</p>", version=1, message="why")  # noqa: E731  read once
    assert calls_of(watched, update) == [("PUT", "/wiki/api/v2/pages/{page}")]
    assert calls_of(watched, lambda: confluence.find(space_id, "R-7")) == [("GET", "/wiki/api/v2/spaces/{space}/pages")]
    attach = lambda: confluence.attach(ids[0], "a", io.BytesIO(b"x"), media_type="text/plain", note="")  # noqa: E731  read once
    assert calls_of(watched, attach) == [("PUT", "/wiki/rest/api/content/{page}/child/attachment")]
    comment = lambda: confluence.comment(ids[0], paragraphs("x"), "ref 1")  # noqa: E731  read once
    assert calls_of(watched, comment) == [("POST", "/wiki/api/v2/footer-comments")]
    clock.advance(600)
    quiet = calls_of(watched, lambda: confluence.changed_since(clock.now(), [space_id]))
    assert len(quiet) == 5
    assert {method for method, _ in quiet} == {"GET"}


def test_a_poll_goes_on_for_as_many_lists_as_it_takes_and_stops(
    confluence: CloudConfluence, space_id: str, watched: Watched, clock: ManualClock
) -> None:
    for number in range(250):
        page(confluence, space_id, title=f"old {number}")
    clock.advance(600)
    since = clock.now()
    new = {page(confluence, space_id, title=f"new {number}") for number in range(130)}
    lists = calls_of(watched, lambda: confluence.changed_since(since, [space_id]))
    assert lists.count(("GET", "/wiki/api/v2/pages")) == 2
    assert set(confluence.changed_since(since, [space_id]).ids) == new


def test_a_ticked_box_is_a_change_of_its_page(
    confluence: CloudConfluence, space_id: str, clara: Visitor, clock: ManualClock
) -> None:
    body = (
        "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status>"
        "<ac:task-body>Accepted</ac:task-body></ac:task></ac:task-list>"
    )
    page_id = page(confluence, space_id, body=body)
    clock.advance(600)
    since = clock.now()
    (task,) = clara.call("GET", f"/wiki/api/v2/tasks?page-id={page_id}")["results"]
    clara.call("PUT", f"/wiki/api/v2/tasks/{task['id']}", json={"status": "complete"})
    assert confluence.changed_since(since, [space_id]).facets[page_id] >= {"page"}


def test_what_changes_while_a_poll_reads_is_left_to_the_next_poll(
    confluence: CloudConfluence, space_id: str, site: Site, dana: Visitor, clock: ManualClock
) -> None:
    first, second = page(confluence, space_id, title="R-1"), page(confluence, space_id, title="R-2")
    clock.advance(600)
    since = begun_at = clock.now()

    class SlowWire(type(confluence.wire)):  # type: ignore[misc]  # the wire's own class, with a slow second list
        def read(self, method: str, template: str, **more: Any) -> Any:
            if template.endswith("/attachments"):
                clock.advance(30)
                dana.write_page(dana.page(first), "<p>missed by the list that was read already</p>")
                dana.attach_to_page(second, "a.txt", b"x")
            return super().read(method, template, **more)

    slow = SlowWire(confluence.wire.base_url, confluence.wire.client, (), confluence.wire.habits)
    seen = CloudConfluence(slow, site=confluence.site).changed_since(since, [space_id])
    assert set(seen.ids) == {second}
    assert seen.seen_until == begun_at
    assert first in confluence.changed_since(seen.seen_until, [space_id]).ids


def test_a_sign_in_that_fails_silently_is_not_taken_for_an_empty_space(
    confluence: CloudConfluence, connection: Connection, session: requests.Session, site: Site, space_id: str
) -> None:
    page_id = page(confluence, space_id)
    site.faults.bad_login_is_anonymous = True
    nobody = connect_confluence(connection, "expired", session=session)
    asked: tuple[Callable[[], object], ...] = (
        nobody.whoami,
        lambda: nobody.fetch([page_id]),
        lambda: nobody.changed_since(EPOCH, [space_id]),
        lambda: nobody.space_id("SOC2"),
    )
    for call in asked:
        with pytest.raises(SignInFailed):
            call()


def test_a_lost_answer_to_a_write_is_unclear_and_was_sent_once(
    confluence: CloudConfluence, space_id: str, site: Site
) -> None:
    page_id = page(confluence, space_id)
    site.calls.clear()
    site.faults.add("drop_after", "POST", "/footer-comments$", times=9)
    site.faults.add("timeout_after", "PUT", "/child/attachment$", times=9)
    with pytest.raises(Unclear):
        confluence.comment(page_id, paragraphs("Once."), "ref 1")
    with pytest.raises(Unclear):
        confluence.attach(page_id, "a.txt", io.BytesIO(b"x"), media_type="text/plain", note="")
    assert len(site.calls.writes()) == 2
    assert len(confluence.comments(page_id)) == len(confluence.files(page_id)) == 1


class Zeros(io.RawIOBase):
    """A large file that is nowhere."""

    def __init__(self, size: int) -> None:
        self._size, self._at, self.largest_read = size, 0, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset if whence == io.SEEK_SET else self._size + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._size - self._at)
        self.largest_read = max(self.largest_read, len(buffer))
        buffer[:count] = bytes(count)
        self._at += count
        return count


def test_a_large_file_goes_up_and_down_without_ever_being_in_memory(confluence: CloudConfluence, space_id: str) -> None:
    page_id = page(confluence, space_id)
    size = 32 * 1024 * 1024
    content = Zeros(size)
    tracemalloc.start()
    try:
        sent = confluence.attach(page_id, "big", cast("BinaryIO", content), media_type="x/y", note="")
        received = sum(len(piece) for piece in confluence.download(sent))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received == sent.size == size
    assert peak < size / 4


def test_empty_lists_that_do_not_say_for_whom_are_not_taken_for_an_empty_space(connection: Connection) -> None:
    with responses.RequestsMock() as net:
        net.add("GET", re.compile(".*/wiki/api/v2/.*"), json={"results": [], "_links": {}})
        net.add("GET", re.compile(".*/user/current"), json={"type": "anonymous"})
        with pytest.raises(SignInFailed):
            connect_confluence(connection, "expired").changed_since(EPOCH, ["1"])


def test_nobody_is_mailed_for_a_file(confluence: CloudConfluence, space_id: str, clara: Visitor) -> None:
    page_id = page(confluence, space_id)
    confluence.attach(page_id, "a.txt", io.BytesIO(b"x"), media_type="text/plain", note="")
    assert [file["version"]["minorEdit"] for file in clara.files_of_page(page_id)] == [True]


def test_a_file_that_is_too_large_is_not_taken_for_a_page_that_is_gone(
    confluence: CloudConfluence, site: Site, space_id: str
) -> None:
    """Confluence documents 404 for both."""
    site.confluence.attachment_limit_bytes = 3
    page_id = page(confluence, space_id)
    with pytest.raises(Refused, match=r"big\.csv was not taken .* over the site's limit"):
        confluence.attach(page_id, "big.csv", io.BytesIO(b"1234"), media_type="text/csv", note="")
    assert confluence.files(page_id) == ()


def test_a_write_without_permission_says_that_it_may_be_one(
    confluence: CloudConfluence, site: Site, space_id: str, account_id: AccountId
) -> None:
    """v2 answers 404 to who may see and not write, as to who may see nothing."""
    page_id = page(confluence, space_id)
    view = frozenset({("read", "space")})
    site.confluence.spaces[space_id].permissions[account_id("tieout")] = view
    with pytest.raises(Gone, match="may not do this there"):
        confluence.update(page_id, title="T", body="<p>2</p>", version=1, message="")
    assert set(confluence.fetch([page_id]).found) == {page_id}
