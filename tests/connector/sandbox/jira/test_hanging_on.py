"""What hangs on an issue: comments, properties, files, links, watchers."""

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.jira import attachment_routes, comments, link_routes, links
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc

NO_CHECK = {"X-Atlassian-Token": "no-check"}


def test_a_comment_bumps_the_issue_and_logs_no_change(clock: ManualClock, bot: Visitor) -> None:
    key = bot.create()
    clock.advance(60)
    comment = bot.post(f"/issue/{key}/comment", {"body": doc("Hello")}).json()
    assert comment["created"] == comment["updated"] == bot.fields(key)["updated"] == "2026-10-05T05:01:00.000-0400"
    clock.advance(60)
    bot.put(f"/issue/{key}/comment/{comment['id']}", {"body": doc("Hello again")})
    edited = bot.get(f"/issue/{key}/comment/{comment['id']}").json()
    assert (edited["body"], edited["updated"]) == (doc("Hello again"), "2026-10-05T05:02:00.000-0400")
    assert bot.changes(key) == []


@pytest.mark.parametrize("body", [None, "plain text", {}, {"type": "doc"}, {"type": "paragraph"}, doc("x" * 40000)])
def test_a_comment_must_be_a_document(bot: Visitor, body: object) -> None:
    key = bot.create()
    answer = bot.post(f"/issue/{key}/comment", {"body": body})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["comment"])
    assert bot.get(f"/issue/{key}/comment").json()["total"] == 0


def test_comments_come_in_order_and_in_pages(clock: ManualClock, bot: Visitor) -> None:
    key = bot.create()
    for word in ("one", "two", "three"):
        bot.post(f"/issue/{key}/comment", {"body": doc(word)})
        clock.advance(1)

    def words(**params: str) -> list[str]:
        page = bot.get(f"/issue/{key}/comment", params=params).json()
        return [comment["body"]["content"][0]["content"][0]["text"] for comment in page["comments"]]

    assert words() == ["one", "two", "three"]
    assert words(orderBy="-created", maxResults="2") == ["three", "two"]
    assert words(startAt="2") == ["three"]
    assert bot.get(f"/issue/{key}/comment", params={"orderBy": "author"}).status_code == 400


def test_a_comment_carries_properties_from_the_start(bot: Visitor) -> None:
    key = bot.create()
    given = {"body": doc("From the auditor"), "properties": [{"key": "tieout", "value": {"origin": "page"}}]}
    comment = bot.post(f"/issue/{key}/comment", given).json()["id"]
    listed = bot.get(f"/issue/{key}/comment", params={"expand": "properties"}).json()["comments"]
    assert listed[0]["properties"] == [{"key": "tieout", "value": {"origin": "page"}}]
    assert bot.get(f"/comment/{comment}/properties/tieout").json()["value"] == {"origin": "page"}
    assert "properties" not in bot.get(f"/issue/{key}/comment").json()["comments"][0]


def test_a_comment_kept_to_a_group_is_hidden_from_the_rest(bot: Visitor, priya: Visitor) -> None:
    key = bot.create()
    visibility = {"type": "group", "value": "site-admins"}
    comment = bot.post(f"/issue/{key}/comment", {"body": doc("internal"), "visibility": visibility}).json()["id"]
    assert bot.get(f"/issue/{key}/comment").json()["total"] == 1
    assert priya.get(f"/issue/{key}/comment").json()["total"] == 0
    assert priya.get(f"/issue/{key}/comment/{comment}").status_code == 404
    assert priya.post("/comment/list", {"ids": [int(comment)]}).json()["values"] == []
    assert priya.post(f"/issue/{key}/comment", {"body": doc("x"), "visibility": visibility}).status_code == 400


