"""A Confluence page at a browser: what is drawn, and what people do on it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from mappings.storage.writing import heading, macro, mention, properties, region, status
from tests.connector.sandbox.pages.conftest import Rest, Surf
from tests.connector.sandbox.pages.surfer import Surfer

Publish = Callable[[str, str], str]
AccountId = Callable[[str], str]
TASK = (
    "<ac:task-list><ac:task><ac:task-id>1000001</ac:task-id><ac:task-status>incomplete</ac:task-status>"
    "<ac:task-body>Accept this evidence</ac:task-body></ac:task></ac:task-list>"
)


@pytest.fixture
def page_id(publish: Publish, account_id: Callable[[str], str], issue: str) -> str:
    """An evidence page much as Tieout writes it."""
    rows = [
        ("Status", status("Submitted", "Purple")),
        ("Due", '<time datetime="2026-11-30"/>'),
        ("Owner", mention(account_id("priya"))),
    ]
    jira = macro("jira", {"jqlQuery": 'labels = "CC6.1"', "columns": "key,summary,status"})
    body = region("tieout-facts", properties(rows)) + heading("Tasks") + jira + region("tieout-decide", TASK)
    return publish("R-001 Access review", body + heading("Notes") + "<p>Met the owner on Tuesday.</p>")


def address(page_id: str) -> str:
    return f"/wiki/spaces/SOC2/pages/{page_id}"


def body_of(visitor: Visitor, page_id: str) -> str:
    return str(visitor.page(page_id)["body"]["storage"]["value"])


def test_a_page_shows_lozenge_date_person_and_live_issues(surf: Surf, page_id: str, issue: str) -> None:
    page = surf("dana").open(address(page_id)).page.one(class_="storage")
    assert page.one(class_="lozenge").text == "Submitted"
    assert page.one("time").text == "30 Nov 2026"
    assert page.one(class_="mention").text == "@Priya Nair"
    row = page.one(class_="jira-table").one("tbody").one("tr")
    assert [cell.text for cell in row.all("td")] == [issue, "Access review", "To Do"]


def test_a_guest_sees_the_page_and_none_of_jiras_issues(surf: Surf, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id))
    assert surfer.status == 200
    assert surfer.page.one(class_="jira-table").text.startswith("Jira shows no issues here")


@pytest.mark.parametrize("path", ["/wiki/spaces/SOC2", "/wiki/spaces/SOC2/overview", "/wiki"])
def test_a_spaces_address_opens_its_home_page_beside_the_tree(surf: Surf, page_id: str, path: str) -> None:
    surfer = surf("clara").open(path)
    assert surfer.page.one("h1").text == "SOC 2 evidence"
    assert surfer.page.one(class_="tree").one("a", href=address(page_id)).text == "R-001 Access review"
    assert surfer.page.one(class_="storage").one("a", href=address(page_id)).text == "R-001 Access review"


def test_the_addresses_confluence_gives_out_open_here(surf: Surf, rest: Rest, page_id: str) -> None:
    links = rest("clara").page(page_id)["_links"]
    for path in (links["webui"], links["edituiv2"], f"/pages/viewpage.action?pageId={page_id}"):
        assert surf("clara").open(f"/wiki{path}").status == 200


def test_an_auditor_sets_the_date_in_the_due_row_and_only_that_changes(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id)).submit("Save", due_on="2026-12-15")
    assert surfer.page.one(class_="storage").one("time").text == "15 Dec 2026"
    saved = rest("clara").page(page_id)
    assert saved["version"]["number"] == 2
    assert '<time datetime="2026-12-15" />' in body_of(rest("clara"), page_id)
    assert "local-id" in body_of(rest("clara"), page_id), "saved by the editor, with its noise"


def test_a_due_date_that_is_none_is_refused(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id)).submit("Save", due_on="soon")
    assert (surfer.status, surfer.problem) == (400, "soon is not a date; write it as 2026-12-01.")
    assert rest("clara").page(page_id)["version"]["number"] == 1


def test_an_auditor_ticks_the_box_and_clears_it(surf: Surf, rest: Rest, page_id: str, account_id: AccountId) -> None:
    surfer = surf("clara").open(address(page_id)).submit("Accept this evidence")
    assert surfer.page.one(role="checkbox").attrs["aria-checked"] == "true"
    (task,) = rest("clara").call("GET", "/wiki/api/v2/tasks")["results"]
    assert (task["status"], task["completedBy"]) == ("complete", account_id("clara"))
    surfer.submit("Accept this evidence")
    assert rest("clara").call("GET", "/wiki/api/v2/tasks")["results"][0]["status"] == "incomplete"


def test_a_comment_is_said_and_answered(surf: Surf, rest: Rest, page_id: str, account_id: AccountId) -> None:
    surf("clara").open(address(page_id)).submit("Save comment", body="return: contractors are missing")
    surfer = surf("dana").open(address(page_id)).submit("Save reply", body="They are on their way")
    (root,) = rest("dana").call("GET", f"/wiki/api/v2/pages/{page_id}/footer-comments?body-format=storage")["results"]
    assert root["version"]["authorId"] == account_id("clara")
    assert root["body"]["storage"]["value"] == "<p>return: contractors are missing</p>"
    assert len(rest("dana").replies(root["id"])) == 1
    assert "They are on their way" in surfer.page.one(class_="comments").one("ol").text


def test_words_of_the_page_are_commented_on_and_the_comment_is_resolved(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id))
    form = surfer.page.one(class_="about-words")
    surfer.submit("Save comment", form, selection="on Tuesday", body="Which one?")
    assert surfer.page.one(class_="marked").text == "on Tuesday"
    assert surfer.page.one("blockquote").text == "on Tuesday"
    surfer.submit("Resolve")
    (comment,) = rest("clara").call("GET", f"/wiki/api/v2/pages/{page_id}/inline-comments")["results"]
    assert comment["resolutionStatus"] == "resolved"
    assert not list(surfer.page.all(class_="marked"))
    surfer.submit("Open again")
    assert list(surfer.page.all(class_="marked"))


def test_words_that_are_not_on_the_page_cannot_be_commented_on(surf: Surf, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id))
    form = surfer.page.one(class_="about-words")
    assert "was not found" in surfer.submit("Save comment", form, selection="on Friday", body="?").problem


def test_a_file_put_twice_has_two_versions_and_both_come_back(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id))
    for content in (b"first", b"second"):
        surfer.submit("Attach", file=("sample.csv", content))
    (held,) = rest("clara").files_of_page(page_id)
    assert held["version"]["number"] == 2
    entry = surfer.page.one(class_="files")
    newest, oldest = entry.one(class_="file").attrs["href"], entry.one(class_="versions").one("a").attrs["href"]
    assert surfer.open(newest).answer.data == b"second"
    assert surfer.open(oldest).answer.data == b"first"
    assert surfer.answer.headers["Content-Disposition"].startswith("attachment")


def fields_named(surfer: Surfer, label: str) -> str:
    """The name of the editor's field with this label."""
    (found,) = (one.attrs["name"] for one in surfer.page.all() if one.attrs.get("aria-label") == label)
    return found


