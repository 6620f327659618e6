"""What every client of Jira must do, whatever the flavour: subclass `JiraContract`, and give the fixtures.

Fixtures: `jira` (the port under test), `dana` (a person with the methods of the sandbox's visitor), `account_id` (name
to account id) and `clock` (the site's). Projects: SEC (every status reachable from every other) and PLAT (few ways,
closing asks for a resolution), as in the sandbox's Acme.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connector.quiet import QUIET
from connector.sandbox.clock import ManualClock
from connector.sandbox.visitor import Visitor
from mappings.errors import Gone, Refused
from mappings.far import Created, IssueDraft, IssueEdit, IssueView, NotCreated
from mappings.text import Mention, Paragraph, Text, paragraphs
from sync.ports import Jira

AccountId = Callable[[str], str]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def draft(number: int = 1, **more: Any) -> IssueDraft:
    wanted: dict[str, Any] = {
        "marker": f"tieout-{number:032x}",
        "project": "SEC",
        "issue_type": "Task",
        "summary": f"Show access reviews {number}",
        "description": paragraphs("All of Q3.\n\nWith dates."),
        "labels": frozenset({"tieout", "soc2-2026"}),
    }
    return IssueDraft(**{**wanted, **more})


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
        assert (task.project, task.issue_type, task.summary) == ("SEC", "Task", full.summary)
        assert task.due_on == date(2026, 12, 1)
        assert task.description == "All of Q3.\n\nWith dates."
        assert (task.assignee, task.assignee_name) == (account_id("priya.nair"), "Priya Nair")
        assert (task.priority, task.is_flagged, task.is_done) == ("High", False, False)
        assert task.labels == {"tieout", "soc2-2026", full.marker}
        assert task.parent == request.id
        assert task.url.endswith(f"/browse/{task.key}")

    def test_an_issue_says_for_whom_it_was_made_and_a_clone_does_not(self, jira: Jira, dana: Visitor) -> None:
        issue = one(jira, draft(1))
        labels = sorted(view(jira, issue.id).labels)
        clone = dana.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="CLONE", labels=labels)
        copied = next(iter(jira.fetch([clone]).found.values()))
        assert (view(jira, issue.id).made_for, copied.made_for) == (f"{1:032x}", "")
        assert copied.labels == view(jira, issue.id).labels

    def test_an_issue_that_is_let_go_carries_no_mark_and_keeps_peoples_labels(self, jira: Jira) -> None:
        wanted = draft(1, labels=frozenset({"tieout", "mine"}))
        issue = one(jira, wanted)
        for _ in range(2):
            jira.let_go(issue.id, {"tieout", wanted.marker})
            assert (view(jira, issue.id).made_for, view(jira, issue.id).labels) == ("", frozenset({"mine"}))
        with pytest.raises(Gone):
            jira.let_go("999999", {"tieout"})

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

    def test_a_persons_query_finds_its_issues_and_at_most_so_many(self, jira: Jira) -> None:
        made = created(jira.create([draft(n) for n in range(1, 4)]))
        query = f'project = SEC AND summary ~ "{draft(1).summary.split()[0]}" ORDER BY key ASC'
        assert jira.find(query, 10) == tuple(answer.id for answer in made)
        assert len(jira.find(query, 2)) == 2
        with pytest.raises(Refused):
            jira.find("nonsense of a query =", 10)

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
        changed = {change.field for change in after.changes}
        assert changed >= {"summary", "description", "assignee", "priority", "flagged", "labels"}

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

    def test_a_way_is_shown_as_far_as_it_has_been_seen_and_nothing_moves(self, jira: Jira) -> None:
        first, second = one(jira, draft(1, project="PLAT")), one(jira, draft(2, project="PLAT"))
        doing, begun = status_id(jira, "Doing", "PLAT"), view(jira, first.id).status_id
        assert jira.way(first.id, doing, fields={}) == ("Selected",)
        assert view(jira, first.id).status_id == begun
        jira.move(first.id, doing, fields={})
        assert jira.way(second.id, doing, fields={}) == ("Selected", "Doing")
        assert jira.way(first.id, doing, fields={}) == ()
        assert view(jira, second.id).status_id == begun

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

    def test_a_comment_of_our_own_is_taken_back(self, jira: Jira) -> None:
        made = one(jira)
        kept, twice = (jira.comment(made.id, paragraphs("Once."), "ref 0123456789ab") for _ in range(2))
        jira.take_back(made.id, twice)
        assert [comment.id for comment in view(jira, made.id).comments] == [kept]

    def test_comments_come_with_author_and_order_however_many(self, jira: Jira, dana: Visitor) -> None:
        made = one(jira)
        for number in range(120):
            dana.comment_issue(made.key, f"comment {number}")
        comments = view(jira, made.id).comments
        assert [comment.text.strip() for comment in comments] == [f"comment {number}" for number in range(120)]
        assert {comment.author_name for comment in comments} == {"Dana Kim"}

    def test_an_issue_may_be_linked_twice_to_the_one_it_belongs_to(self, jira: Jira) -> None:
        request, task = one(jira, draft(1)), one(jira, draft(2))
        for _ in range(2):
            jira.link(task.key, request.key)
        assert view(jira, task.id).linked == {request.id}
        assert view(jira, request.id).linked == {task.id}

    def test_a_watcher_may_be_added_twice(self, jira: Jira, dana: Visitor, account_id: AccountId) -> None:
        made = one(jira)
        for _ in range(2):
            jira.watch(made.id, account_id("ravi.patel"))
        watchers = dana.call("GET", f"/rest/api/3/issue/{made.key}/watchers")["watchers"]
        assert [watcher["displayName"] for watcher in watchers].count("Ravi Patel") == 1

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
        old, new, bare = one(jira, draft(1)), one(jira, draft(2)), one(jira, draft(3, labels=frozenset()))
        strange = dana.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="somebody's own")
        clock.advance(600)
        since = clock.now() - timedelta(seconds=30)
        for key in (new.key, bare.key, strange):
            dana.set_due(key, date(2026, 12, 24))
        seen = jira.changed_since(since, ["SEC", "IT"])
        assert set(seen.ids) == {new.id, bare.id}
        assert seen.seen_until == seen.ids[new.id] == clock.now()
        assert set(jira.changed_since(EPOCH, ["SEC"]).ids) == {old.id, new.id, bare.id}
        assert jira.changed_since(EPOCH, ["IT"]).ids == {}
        assert jira.changed_since(EPOCH, []).ids == {}

    def test_a_long_change_log_is_cut_short_and_read_whole_where_it_is_asked_for(
        self, jira: Jira, dana: Visitor
    ) -> None:
        made, other = one(jira, draft(1)), one(jira, draft(2))
        for number in range(110):
            dana.set_fields(made.key, summary=f"Summary {number}")
        jira.edit(other.id, IssueEdit({"summary": "Another"}))
        shown = view(jira, made.id)
        assert shown.has_more_changes
        assert not view(jira, other.id).has_more_changes
        logs = jira.change_logs([made.id, other.id])
        assert [line.after for line in logs[made.id]] == [f"Summary {number}" for number in reversed(range(110))]
        assert [line.after for line in logs[other.id]] == ["Another"]
        assert logs[made.id][: len(shown.changes)] == shown.changes
        assert len({line.id for line in logs[made.id]}) == 110

    def test_a_poll_of_a_quiet_site_need_not_be_shown_its_last_changes_again(
        self, jira: Jira, clock: ManualClock
    ) -> None:
        made = one(jira)
        made_at = clock.now()
        clock.advance(QUIET.total_seconds())
        assert jira.changed_since(made_at, ["SEC"]).seen_until == made_at
        clock.advance(3600)
        seen = jira.changed_since(made_at, ["SEC"])
        assert (set(seen.ids), seen.seen_until) == ({made.id}, clock.now() - QUIET)
        assert jira.changed_since(clock.now(), ["SEC"]).seen_until == clock.now() - QUIET

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
