"""Webhooks: registering them, which events come, and what is in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.confluence.state import Space
from connector.sandbox.confluence.webhooks import EVENTS
from connector.sandbox.site import Site
from tests.connector.sandbox.confluence.conftest import V2, Visitor, storage

HOOKS = "/wiki/rest/webhooks/1.0/webhook"


@pytest.fixture
def hook(dana: Visitor) -> dict[str, Any]:
    written = {"name": "all", "url": "https://tieout.example/confluence", "events": list(EVENTS), "active": True}
    answer = dana.post(HOOKS, json=written)
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


def sent(site: Site) -> list[tuple[str, dict[str, Any]]]:
    return [(delivery.event, json.loads(delivery.body)) for delivery in site.outbox.pending]


def test_a_hook_is_registered_listed_and_removed(dana: Visitor, hook: dict[str, Any]) -> None:
    assert [h["self"] for h in dana.get(HOOKS).json()] == [hook["self"]]
    path = hook["self"].partition(".net")[2]
    assert dana.get(path).json()["url"] == "https://tieout.example/confluence"
    assert dana.delete(path).status_code == 204
    assert dana.get(path).status_code == 404


@pytest.mark.parametrize("missing", ["name", "url", "events"])
def test_a_hook_needs_name_url_and_events(dana: Visitor, missing: str) -> None:
    written: dict[str, Any] = {"name": "n", "url": "https://x.example", "events": ["page_created"]}
    del written[missing]
    assert dana.post(HOOKS, json=written).status_code == 400


def test_a_hook_cannot_ask_for_an_event_that_does_not_exist(dana: Visitor) -> None:
    answer = dana.post(HOOKS, json={"name": "n", "url": "https://x.example", "events": ["page_sneezed"]})
    assert answer.status_code == 400


def test_each_thing_done_sends_its_event(
    site: Site, dana: Visitor, ana: Visitor, space: Space, hook: dict[str, Any]
) -> None:
    page, target = dana.create(space, "P", "<p>the due date</p>"), dana.create(space, "T")
    dana.write(page, "<p>the due date!</p>", 2)
    ana.inline(page["id"], "due")
    comment = ana.footer(page["id"])
    ana.put(f"{V2}/footer-comments/{comment['id']}", json={"version": {"number": 2}, "body": storage("<p>2</p>")})
    ana.delete(f"{V2}/footer-comments/{comment['id']}")
    attachment_id = dana.upload(page["id"], "a", b"1").json()["results"][0]["id"]
    dana.upload(page["id"], "a", b"2", method="PUT")
    dana.delete(f"{V2}/attachments/{attachment_id}")
    dana.put(f"/wiki/rest/api/content/{page['id']}/move/append/{target['id']}")
    dana.delete(f"{V2}/pages/{page['id']}")
    dana.write(page, "<p/>", 3)
    dana.delete(f"{V2}/pages/{page['id']}")
    dana.delete(f"{V2}/pages/{page['id']}?purge=true")
    assert [event for event, _ in sent(site)] == [
        "page_created",
        "page_created",
        "page_updated",
        "comment_created",
        "comment_created",
        "comment_updated",
        "comment_removed",
        "attachment_created",
        "attachment_updated",
        "attachment_trashed",
        "page_moved",
        "page_trashed",
        "page_restored",
        "page_trashed",
        "page_removed",
    ]


def test_what_is_refused_sends_nothing(site: Site, dana: Visitor, space: Space, hook: dict[str, Any]) -> None:
    page = dana.create(space, "P")
    before = len(sent(site))
    dana.write(page, "<p>stale</p>", 1)
    dana.write(page, "<p>", 2)
    dana.post(f"{V2}/pages", json={"spaceId": space.space_id, "title": "P"})
    assert len(sent(site)) == before


def test_a_hook_gets_only_what_it_asked_for(site: Site, dana: Visitor, space: Space) -> None:
    dana.post(HOOKS, json={"name": "n", "url": "https://x.example", "events": ["comment_created"]})
    dana.footer(dana.create(space, "P")["id"])
    assert [event for event, _ in sent(site)] == ["comment_created"]


def test_a_body_names_who_did_what_where_and_not_which_event(
    site: Site, dana: Visitor, ana: Visitor, space: Space, hook: dict[str, Any]
) -> None:
    page = dana.create(space, "P")
    root = ana.footer(page["id"])
    dana.post(f"{V2}/footer-comments", json={"parentCommentId": root["id"], "body": storage("<p>r</p>")})
    created, _, reply = (body for _, body in sent(site))
    assert created["page"]["id"] == int(page["id"])
    assert created["userAccountId"].endswith("dana")
    assert created["timestamp"] == 1791190800000
    assert "event" not in created
    assert reply["comment"]["parent"]["id"] == int(page["id"])
    assert reply["comment"]["inReplyTo"] == {"id": int(root["id"])}


RECORDED = {
    "page_created": "page",
    "page_updated": "page",
    "page_trashed": "page",
    "page_restored": "page",
    "page_moved": "page",
    "comment_created": "comment",
    "comment_updated": "comment",
    "comment_removed": "comment",
}


def test_bodies_hold_what_recorded_ones_hold_under_the_same_names(
    site: Site, dana: Visitor, ana: Visitor, space: Space, hook: dict[str, Any], recorded: Path
) -> None:
    """The recordings are of another flavour: `event` and `userKey` are theirs alone."""
    test_each_thing_done_sends_its_event(site, dana, ana, space, hook)
    ours = dict(sent(site))
    for event, subject in RECORDED.items():
        theirs = json.loads((recorded / f"zulip__{event}.json").read_text(encoding="utf-8"))
        for name in theirs.keys() - {"event", "userKey"}:
            assert type(ours[event][name]) is type(theirs[name]), (event, name)
        assert type(ours[event][subject]["id"]) is type(theirs[subject]["id"])


@pytest.fixture
def recorded() -> Path:
    folder = Path(__file__).parents[4] / ".." / "shared" / "corpus" / "confluence_webhooks"
    if not folder.is_dir():
        pytest.skip("../shared is not here: no recorded webhooks to compare with")
    return folder
