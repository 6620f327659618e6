"""What every client of Jira and of Confluence must do, whatever the flavour: subclass, and give the fixtures.

Fixtures: `jira` or `confluence` (the port under test), `dana` (a person with the methods of the sandbox's visitor),
`account_id` (name to account id), `clock` (the site's), `space_id`. Projects: SEC (every status reachable from every
other) and PLAT (few ways, closing asks for a resolution), as in the sandbox's Acme.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.visitor import Visitor
from mappings.errors import Gone, ReadAgain, Refused
from mappings.far import Created, IssueDraft, IssueEdit, IssueView, NotCreated, PageDraft
from mappings.text import Mention, Paragraph, Text, paragraphs
from sync.ports import Confluence, Jira

AccountId = Callable[[str], str]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def draft(number: int = 1, **more: object) -> IssueDraft:
    wanted: dict[str, object] = {
        "marker": f"tieout-{number:032x}",
        "project": "SEC",
        "issue_type": "Task",
        "summary": f"Show access reviews {number}",
        "description": paragraphs("All of Q3.\n\nWith dates."),
        "labels": frozenset({"tieout", "soc2-2026"}),
    }
    return IssueDraft(**{**wanted, **more})  # type: ignore[arg-type]  # the table above has the types


def created(answers: Sequence[Created | NotCreated]) -> list[Created]:
    assert [answer for answer in answers if isinstance(answer, NotCreated)] == []
    return [answer for answer in answers if isinstance(answer, Created)]


def one(jira: Jira, wanted: IssueDraft | None = None) -> Created:
    return created(jira.create([wanted or draft()]))[0]


def view(jira: Jira, issue_id: str) -> IssueView:
    return jira.fetch([issue_id]).found[issue_id]


def status_id(jira: Jira, name: str, project: str = "SEC") -> str:
    kinds = jira.catalog([project]).statuses[project]
    return next(info.id for info in kinds["Task"] if info.name == name)


class JiraContract:
    def test_it_knows_who_it_is(self, jira: Jira, account_id: AccountId) -> None:
        assert jira.whoami().account_id == account_id("tieout")

    def test_an_issue_reads_as_it_was_drafted(self, jira: Jira, account_id: AccountId) -> None:
        request = one(jira, draft(1))
        full = draft(
            2, due_on=date(2026, 12, 1), assignee=account_id("priya.nair"), priority="High", link_to=request.key
        )
        task = view(jira, one(jira, full).id)
        assert (task.project, task.summary, task.due_on) == ("SEC", full.summary, date(2026, 12, 1))
        assert task.description == "All of Q3.\n\nWith dates."
        assert (task.assignee, task.assignee_name) == (account_id("priya.nair"), "Priya Nair")
        assert (task.priority, task.is_flagged, task.is_done) == ("High", False, False)
        assert task.labels == {"tieout", "soc2-2026", full.marker}
        assert task.parent == request.id
        assert task.url.endswith(f"/browse/{task.key}")

    def test_what_cannot_be_created_is_told_apart_from_what_was(self, jira: Jira) -> None:
        drafts = [draft(1), draft(2, issue_type="Nonsense"), draft(3), draft(4, priority="Absurd")]
        answers = jira.create(drafts)
        assert [answer.marker for answer in answers] == [part.marker for part in drafts]
        assert [type(answer) for answer in answers] == [Created, NotCreated, Created, NotCreated]
        summaries = [view(jira, answer.id).summary for answer in answers if isinstance(answer, Created)]
        assert summaries == [drafts[0].summary, drafts[2].summary]
        assert all(answer.reason for answer in answers if isinstance(answer, NotCreated))

    def test_when_nothing_can_be_created_each_has_its_reason(self, jira: Jira) -> None:
        answers = jira.create([draft(1, project="NONE"), draft(2, project="NONE")])
        assert [type(answer) for answer in answers] == [NotCreated, NotCreated]

    def test_what_was_created_is_found_by_its_marker(self, jira: Jira) -> None:
        before = one(jira, draft(1))
        number = jira.highest_number("SEC")
        assert before.key == f"SEC-{number}"
        made = created(jira.create([draft(n) for n in range(2, 40)]))
        markers = [answer.marker for answer in made] + [draft(77).marker]
        assert jira.find_created("SEC", markers, number) == {answer.marker: (answer.id,) for answer in made}

    def test_missing_issues_have_a_reason(self, jira: Jira) -> None:
        made = one(jira)
        fetched = jira.fetch([made.id, "99999999"])
        assert set(fetched.found) == {made.id}
        assert set(fetched.missing) == {"99999999"}
        assert fetched.missing["99999999"]

    def test_an_edit_changes_what_it_names_and_nothing_else(self, jira: Jira, account_id: AccountId) -> None:
        made = one(jira, draft(1, due_on=date(2026, 12, 1), priority="Low"))
        before = view(jira, made.id)
        changes = {
            "summary": "Other",
            "description": paragraphs("New."),
            "assignee": account_id("dana.kim"),
            "priority": "Highest",
            "is_flagged": True,
        }
        jira.edit(made.id, IssueEdit(changes, frozenset({"overdue"}), frozenset({"soc2-2026"})))
        after = view(jira, made.id)
        assert (after.summary, after.description, after.priority) == ("Other", "New.", "Highest")
        assert (after.assignee, after.is_flagged) == (account_id("dana.kim"), True)
        assert after.labels == before.labels - {"soc2-2026"} | {"overdue"}
        assert (after.due_on, after.status_id) == (before.due_on, before.status_id)

    def test_what_was_set_can_be_emptied(self, jira: Jira, account_id: AccountId) -> None:
        made = one(jira, draft(1, due_on=date(2026, 12, 1), assignee=account_id("dana.kim")))
        jira.edit(made.id, IssueEdit({"is_flagged": True}))
        jira.edit(made.id, IssueEdit({"due_on": None, "assignee": None, "is_flagged": False}))
        after = view(jira, made.id)
        assert (after.due_on, after.assignee, after.is_flagged) == (None, None, False)

    def test_an_edit_the_site_refuses_names_the_field(self, jira: Jira) -> None:
        made = one(jira)
        with pytest.raises(Refused) as caught:
            jira.edit(made.id, IssueEdit({"priority": "Absurd"}))
        assert "priority" in caught.value.fields

    def test_an_edit_of_what_is_not_there_is_gone(self, jira: Jira) -> None:
        with pytest.raises(Gone):
            jira.edit("99999999", IssueEdit({"summary": "x"}))

    @pytest.mark.parametrize(
        ("project", "target"), [("SEC", "In Review"), ("PLAT", "With auditor"), ("PLAT", "Waiting")]
    )
    def test_a_move_arrives_however_many_steps_it_takes(self, jira: Jira, project: str, target: str) -> None:
        made = one(jira, draft(1, project=project))
        wanted = status_id(jira, target, project)
        jira.move(made.id, wanted, fields={})
        assert view(jira, made.id).status_id == wanted

    def test_a_move_never_passes_through_done(self, jira: Jira) -> None:
        made = one(jira, draft(1, project="PLAT"))
        jira.move(made.id, status_id(jira, "With auditor", "PLAT"), fields={})
        kinds = jira.catalog(["PLAT"]).statuses["PLAT"]["Task"]
        done = {info.id for info in kinds if info.category == "done"}
        passed = {change.after for change in view(jira, made.id).changes if change.field == "status"}
        assert passed.isdisjoint(done)

    def test_a_screen_that_requires_a_field_is_named_and_then_filled(self, jira: Jira) -> None:
        made = one(jira, draft(1, project="PLAT"))
        closed = status_id(jira, "Closed", "PLAT")
        with pytest.raises(Refused) as caught:
            jira.move(made.id, closed, fields={})
        assert "resolution" in caught.value.fields
        assert "transition_fields" in str(caught.value)
        jira.move(made.id, closed, fields={"resolution": {"name": "Done"}})
        assert view(jira, made.id).is_done

    def test_a_move_to_where_it_stands_does_nothing(self, jira: Jira) -> None:
        made = one(jira)
        before = view(jira, made.id)
        jira.move(made.id, before.status_id, fields={})
        assert view(jira, made.id) == before

    def test_a_move_to_a_status_of_another_project_says_where_it_stopped(self, jira: Jira) -> None:
        made = one(jira, draft(1, project="PLAT"))
        with pytest.raises(Refused, match="steps offered there"):
            jira.move(made.id, status_id(jira, "Blocked"), fields={})

    def test_somebody_else_moved_it_in_between(self, jira: Jira, dana: Visitor) -> None:
        made = one(jira, draft(1, project="PLAT"))
        view(jira, made.id)
        for name in ("Selected", "Doing", "Peer review"):
            dana.move(made.key, name)
        wanted = status_id(jira, "With auditor", "PLAT")
        jira.move(made.id, wanted, fields={})
        assert view(jira, made.id).status_id == wanted

    def test_a_comment_carries_its_text_and_its_mark(self, jira: Jira, account_id: AccountId) -> None:
        made = one(jira)
        runs = (Text("For "), Mention(account_id("dana.kim"), "Dana Kim"), Text(": please look."))
        comment_id = jira.comment(made.id, (Paragraph(runs), *paragraphs("Second.")), "ref 0123456789ab")
        (comment,) = view(jira, made.id).comments
        assert (comment.id, comment.author) == (comment_id, account_id("tieout"))
        assert "please look." in comment.text
        assert "Second." in comment.text
        assert comment.text.rstrip().endswith("ref 0123456789ab")
        assert not comment.is_restricted

    def test_comments_come_with_author_and_order_however_many(self, jira: Jira, dana: Visitor) -> None:
        made = one(jira)
        for number in range(120):
            dana.comment_issue(made.key, f"comment {number}")
        comments = view(jira, made.id).comments
        assert [comment.text.strip() for comment in comments] == [f"comment {number}" for number in range(120)]
        assert {comment.author_name for comment in comments} == {"Dana Kim"}

    def test_a_watcher_may_be_added_twice(self, jira: Jira, dana: Visitor, account_id: AccountId) -> None:
        made = one(jira)
        for _ in range(2):
            jira.watch(made.id, account_id("ravi.patel"))
        watchers = dana.call("GET", f"/rest/api/3/issue/{made.key}/watchers")["watchers"]
        assert [watcher["accountId"] for watcher in watchers].count(account_id("ravi.patel")) == 1

    def test_a_file_comes_back_byte_for_byte_in_small_pieces(self, jira: Jira, dana: Visitor) -> None:
        made = one(jira)
        content = bytes(range(256)) * 1000 + b"end"
        dana.attach(made.key, 'quarter "three".bin', content)
        (file,) = view(jira, made.id).files
        assert (file.name, file.size, file.author_name) == ('quarter "three".bin', len(content), "Dana Kim")
        pieces = list(jira.download(file))
        assert b"".join(pieces) == content
        assert max(map(len, pieces)) <= 64 * 1024

    def test_the_change_log_says_who_changed_what_newest_first(
        self, jira: Jira, dana: Visitor, account_id: AccountId, clock: ManualClock
    ) -> None:
        made = one(jira)
        clock.advance(60)
        dana.set_due(made.key, date(2026, 12, 24))
        clock.advance(60)
        dana.move(made.key, "In Progress")
        moved, dated = view(jira, made.id).changes[:2]
        assert (moved.field, moved.before, moved.after) == (
            "status",
            status_id(jira, "To Do"),
            status_id(jira, "In Progress"),
        )
        assert (dated.field, dated.before, dated.after) == ("duedate", None, "2026-12-24")
        assert {moved.author, dated.author} == {account_id("dana.kim")}
        assert moved.changed_at == clock.now()

    def test_a_poll_sees_what_changed_since_and_no_more(self, jira: Jira, dana: Visitor, clock: ManualClock) -> None:
        old, new, strange = one(jira, draft(1)), one(jira, draft(2)), one(jira, draft(3, labels=frozenset()))
        clock.advance(600)
        since = clock.now() - timedelta(seconds=30)
        for key in (new.key, strange.key):
            dana.set_due(key, date(2026, 12, 24))
        seen = jira.changed_since(since, ["SEC", "IT"])
        assert set(seen.ids) == {new.id}
        assert seen.seen_until == seen.ids[new.id] == clock.now()
        assert set(jira.changed_since(EPOCH, ["SEC"]).ids) == {old.id, new.id}
        assert jira.changed_since(EPOCH, ["IT"]).ids == {}
        assert jira.changed_since(EPOCH, []).ids == {}

    def test_only_an_account_that_shows_exactly_this_address_is_found(self, jira: Jira, account_id: AccountId) -> None:
        visible, hidden, nobody = "Dana.Kim@acme.example", "marco.rossi@acme.example", "dana@acme.example"
        found = jira.find_accounts([visible, hidden, nobody, "dana"])
        assert {email: account.account_id for email, account in found.items()} == {
            visible.lower(): account_id("dana.kim")
        }

    def test_the_catalog_has_statuses_by_project_and_type(self, jira: Jira) -> None:
        catalog = jira.catalog(["SEC", "PLAT"])
        assert set(catalog.statuses) == {"SEC", "PLAT"}
        categories = {info.name: info.category for info in catalog.statuses["SEC"]["Task"]}
        assert categories["To Do"] == "new"
        assert categories["In Progress"] == "indeterminate"
        assert categories["Done"] == "done"
        assert catalog.priorities == ("Highest", "High", "Medium", "Low", "Lowest")
        assert catalog.flag_field is not None
        assert "Relates" in catalog.link_types

    def test_a_project_that_is_not_there_is_gone(self, jira: Jira) -> None:
        with pytest.raises(Gone):
            jira.catalog(["NONE"])

    def test_an_empty_project_has_no_highest_number(self, jira: Jira) -> None:
        assert jira.highest_number("LEGAL") == 0


def page(confluence: Confluence, space_id: str, title: str = "R-1 Access reviews", body: str = "<p>x</p>") -> str:
    return confluence.create(PageDraft(space_id, confluence.home_page("SOC2"), title, body)).id


class ConfluenceContract:
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
        assert "/spaces/SOC2/pages/" in written.url

    def test_a_page_is_found_by_title_in_any_case(self, confluence: Confluence, space_id: str) -> None:
        page_id = page(confluence, space_id)
        found = confluence.find(space_id, "r-1 ACCESS reviews")
        assert found is not None
        assert (found.id, found.body) == (page_id, "<p>x</p>")
        assert confluence.find(space_id, "R-1") is None

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
        assert (seen.ids, seen.seen_until) == ({}, None)
        assert confluence.changed_since(EPOCH, []).ids == {}