def test_people_edit_their_own_comments_and_administrators_all(bot: Visitor, priya: Visitor) -> None:
    key = bot.create()
    own = priya.post(f"/issue/{key}/comment", {"body": doc("mine")}).json()["id"]
    other = bot.post(f"/issue/{key}/comment", {"body": doc("the bot's")}).json()["id"]
    assert priya.put(f"/issue/{key}/comment/{own}", {"body": doc("still mine")}).status_code == 200
    assert priya.put(f"/issue/{key}/comment/{other}", {"body": doc("taken")}).status_code == 400
    assert priya.delete(f"/issue/{key}/comment/{other}").status_code == 400
    assert bot.delete(f"/issue/{key}/comment/{own}").status_code == 204
    assert bot.get(f"/issue/{key}/comment").json()["total"] == 1


def test_a_property_is_new_once_and_has_a_limit(bot: Visitor) -> None:
    key = bot.create()
    place = f"/issue/{key}/properties"
    assert [bot.put(f"{place}/tieout", value).status_code for value in (1, 2)] == [201, 200]
    assert bot.get(place).json()["keys"][0]["key"] == "tieout"
    assert bot.put(f"{place}/big", "x" * 32768).status_code == 400
    assert bot.put(f"{place}/{'k' * 256}", 1).status_code == 400
    assert bot.delete(f"{place}/tieout").status_code == 204
    assert bot.get(f"{place}/tieout").status_code == 404
    assert bot.changes(key) == []


def test_a_file_is_attached_read_in_part_and_deleted(clock: ManualClock, bot: Visitor) -> None:
    key = bot.create()
    files = [("file", ("access list.csv", b"a,b\n1,2\n", "text/csv")), ("file", ("b.txt", b"b"))]
    first, second = bot.post(f"/issue/{key}/attachments", files=files, headers=NO_CHECK).json()
    assert (first["filename"], first["size"], first["mimeType"]) == ("access list.csv", 8, "text/csv")
    assert [one["id"] for one in bot.fields(key)["attachment"]] == [first["id"], second["id"]]
    assert bot.get(f"/attachment/{first['id']}").json()["id"] == int(first["id"])
    redirected = bot.get(f"/attachment/content/{first['id']}", allow_redirects=False)
    assert redirected.status_code == 303
    assert bot.get(redirected.headers["Location"]).content == b"a,b\n1,2\n"
    part = bot.get(f"/attachment/content/{first['id']}", params={"redirect": "false"}, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"b\n1", "bytes 2-4/8")
    bot.delete(f"/attachment/{first['id']}")
    assert bot.get(f"/attachment/content/{first['id']}").status_code == 404
    assert [(item["fromString"], item["toString"]) for item in bot.changes(key)] == [
        (None, "access list.csv"),
        (None, "b.txt"),
        ("access list.csv", None),
    ]


def test_a_file_needs_the_header_the_right_name_and_not_too_many_bytes(site: Site, bot: Visitor) -> None:
    key = bot.create()
    place = f"/issue/{key}/attachments"
    bare = bot.post(place, files={"file": ("a", b"a")})
    assert (bare.status_code, bare.text) == (403, "XSRF check failed")
    assert bot.post(place, files={"data": ("a", b"a")}, headers=NO_CHECK).status_code == 400
    site.jira.attachment_limit_bytes = 10
    assert bot.post(place, files={"file": ("a", b"x" * 11)}, headers=NO_CHECK).status_code == 413
    assert bot.fields(key)["attachment"] == []


def test_a_link_reads_differently_from_its_two_ends(bot: Visitor) -> None:
    blocker, blocked = bot.create(), bot.create()
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": blocker}, "outwardIssue": {"key": blocked}}
    assert [bot.post("/issueLink", body).status_code for _ in range(2)] == [201, 201]
    (from_blocker,), (from_blocked,) = bot.fields(blocker)["issuelinks"], bot.fields(blocked)["issuelinks"]
    assert from_blocker["id"] == from_blocked["id"]
    assert (from_blocker["type"]["outward"], from_blocker["outwardIssue"]["key"]) == ("blocks", blocked)
    assert (from_blocked["type"]["inward"], from_blocked["inwardIssue"]["key"]) == ("is blocked by", blocker)
    assert bot.changes(blocked)[0]["toString"] == f"This issue is blocked by {blocker}"
    assert bot.post("/issueLink", {**body, "type": {"name": "Loves"}}).status_code == 404
    assert bot.post("/issueLink", {**body, "inwardIssue": {"key": "AUD-99"}}).status_code == 404