def without_noise(body: str) -> str:
    """A body without what the editor adds to it when a person saves."""
    noise = r' (ac:|data-)?(local-id|layout|macro-id|schema-version)="[^"]*"|<ac:task-uuid>[^<]*</ac:task-uuid>'
    return re.sub(noise, "", body).replace(" />", "/>")


def test_a_page_is_edited_where_its_words_stand(surf: Surf, rest: Rest, page_id: str) -> None:
    before = body_of(rest("clara"), page_id)
    surfer = surf("clara").open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}")
    notes = fields_named(surfer, "Paragraph: Met the owner on Tuesday.")
    status = fields_named(surfer, "Status: Submitted")
    typed: dict[str, Any] = {notes: "Met the owner on Friday.\r\nAll well.", status: "Accepted"}
    surfer.submit("Save", end="Seen by Clara", **typed)
    assert surfer.address == address(page_id)
    after = body_of(rest("clara"), page_id)
    assert "local-id" in after, "saved by the editor, with its noise"
    assert without_noise(after) == (
        before.replace("Tuesday.", "Friday.</p><p>All well.").replace(">Submitted<", ">Accepted<")
        + "<p>Seen by Clara</p>"
    )


def test_saving_a_page_as_it_was_writes_nothing(surf: Surf, rest: Rest, page_id: str) -> None:
    surf("clara").open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}").submit("Save")
    assert rest("clara").page(page_id)["version"]["number"] == 1


