"""Comments over the wire: footer and inline, replies, resolving, and what becomes of the words they hang on."""

from collections.abc import Callable

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence.state import Space
from tests.connector.sandbox.confluence.conftest import V2, Visitor, error_of, storage

MARKED = '<ac:inline-comment-marker ac:ref="{ref}">due</ac:inline-comment-marker>'


def test_a_comment_leaves_the_pages_version_and_date_alone(
    dana: Visitor, ana: Visitor, space: Space, clock: ManualClock
) -> None:
    page = dana.create(space, "P", "<p>the due date</p>")
    clock.advance(60)
    ana.footer(page["id"])
    assert ana.inline(page["id"], "due").status_code == 201
    after = dana.get(f"{V2}/pages/{page['id']}").json()
    assert after["version"] == page["version"]


def test_roots_are_listed_on_the_page_and_replies_under_their_root(dana: Visitor, ana: Visitor, space: Space) -> None:
    page = dana.create(space, "P")
    root = ana.footer(page["id"], "<p>accept</p>")
    answer = dana.post(f"{V2}/footer-comments", json={"parentCommentId": root["id"], "body": storage("<p>thanks</p>")})
    reply = answer.json()
    assert (reply["parentCommentId"], reply["pageId"]) == (root["id"], page["id"])
    on_page = dana.get(f"{V2}/pages/{page['id']}/footer-comments?body-format=storage").json()["results"]
    assert [(c["id"], c["body"]["storage"]["value"]) for c in on_page] == [(root["id"], "<p>accept</p>")]
    under = dana.get(f"{V2}/footer-comments/{root['id']}/children").json()["results"]
    assert [c["id"] for c in under] == [reply["id"]]
    everywhere = dana.get(f"{V2}/footer-comments?sort=created-date").json()["results"]
    assert [c["id"] for c in everywhere] == [root["id"], reply["id"]]


def test_site_wide_lists_put_the_last_changed_first(
    dana: Visitor, ana: Visitor, space: Space, clock: ManualClock
) -> None:
    pages = [dana.create(space, title) for title in ("A", "B")]
    made = []
    for page in pages:
        clock.advance(0.001)
        made.append(ana.footer(page["id"]))
    clock.advance(0.001)
    answer = ana.put(
        f"{V2}/footer-comments/{made[0]['id']}", json={"version": {"number": 2}, "body": storage("<p>edited</p>")}
    )
    assert answer.status_code == 200
    listed = dana.get(f"{V2}/footer-comments?sort=-modified-date&limit=1").json()
    assert [(c["id"], c["version"]["number"]) for c in listed["results"]] == [(made[0]["id"], 2)]
    rest = dana.get(listed["_links"]["next"]).json()["results"]
    assert [c["id"] for c in rest] == [made[1]["id"]]


def test_only_the_author_edits_the_words_and_only_the_next_version(dana: Visitor, ana: Visitor, space: Space) -> None:
    comment = ana.footer(dana.create(space, "P")["id"])
    path = f"{V2}/footer-comments/{comment['id']}"
    edit = {"version": {"number": 2}, "body": storage("<p>other</p>")}
    assert dana.put(path, json=edit).status_code == 404
    assert ana.put(path, json={**edit, "version": {"number": 3}}).status_code == 409
    assert ana.put(path, json=edit).json()["body"]["storage"]["value"] == "<p>other</p>"
    versions = ana.get(f"{path}/versions?body-format=storage").json()["results"]
    assert [v["comment"]["body"]["storage"]["value"] for v in versions] == ["<p>other</p>", "<p>hello</p>"]
    assert ana.get(f"{path}?version=1&body-format=storage").json()["body"]["storage"]["value"] == "<p>hello</p>"


def test_an_inline_comment_marks_its_words_in_the_stored_body(dana: Visitor, ana: Visitor, space: Space) -> None:
    page = dana.create(space, "P", "<p>the due date is due</p>")
    comment = ana.inline(page["id"], "due", 2, 1).json()
    assert comment["resolutionStatus"] == "open"
    assert comment["properties"]["inlineOriginalSelection"] == "due"
    ref = comment["properties"]["inlineMarkerRef"]
    assert dana.body_of(page["id"]) == f"<p>the due date is {MARKED.format(ref=ref)}</p>"


@pytest.mark.parametrize(("words", "how_many", "which"), [("absent", 1, 0), ("due", 1, 0), ("due", 2, 2), ("", 1, 0)])
def test_words_that_are_not_on_the_page_are_refused(
    dana: Visitor, ana: Visitor, space: Space, words: str, how_many: int, which: int
) -> None:
    page = dana.create(space, "P", "<p>the due date is due</p>")
    assert ana.inline(page["id"], words, how_many, which).status_code == 400
    assert dana.body_of(page["id"]) == "<p>the due date is due</p>"
    assert dana.get(f"{V2}/inline-comments").json()["results"] == []