def test_a_remote_link_is_one_for_each_global_id(bot: Visitor) -> None:
    key = bot.create()
    place = f"/issue/{key}/remotelink"
    body = {
        "globalId": "page=7",
        "relationship": "evidence",
        "object": {"url": "https://acme.atlassian.net/wiki/7", "title": "Evidence", "summary": "old"},
    }
    first = bot.post(place, body)
    again = bot.post(place, {"globalId": "page=7", "object": {"url": "https://a.example", "title": "Moved"}})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    (link,) = bot.get(place).json()
    assert (link["object"]["title"], link.get("relationship"), link["object"].get("summary")) == ("Moved", None, None)
    assert bot.get(place, params={"globalId": "page=7"}).json()["id"] == link["id"]
    assert bot.get(place, params={"globalId": "page=8"}).status_code == 404
    missing = bot.post(place, {"object": {"url": "https://a.example"}})
    assert missing.json()["errors"] == {"title": "'title' is required."}
    assert bot.post(place, {**body, "globalId": "x" * 256}).status_code == 400


def test_watchers_come_and_go_and_must_be_able_to_look(bot: Visitor, priya: Visitor, clara: Visitor) -> None:
    key = bot.create()
    assert bot.post(f"/issue/{key}/watchers", priya.me).status_code == 204
    assert [user["accountId"] for user in bot.get(f"/issue/{key}/watchers").json()["watchers"]] == [bot.me, priya.me]
    assert bot.post(f"/issue/{key}/watchers", clara.me).status_code == 404
    bot.delete(f"/issue/{key}/watchers", params={"accountId": priya.me})
    assert bot.fields(key)["watches"]["watchCount"] == 1
    assert bot.delete(f"/issue/{key}/watchers").status_code == 400


def test_the_change_log_of_many_issues_comes_in_pages_and_by_field(bot: Visitor) -> None:
    keys = [bot.create(), bot.create()]
    for key in keys:
        bot.go(key, "In Progress")
        bot.put(f"/issue/{key}", {"fields": {"summary": "Better"}})
    told = bot.post("/changelog/bulkfetch", {"issueIdsOrKeys": keys, "fieldIds": ["status"]}).json()
    assert [len(one["changeHistories"]) for one in told["issueChangeLogs"]] == [1, 1]
    seen, token = 0, None
    for _ in range(4):
        body = {"issueIdsOrKeys": keys, "maxResults": 1, "nextPageToken": token}
        page = bot.post("/changelog/bulkfetch", body).json()
        seen += sum(len(one["changeHistories"]) for one in page["issueChangeLogs"])
        token = page.get("nextPageToken")
    assert (seen, token) == (4, None)
    newest = bot.get(f"/issue/{keys[0]}", params={"expand": "changelog"}).json()["changelog"]["histories"]
    oldest = bot.get(f"/issue/{keys[0]}/changelog").json()["values"]
    assert newest == oldest[::-1]