def test_two_people_may_edit_other_words_at_the_same_time(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}")
    page = rest("dana").page(page_id)
    rest("dana").write_page(page, page["body"]["storage"]["value"] + "<p>Dana was here</p>")
    typed: dict[str, Any] = {fields_named(surfer, "Paragraph: Met the owner on Tuesday."): "Met the owner on Friday."}
    surfer.submit("Save", **typed)
    after = body_of(rest("clara"), page_id)
    assert ("Dana was here" in after, "on Friday." in after) == (True, True)


def test_who_edits_words_that_somebody_else_changed_is_told_and_keeps_them(
    surf: Surf, rest: Rest, page_id: str
) -> None:
    surfer = surf("clara").open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}")
    rest("dana").write_page(rest("dana").page(page_id), "<p>theirs</p>")
    typed: dict[str, Any] = {fields_named(surfer, "Paragraph: Met the owner on Tuesday."): "mine"}
    surfer.submit("Save", **typed)
    assert surfer.status == 409
    assert "changed the same words" in surfer.problem
    assert surfer.page.one("textarea", id="kept").text == "mine"
    assert body_of(rest("dana"), page_id) == "<p>theirs</p>"


def test_a_page_is_edited_by_its_source_and_shows_who_did(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id)).open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}?source=yes")
    source = "".join(str(one) for one in surfer.page.one("textarea", name="body").inside).removeprefix("\n")
    changed = source.replace("Met the owner on Tuesday.", "Met the owner on Friday.").replace("\n", "\r\n")
    surfer.submit("Save", body=changed)
    assert "Met the owner on Friday." in surfer.page.one(class_="storage").text
    assert "Clara Weiss" in surfer.page.one(class_="page-byline").text
    assert "\n" not in body_of(rest("clara"), page_id)


def test_a_page_is_renamed_without_a_new_body(surf: Surf, rest: Rest, page_id: str) -> None:
    before = body_of(rest("clara"), page_id)
    surf("clara").open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}").submit("Save", title="R-001 Users")
    assert rest("clara").page(page_id)["title"] == "R-001 Users"
    assert body_of(rest("clara"), page_id) == before


def test_saving_over_somebody_elses_version_is_refused_and_the_words_are_kept(
    surf: Surf, rest: Rest, page_id: str
) -> None:
    surfer = surf("clara").open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}?source=yes")
    rest("dana").write_page(rest("dana").page(page_id), "<p>theirs</p>")
    surfer.submit("Save", body="<p>mine</p>")
    assert (surfer.status, surfer.page.one("textarea", name="body").text) == (409, "<p>mine</p>")
    assert body_of(rest("dana"), page_id) == "<p>theirs</p>"
    surfer.submit("Save")
    assert "mine" in body_of(rest("dana"), page_id)


def test_source_that_is_not_well_formed_is_refused_and_kept(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}?source=yes")
    surfer.submit("Save", body="<p>broken")
    assert surfer.status == 400
    assert "Error parsing xhtml" in surfer.problem
    assert surfer.page.one("textarea", name="body").text == "<p>broken"
    assert rest("clara").page(page_id)["version"]["number"] == 1


def test_older_versions_are_listed_and_shown_but_cannot_be_changed(surf: Surf, rest: Rest, page_id: str) -> None:
    rest("dana").write_page(rest("dana").page(page_id), "<p>newer</p>")
    surfer = surf("clara").open(f"/wiki/pages/viewpreviousversions.action?pageId={page_id}")
    (_, older) = surfer.page.one("tbody").all("tr")
    surfer.open(older.one("a").attrs["href"])
    assert "You are looking at version 1 of 2" in surfer.text
    assert not list(surfer.page.one("main").all("form"))


