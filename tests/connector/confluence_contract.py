"""What every client of Confluence must do, whatever the flavour: subclass `ConfluenceContract`, give the fixtures.

Fixtures: `confluence` (the port under test), `space_id` (of the space SOC2), and `dana`, `account_id` and `clock` as
for `jira_contract`.
"""

import hashlib
import io
from datetime import timedelta

import pytest

from connector.quiet import QUIET
from connector.sandbox.clock import ManualClock
from connector.sandbox.visitor import Visitor
from mappings.errors import Gone, ReadAgain, Refused
from mappings.far import PageDraft
from mappings.text import paragraphs
from sync.ports import Confluence

from .jira_contract import EPOCH, AccountId


def page(confluence: Confluence, space_id: str, title: str = "R-1 Access reviews", body: str = "<p>x</p>") -> str:
    return confluence.create(PageDraft(space_id, confluence.home_page("SOC2"), title, body)).id


class ConfluenceContract:
    ADDRESS = "/spaces/SOC2/pages/{}"

    def test_it_knows_who_it_is(self, confluence: Confluence, account_id: AccountId) -> None:
        assert confluence.whoami().account_id == account_id("tieout")

    def test_a_space_that_is_not_there_is_gone(self, confluence: Confluence) -> None:
        with pytest.raises(Gone):
            confluence.space_id("NONE")
        with pytest.raises(Gone):
            confluence.home_page("NONE")

    def test_a_page_reads_as_it_was_written(
        self, confluence: Confluence, space_id: str, account_id: AccountId, clock: ManualClock
    ) -> None:
        page_id = page(confluence, space_id, body="<p>one &amp; two</p>")
        written = confluence.fetch([page_id]).found[page_id]
        assert (written.title, written.body, written.version) == ("R-1 Access reviews", "<p>one &amp; two</p>", 1)
        assert (written.space_id, written.status) == (space_id, "current")
        assert (written.author, written.written_at) == (account_id("tieout"), clock.now())
        assert written.url.endswith(self.ADDRESS.format(page_id))

    def test_a_page_keeps_its_address_when_it_is_renamed(self, confluence: Confluence, space_id: str) -> None:
        page_id = page(confluence, space_id)
        before = confluence.fetch([page_id]).found[page_id]
        after = confluence.update(page_id, title="R-1 Reviews", body="<p>x</p>", version=before.version, message="")
        assert (after.title, after.url) == ("R-1 Reviews", before.url)

    def test_a_page_is_found_by_title_in_any_case(self, confluence: Confluence, space_id: str) -> None:
        page_id = page(confluence, space_id)
        found = confluence.find(space_id, "r-1 ACCESS reviews")
        assert found is not None
        assert (found.id, found.body) == (page_id, "<p>x</p>")
        assert confluence.find(space_id, "R-1") is None

    def test_a_page_is_found_by_when_it_was_made_whatever_it_is_called_by_now(
        self, confluence: Confluence, space_id: str, clock: ManualClock
    ) -> None:
        page(confluence, space_id, title="R-0 Old")
        clock.advance(600)
        first = page(confluence, space_id)
        confluence.update(first, title="Renamed", body="<p>y</p>", version=1, message="")
        clock.advance(60)
        second = page(confluence, space_id, title="R-2")
        made = list(confluence.made_since(clock.now() - timedelta(seconds=90), space_id))
        assert [(each.id, each.title, each.body) for each in made] == [
            (second, "R-2", "<p>x</p>"),
            (first, "Renamed", "<p>y</p>"),
        ]

    def test_a_title_is_not_taken_twice(self, confluence: Confluence, space_id: str) -> None:
        page(confluence, space_id)
        with pytest.raises((Refused, ReadAgain)):
            page(confluence, space_id)

    def test_a_page_is_written_over_the_version_that_was_read(
        self, confluence: Confluence, space_id: str, dana: Visitor
    ) -> None:
        page_id = page(confluence, space_id)
        second = confluence.update(page_id, title="R-1 Renamed", body="<p>y</p>", version=1, message="why")
        assert (second.version, second.title) == (2, "R-1 Renamed")
        dana.write_page(dana.page(page_id), "<p>hers</p>")
        with pytest.raises(ReadAgain):
            confluence.update(page_id, title="R-1 Renamed", body="<p>z</p>", version=2, message="why")
        assert confluence.fetch([page_id]).found[page_id].body == "<p>hers</p>"

    def test_what_is_not_a_current_page_is_missing_with_a_reason(
        self, confluence: Confluence, space_id: str, dana: Visitor
    ) -> None:
        kept, binned = page(confluence, space_id), page(confluence, space_id, title="R-2")
        dana.call("DELETE", f"/wiki/api/v2/pages/{binned}")
        fetched = confluence.fetch([kept, binned, "99999999"])
        assert set(fetched.found) == {kept}
        assert "trashed" in fetched.missing[binned]
        assert fetched.missing["99999999"]

    def test_a_write_to_a_page_that_is_not_there_is_gone(self, confluence: Confluence) -> None:
        with pytest.raises(Gone):
            confluence.update("99999999", title="x", body="<p>x</p>", version=1, message="")

    def test_a_body_that_is_no_storage_format_is_refused(self, confluence: Confluence, space_id: str) -> None:
        with pytest.raises(Refused):
            page(confluence, space_id, body="<p>never closed")

    def test_comments_and_replies_come_oldest_first_under_their_root(
        self, confluence: Confluence, space_id: str, dana: Visitor, clock: ManualClock, account_id: AccountId
    ) -> None:
        page_id = page(confluence, space_id)
        root = dana.comment_page(page_id, "accept")
        clock.advance(10)
        other = dana.comment_page(page_id, "thanks & bye")
        clock.advance(10)
        reply = confluence.comment(page_id, paragraphs("Noted."), "ref 0123456789ab", reply_to=root)
        clock.advance(10)
        own = confluence.comment(page_id, paragraphs("For all."), "ref ba9876543210")
        comments = confluence.comments(page_id)
        assert [comment.id for comment in comments] == [root, other, reply, own]
        assert [comment.reply_to for comment in comments] == [None, None, root, None]
        assert [comment.text.strip() for comment in comments[:2]] == ["accept", "thanks & bye"]
        assert comments[2].text.rstrip().endswith("ref 0123456789ab")
        assert [comment.author for comment in comments[1:3]] == [account_id("dana.kim"), account_id("tieout")]
        assert comments[0].created_at == clock.now() - timedelta(seconds=30)
        assert not any(comment.is_inline for comment in comments)

    def test_a_comment_or_a_reply_of_our_own_is_taken_back(
        self, confluence: Confluence, space_id: str, dana: Visitor
    ) -> None:
        page_id = page(confluence, space_id)
        root = dana.comment_page(page_id, "accept")
        for reply_to in (None, root):
            said = confluence.comment(page_id, paragraphs("Noted."), "ref 0123456789ab", reply_to=reply_to)
            confluence.take_back(said)
        assert [comment.id for comment in confluence.comments(page_id)] == [root]

    def test_comments_of_a_page_that_is_not_there_are_gone(self, confluence: Confluence) -> None:
        with pytest.raises(Gone):
            confluence.comments("99999999")

    def test_a_file_goes_up_and_comes_back_byte_for_byte(
        self, confluence: Confluence, space_id: str, account_id: AccountId
    ) -> None:
        page_id = page(confluence, space_id)
        content = bytes(range(256)) * 1000 + b"\r\n--end"
        name, note = 'Überblick "Q3".bin', f"sha256 {hashlib.sha256(content).hexdigest()}"
        sent = confluence.attach(page_id, name, io.BytesIO(content), media_type="application/x-test", note=note)
        (listed,) = confluence.files(page_id)
        assert (listed.id, listed.name, listed.size, listed.note) == (sent.id, name, len(content), note)
        assert (listed.media_type, listed.version, listed.author) == ("application/x-test", 1, account_id("tieout"))
        assert sent.download_path == listed.download_path
        pieces = list(confluence.download(listed))
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) <= 64 * 1024

    def test_a_file_of_the_same_name_is_a_version_and_the_old_one_stays_readable(
        self, confluence: Confluence, space_id: str
    ) -> None:
        page_id = page(confluence, space_id)
        first, second = (
            confluence.attach(page_id, "a.txt", io.BytesIO(content), media_type="text/plain", note=note)
            for content, note in ((b"one", "1"), (b"second", "2"))
        )
        assert (second.id, second.version, second.note) == (first.id, 2, "2")
        assert [file.version for file in confluence.files(page_id)] == [2]
        assert b"".join(confluence.download(first)) == b"one"
        assert b"".join(confluence.download(second)) == b"second"

    def test_an_empty_file_is_a_file(self, confluence: Confluence, space_id: str) -> None:
        page_id = page(confluence, space_id)
        sent = confluence.attach(page_id, "empty.txt", io.BytesIO(b""), media_type="text/plain", note="")
        assert b"".join(confluence.download(sent)) == b""

    def test_a_poll_says_which_part_of_a_page_changed(
        self, confluence: Confluence, space_id: str, dana: Visitor, clock: ManualClock
    ) -> None:
        quiet, edited, discussed, filed = (page(confluence, space_id, title=f"R-{n}") for n in range(4))
        clock.advance(600)
        since = clock.now() - timedelta(seconds=30)
        dana.write_page(dana.page(edited), "<p>hers</p>")
        clock.advance(5)
        dana.comment_page(discussed, "question: why?")
        clock.advance(5)
        dana.attach_to_page(filed, "a.txt", b"x")
        seen = confluence.changed_since(since, [space_id])
        assert quiet not in seen.ids
        assert {page_id: seen.facets[page_id] for page_id in seen.ids} == {
            edited: {"page"},
            discussed: {"comments"},
            filed: {"files"},
        }
        assert seen.seen_until == seen.ids[filed] == clock.now()

    def test_a_poll_sees_a_reply_and_an_edited_comment(
        self, confluence: Confluence, space_id: str, dana: Visitor, clock: ManualClock
    ) -> None:
        page_id = page(confluence, space_id)
        root = confluence.comment(page_id, paragraphs("Ours."), "ref 0123456789ab")
        clock.advance(600)
        since = clock.now() - timedelta(seconds=30)
        body = {"parentCommentId": root, "body": {"representation": "storage", "value": "<p>accept</p>"}}
        dana.call("POST", "/wiki/api/v2/footer-comments", json=body)
        seen = confluence.changed_since(since, [space_id])
        assert seen.facets == {page_id: {"comments"}}

    def test_a_quiet_poll_sees_nothing(self, confluence: Confluence, space_id: str, clock: ManualClock) -> None:
        page(confluence, space_id)
        clock.advance(600)
        seen = confluence.changed_since(clock.now(), [space_id])
        assert (seen.ids, seen.seen_until) == ({}, clock.now() - QUIET)
        assert confluence.changed_since(EPOCH, []).ids == {}