def test_among_many_an_issue_shows_its_newest_forty_changes_and_twenty_comments_and_does_not_tell(
    site: Site, bot: Visitor
) -> None:
    """ "This returns a maximum of 40 changelogs" (bulkfetch), with `total` "the number of results on the page"."""
    site.faults.limits.per_issue = False
    key = bot.create()
    for number in range(45):
        bot.put(f"/issue/{key}", {"fields": {"summary": f"Title {number}"}})
    for number in range(25):
        bot.post(f"/issue/{key}/comment", {"body": doc(f"Remark {number}")})
    many = bot.post("/issue/bulkfetch", {"issueIdsOrKeys": [key], "fields": ["comment"], "expand": ["changelog"]})
    asked = {"jql": f"key = {key}", "fields": ["comment"], "expand": "changelog"}
    for issue in (*many.json()["issues"], *bot.post("/search/jql", asked).json()["issues"]):
        log, comments = issue["changelog"], issue["fields"]["comment"]
        assert (len(log["histories"]), log["total"]) == (40, 40)
        assert log["histories"][0]["items"][0]["toString"] == "Title 44"
        assert (len(comments["comments"]), comments["total"]) == (20, 20)
    alone = bot.get(f"/issue/{key}", params={"expand": "changelog"}).json()
    assert (alone["changelog"]["total"], alone["fields"]["comment"]["total"]) == (45, 25)


def test_an_issue_has_at_most_two_thousand_links_and_no_empty_property(
    bot: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "413: if the per-issue limit for issue links has been breached" (POST /issueLink)."""
    monkeypatch.setattr(links, "PER_ISSUE_MAX", 1)
    one, two, three = (bot.create() for _ in range(3))
    kind = {"type": {"name": "Relates"}, "inwardIssue": {"key": one}}
    answers = [bot.post("/issueLink", {**kind, "outwardIssue": {"key": other}}) for other in (two, three)]
    assert [answer.status_code for answer in answers] == [201, 413]
    assert bot.send("PUT", f"/issue/{one}/properties/k", data=b"").status_code == 400


def test_an_issue_that_holds_all_it_can_is_413_whichever_way_one_more_is_given(
    bot: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """atlassian.md 2.5: "comments 5000, attachments 2000, issue links 2000, remote links 2000", then 413."""
    assert (comments.PER_ISSUE_MAX, attachment_routes.PER_ISSUE_MAX) == (5000, 2000)
    assert (links.PER_ISSUE_MAX, link_routes.PER_ISSUE_MAX) == (2000, 2000)
    for part in (comments, attachment_routes, links, link_routes):
        monkeypatch.setattr(part, "PER_ISSUE_MAX", 0)
    key, other = bot.create(), bot.create()
    before = bot.fields(key)
    comment, to = {"comment": [{"add": {"body": doc("x")}}]}, bot.transitions(key)["Done"]
    link = {"add": {"type": {"name": "Relates"}, "outwardIssue": {"key": other}}}
    assert [
        bot.post(f"/issue/{key}/comment", {"body": doc("x")}).status_code,
        bot.put(f"/issue/{key}", {"fields": {"summary": "y"}, "update": comment}).status_code,
        bot.post(f"/issue/{key}/transitions", {"transition": {"id": to}, "update": comment}).status_code,
        bot.put(f"/issue/{key}", {"fields": {"summary": "y"}, "update": {"issuelinks": [link]}}).status_code,
        bot.post(f"/issue/{key}/remotelink", {"object": {"url": "https://x.example", "title": "x"}}).status_code,
        bot.post(f"/issue/{key}/attachments", files={"file": ("a", b"a")}, headers=NO_CHECK).status_code,
    ] == [413] * 6
    assert bot.fields(key) == before


def test_comments_come_a_hundred_at_a_time_unless_more_are_asked_for(site: Site, bot: Visitor) -> None:
    """The document's default; that Cloud keeps to it is told in pycontribs/jira#1938."""
    site.faults.limits.per_issue = False
    key = bot.create()
    for number in range(101):
        bot.post(f"/issue/{key}/comment", {"body": doc(f"Remark {number}")})
    page = bot.get(f"/issue/{key}/comment").json()
    assert (len(page["comments"]), page["total"], page["maxResults"]) == (100, 101, 100)
    assert len(bot.get(f"/issue/{key}/comment", params={"maxResults": 1000}).json()["comments"]) == 101