def test_a_page_kept_to_others_is_not_there_for_a_guest(site: Site, surf: Surf, page_id: str) -> None:
    site.confluence.pages[page_id].restrictions = {"read": frozenset({"somebody"})}
    surfer = surf("clara").open(address(page_id))
    assert surfer.status == 404
    assert "R-001" not in surfer.text
    assert "R-001" not in surfer.open("/wiki/spaces/SOC2/pages").text


def test_somebody_who_may_only_read_gets_no_forms_and_no_way_round_them(
    site: Site, surf: Surf, rest: Rest, page_id: str, account_id: AccountId
) -> None:
    space = site.confluence.space_by_key("SOC2")
    space.permissions[account_id("clara")] = frozenset({("read", "space")})
    surfer = surf("clara").open(address(page_id))
    assert not list(surfer.page.one("main").all("form"))
    for action, fields in (
        ("due", {"due_on": "2026-12-01"}),
        ("comment", {"body": "x"}),
        ("tasks/10000", {"status": "complete"}),
    ):
        assert surfer.post(f"/wiki/pages/{page_id}/{action}", **fields).status in (403, 404)
    assert surfer.open(f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}").status == 403
    assert rest("dana").page(page_id)["version"]["number"] == 1


def test_somebody_without_a_space_is_told_so(
    site: Site, surf: Surf, rest: Rest, page_id: str, account_id: AccountId
) -> None:
    del site.confluence.space_by_key("SOC2").permissions[account_id("ben")]
    assert surf("ben").open("/wiki").status == 403
    assert surf("ben").open("/wiki/spaces/SOC2").status == 404


def test_the_report_on_the_home_page_lists_the_pages_below_as_people_count(
    surf: Surf, rest: Rest, publish: Publish
) -> None:
    for number, shown in (("R-10", "Open"), ("R-2", "Accepted")):
        rows = [("Number", number), ("Status", status(shown, "Green")), ("Due", '<time datetime="2026-11-30"/>')]
        publish(f"{number} Something", region("tieout-facts", properties(rows)))
    publish("Minutes", "<p>no properties</p>")
    home = rest("tieout").find_page("SOC2", "SOC 2 evidence")
    given = {"id": "tieout-facts", "headings": "Status,Due", "sortBy": "Number", "cql": "ancestor = currentContent()"}
    rest("tieout").write_page(home, macro("detailssummary", given))
    surfer = surf("clara").open("/wiki/spaces/SOC2/overview")
    rows_shown = [
        [cell.text for cell in row.all("td")] for row in surfer.page.one(class_="report").one("tbody").all("tr")
    ]
    assert rows_shown == [["R-2 Something", "Accepted", "30 Nov 2026"], ["R-10 Something", "Open", "30 Nov 2026"]]


def test_a_report_with_a_query_that_cannot_be_read_says_so(surf: Surf, publish: Publish) -> None:
    page_id = publish("Broken", macro("detailssummary", {"cql": "nonsense ((("}))
    assert "The report could not be made" in surf("clara").open(address(page_id)).text


def test_a_comment_is_edited_and_deleted_by_who_wrote_it_alone(surf: Surf, rest: Rest, page_id: str) -> None:
    surfer = surf("clara").open(address(page_id)).submit("Save comment", body="acept")
    surfer.submit("Save changes", body="accept")
    assert surfer.page.one(class_="comments").one(class_="prose").text == "accept"
    others = surf("dana").open(address(page_id)).page.one(class_="comments")
    assert [button.text for button in others.all("button")] == ["Save reply"]
    surfer.submit("Delete for good")
    assert not list(surfer.page.all(class_="comments"))


def test_a_comment_on_words_that_stand_there_twice_is_on_those_that_were_selected(
    surf: Surf, rest: Rest, page_id: str
) -> None:
    rest("dana").write_page(rest("dana").page(page_id), "<p>one word</p><p>another word</p>")
    surfer = surf("clara").open(address(page_id))
    about = surfer.page.one(class_="about-words")
    surfer.submit("Save comment", about, selection="word", body="this one", index="1")
    assert body_of(rest("clara"), page_id).startswith("<p>one word</p><p>another <ac:inline-comment-marker")
