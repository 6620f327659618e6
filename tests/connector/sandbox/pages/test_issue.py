"""An issue's page: what it says, and what people change there."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.sandbox.jira import adf
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from tests.connector.sandbox.pages.conftest import Rest, Surf


def test_the_page_says_what_rest_says(surf: Surf, bot: Visitor, issue: str) -> None:
    document = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "What is asked"}]},
            {"type": "paragraph", "content": [{"type": "text", "text": "All users", "marks": [{"type": "strong"}]}]},
        ],
    }
    bot.set_fields(issue, description=document)
    bot.comment_issue(issue, "On its way")
    other = bot.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="Export of users")
    ends = {"inwardIssue": {"key": issue}, "outwardIssue": {"key": other}}
    bot.call("POST", "/rest/api/3/issueLink", json={"type": {"name": "Blocks"}, **ends})
    page = surf("dana").open(f"/browse/{issue}").page
    assert page.one("strong").text == "All users"
    assert "On its way" in page.one(class_="comments").text
    assert "blocks" in page.one(class_="related").text
    assert page.one("a", href=f"/browse/{other}")
    assert page.one("select", name="assignee").one("option", selected="").text == "Priya Nair"
    assert page.one("input", name="duedate").attrs["value"] == "2026-10-20"


def test_links_of_one_kind_stand_under_one_heading(surf: Surf, bot: Visitor, issue: str) -> None:
    for kind in ("Relates", "Blocks", "Relates"):
        other = bot.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="Export of users")
        ends = {"inwardIssue": {"key": issue}, "outwardIssue": {"key": other}}
        bot.call("POST", "/rest/api/3/issueLink", json={"type": {"name": kind}, **ends})
    related = surf("dana").open(f"/browse/{issue}").page.one(class_="related")
    assert [phrase.text for phrase in related.all(class_="phrase")] == ["blocks", "relates to"]
    assert len(list(related.all("li"))) == 3


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"duedate": "2026-12-01"}, "duedate", "2026-12-01"),
        ({"duedate": ""}, "duedate", None),
        ({"labels": "tieout escalate"}, "labels", ["escalate", "tieout"]),
        ({"priority": "1"}, "priority", "Highest"),
        ({"assignee": ""}, "assignee", None),
        ({"customfield_10021": ["10019"]}, "customfield_10021", ["Impediment"]),
    ],
)
def test_a_person_changes_a_field(
    surf: Surf, rest: Rest, issue: str, change: dict[str, Any], field: str, expected: object
) -> None:
    surf("priya").open(f"/browse/{issue}").submit("Save details", **change)
    value = rest("priya").issue(issue)["fields"][field]
    named = value["name"] if isinstance(value, dict) else value
    assert [one["value"] for one in named] == expected if field.startswith("custom") else named == expected


def test_saving_details_undoes_nobody_elses_change(surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open(f"/browse/{issue}")
    rest("dana").set_fields(issue, priority={"name": "Highest"}, duedate="2026-11-11")
    surfer.submit("Save details", labels="tieout")
    fields = rest("priya").issue(issue)["fields"]
    assert (fields["priority"]["name"], fields["duedate"], fields["labels"]) == ("Highest", "2026-11-11", ["tieout"])


def test_saving_without_a_change_writes_nothing(surf: Surf, rest: Rest, issue: str) -> None:
    before = rest("priya").issue(issue)["fields"]["updated"]
    surf("priya").open(f"/browse/{issue}").submit("Save details")
    assert rest("priya").issue(issue)["fields"]["updated"] == before
    assert rest("priya").call("GET", f"/rest/api/3/issue/{issue}/changelog")["total"] == 0


def test_a_change_is_in_the_history_with_who_made_it(surf: Surf, issue: str) -> None:
    surfer = surf("priya").open(f"/browse/{issue}").submit("Save details", duedate="2026-12-01")
    history = surfer.page.one(class_="history").text
    assert "Priya Nair" in history
    assert "duedate 2026-10-20 → 2026-12-01" in history


def test_a_value_the_site_refuses_is_explained_and_nothing_changes(
    surf: Surf, rest: Rest, issue: str, account_id: Callable[[str], str]
) -> None:
    surfer = surf("priya").open(f"/browse/{issue}").submit("Save details", assignee=account_id("clara"))
    assert surfer.status == 400
    assert "cannot be assigned issues" in surfer.problem
    assert rest("priya").issue(issue)["fields"]["assignee"]["displayName"] == "Priya Nair"


def test_a_status_button_moves_the_issue(surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open(f"/browse/{issue}").submit("In Progress")
    assert rest("priya").status(issue) == "In Progress"
    assert surfer.page.one(class_="status-box").one(class_="lozenge").text == "In Progress"


def test_a_move_that_is_gone_meanwhile_is_explained(surf: Surf, bot: Visitor) -> None:
    key = bot.create_issue(project={"key": "PLAT"}, issuetype={"name": "Task"}, summary="Rotate keys")
    surfer = surf("tomas").open(f"/browse/{key}")
    bot.move(key, "Selected")
    assert f"{key} is in Selected now" in surfer.submit("Select").problem


def test_a_comment_is_the_persons_own(surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open(f"/browse/{issue}").submit("Save comment", body="First line\r\nsecond line")
    (comment,) = rest("dana").comments_of_issue(issue)
    assert comment["author"]["displayName"] == "Priya Nair"
    assert [part["content"][0]["text"] for part in comment["body"]["content"]] == ["First line", "second line"]
    assert "First line second line" in surfer.page.one(class_="comments").text


def test_an_empty_comment_is_not_sent(surf: Surf, rest: Rest, issue: str) -> None:
    assert surf("priya").open(f"/browse/{issue}").submit("Save comment", body="  \n").status == 400
    assert rest("priya").comments_of_issue(issue) == []


def test_a_comment_kept_to_a_group_is_shown_to_its_members_only(
    site: Site, surf: Surf, bot: Visitor, issue: str
) -> None:
    said = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": "between us"}]}],
    }
    kept = {"type": "group", "value": "site-admins"}
    bot.call("POST", f"/rest/api/3/issue/{issue}/comment", json={"body": said, "visibility": kept})
    assert "between us" in surf("tieout").open(f"/browse/{issue}").text
    assert "between us" not in surf("priya").open(f"/browse/{issue}").text


def test_a_file_is_attached_and_comes_back_byte_for_byte(surf: Surf, rest: Rest, issue: str) -> None:
    content = bytes(range(256)) * 300
    surfer = surf("priya").open(f"/browse/{issue}").submit("Attach", file=("users & roles.html", content))
    (held,) = rest("priya").issue(issue)["fields"]["attachment"]
    assert (held["filename"], held["author"]["displayName"]) == ("users & roles.html", "Priya Nair")
    link = surfer.page.one(class_="file")
    assert link.text == "users & roles.html"
    answer = surfer.open(link.attrs["href"]).answer
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox"


def test_attaching_without_choosing_a_file_says_so(surf: Surf, issue: str) -> None:
    assert surf("priya").open(f"/browse/{issue}").submit("Attach", file=("", b"")).problem == "Choose a file first."


def test_a_guest_downloads_nothing_from_jira(surf: Surf, bot: Visitor, issue: str) -> None:
    attachment = bot.attach(issue, "salaries.txt", b"secret")
    answer = surf("clara").open(f"/secure/attachment/{attachment}/salaries.txt").answer
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_watching_is_started_and_stopped(surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open(f"/browse/{issue}").submit("Watch")
    watchers = rest("priya").call("GET", f"/rest/api/3/issue/{issue}/watchers")["watchers"]
    assert "Priya Nair" in [one["displayName"] for one in watchers]
    surfer.submit("Stop watching")
    assert not rest("priya").call("GET", f"/rest/api/3/issue/{issue}/watchers")["isWatching"]


def test_a_person_tells_the_webhooks_as_a_program_does(site: Site, surf: Surf, bot: Visitor, issue: str) -> None:
    hook = {
        "name": "x",
        "url": "http://127.0.0.1/hook",
        "events": ["jira:issue_updated", "comment_created"],
        "filters": {},
    }
    bot.call("POST", "/rest/webhooks/1.0/webhook", json=hook)
    surfer = surf("priya").open(f"/browse/{issue}").submit("Save details", duedate="2026-12-01")
    surfer.submit("Save comment", body="done")
    assert len(site.outbox.pending) == 2


def test_an_issue_that_is_not_there_is_said_to_be_so(surf: Surf) -> None:
    assert surf("priya").open("/browse/AUD-999").status == 404


def test_a_projects_key_leads_to_its_board(surf: Surf) -> None:
    assert surf("priya").open("/browse/AUD").address == "/jira/board/AUD"


def test_too_many_writes_at_once_are_refused_as_for_programs(site: Site, surf: Surf, issue: str) -> None:
    site.faults.limits.per_issue = True
    surfer = surf("priya").open(f"/browse/{issue}")
    statuses = [surfer.submit("Save comment", body=f"{n}").status for n in range(21)]
    assert statuses[-1] == 429
    assert "Rate limit" in surfer.problem


def test_a_comment_is_edited_by_who_wrote_it_and_stays_where_it_was(surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open(f"/browse/{issue}").submit("Save comment", body="the list is ready")
    surfer.submit("Save changes", body="the list follows")
    (said,) = rest("dana").comments_of_issue(issue)
    assert "the list follows" in str(said["body"])
    assert not list(surf("tomas").open(f"/browse/{issue}").page.one(class_="comments").all("form"))


def test_a_comment_is_deleted_for_good(surf: Surf, rest: Rest, issue: str) -> None:
    surf("priya").open(f"/browse/{issue}").submit("Save comment", body="oops").submit("Delete for good")
    assert rest("dana").comments_of_issue(issue) == []


def test_a_comment_kept_to_some_is_still_kept_to_them_when_it_was_edited(surf: Surf, rest: Rest, issue: str) -> None:
    body = {"body": adf.from_text("for us"), "visibility": {"type": "group", "value": "jira-users"}}
    rest("priya").call("POST", f"/rest/api/3/issue/{issue}/comment", json=body)
    surf("priya").open(f"/browse/{issue}").submit("Save changes", body="for all of us")
    (said,) = rest("dana").comments_of_issue(issue)
    assert said["visibility"]["value"] == "jira-users"


def test_summary_and_description_are_edited_and_only_what_changed_is_sent(surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open(f"/browse/{issue}")
    words = surfer.page.one(class_="edit-words")
    surfer.submit("Save", words, summary="Access review of March", description="One line\r\nand another")
    assert surfer.page.one("h1").text == "Access review of March"
    surfer.submit("Save", surfer.page.one(class_="edit-words"), summary="Access review of May")
    fields = rest("dana").issue(issue)["fields"]
    assert fields["description"] == adf.from_text("One line\nand another")
    assert [[item["field"] for item in entry["items"]] for entry in changes(rest("dana"), issue)] == [
        ["summary", "description"],
        ["summary"],
    ]


def changes(visitor: Visitor, issue: str) -> list[Any]:
    """The change log, oldest first."""
    return list(visitor.call("GET", f"/rest/api/3/issue/{issue}/changelog")["values"])