def test_overwriting_the_body_without_the_marker_leaves_the_comment_dangling(
    dana: Visitor, ana: Visitor, space: Space
) -> None:
    page = dana.create(space, "P", "<p>the due date</p>")
    comment = ana.inline(page["id"], "due").json()
    path = f"{V2}/inline-comments/{comment['id']}"
    marked = dana.body_of(page["id"])

    dana.write(page, marked + "<p>more</p>", 2)
    assert ana.get(path).json()["resolutionStatus"] == "open"

    dana.write(page, "<p>the due date</p>", 3)
    assert ana.get(path).json()["resolutionStatus"] == "dangling"
    answer = ana.put(path, json={"version": {"number": 2}, "resolved": True})
    assert (answer.status_code, error_of(answer)["title"]) == (400, "A dangling comment cannot be updated")
    on_page = f"{V2}/pages/{page['id']}/inline-comments"
    assert [c["id"] for c in ana.get(f"{on_page}?resolution-status=dangling").json()["results"]] == [comment["id"]]
    assert ana.get(f"{on_page}?resolution-status=open").json()["results"] == []

    dana.write(page, marked, 4)
    assert ana.get(path).json()["resolutionStatus"] == "open"


def test_resolving_and_opening_again(dana: Visitor, ana: Visitor, space: Space, clock: ManualClock) -> None:
    page = dana.create(space, "P", "<p>the due date</p>")
    path = f"{V2}/inline-comments/{ana.inline(page['id'], 'due').json()['id']}"
    clock.advance(5)
    resolved = dana.put(path, json={"version": {"number": 2}, "body": storage("<p>why?</p>"), "resolved": True})
    assert resolved.json()["resolutionStatus"] == "resolved"
    assert resolved.json()["resolutionLastModifierId"].endswith("dana")
    assert resolved.json()["resolutionLastModifiedAt"] == "2026-10-05T09:00:05.000Z"
    reopened = ana.put(path, json={"version": {"number": 3}, "resolved": False}).json()
    assert reopened["resolutionStatus"] == "reopened"


def test_a_footer_comment_cannot_be_resolved(dana: Visitor, space: Space) -> None:
    comment = dana.footer(dana.create(space, "P")["id"])
    answer = dana.put(
        f"{V2}/footer-comments/{comment['id']}",
        json={"version": {"number": 2}, "body": storage("<p>hello</p>"), "resolved": True},
    )
    assert "resolutionStatus" not in answer.json()


def test_deleting_a_comment_is_final_and_takes_its_replies(
    dana: Visitor, ana: Visitor, space: Space, visit: Callable[[str], Visitor]
) -> None:
    root = ana.footer(dana.create(space, "P")["id"])
    reply = dana.post(f"{V2}/footer-comments", json={"parentCommentId": root["id"], "body": storage("<p>r</p>")}).json()
    assert visit("ben").delete(f"{V2}/footer-comments/{root['id']}").status_code == 404
    assert ana.delete(f"{V2}/footer-comments/{root['id']}").status_code == 204
    for gone in (root, reply):
        assert dana.get(f"{V2}/footer-comments/{gone['id']}").status_code == 404


def test_a_reply_to_an_inline_comment_needs_no_selection(dana: Visitor, ana: Visitor, space: Space) -> None:
    page = dana.create(space, "P", "<p>the due date</p>")
    root = ana.inline(page["id"], "due").json()
    reply = dana.post(f"{V2}/inline-comments", json={"parentCommentId": root["id"], "body": storage("<p>because</p>")})
    assert reply.status_code == 201
    under = dana.get(f"{V2}/inline-comments/{root['id']}/children").json()["results"]
    assert [c["id"] for c in under] == [reply.json()["id"]]


def test_comments_of_a_trashed_page_are_gone_from_sight(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P")
    comment = dana.footer(page["id"])
    dana.delete(f"{V2}/pages/{page['id']}")
    assert dana.get(f"{V2}/footer-comments/{comment['id']}").status_code == 404
    assert dana.get(f"{V2}/footer-comments").json()["results"] == []


def test_a_footer_id_is_no_inline_comment(dana: Visitor, space: Space) -> None:
    comment = dana.footer(dana.create(space, "P")["id"])
    assert dana.get(f"{V2}/inline-comments/{comment['id']}").status_code == 404
