"""What hangs on a page beside its words: tasks, properties, labels, restrictions."""

from collections.abc import Callable

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence.state import Space
from tests.connector.sandbox.confluence.conftest import V1, V2, Visitor, error_of

BOX = (
    "<ac:task-list><ac:task><ac:task-id>{id}</ac:task-id><ac:task-status>{status}</ac:task-status>"
    "<ac:task-body>accept</ac:task-body></ac:task></ac:task-list>"
)


def test_ticking_a_task_is_a_version_of_the_page_by_who_ticked(
    dana: Visitor, ana: Visitor, space: Space, clock: ManualClock
) -> None:
    page = dana.create(space, "P", BOX.format(id=7, status="incomplete"))
    (task,) = ana.get(f"{V2}/tasks?page-id={page['id']}&status=incomplete&body-format=storage").json()["results"]
    assert (task["localId"], task["body"]["storage"]["value"]) == ("7", "accept")
    clock.advance(30)
    ticked = ana.put(f"{V2}/tasks/{task['id']}", json={"status": "complete"}).json()
    assert ticked["completedBy"] == ana.me
    assert ticked["completedAt"] == "2026-10-05T09:00:30.000Z"
    after = dana.get(f"{V2}/pages/{page['id']}").json()
    assert (after["version"]["number"], after["version"]["authorId"]) == (2, ticked["completedBy"])
    assert dana.body_of(page["id"]) == BOX.format(id=7, status="complete")


def test_tasks_are_found_by_when_they_were_completed(dana: Visitor, space: Space, clock: ManualClock) -> None:
    page = dana.create(space, "P", BOX.format(id=1, status="incomplete"))
    (task,) = dana.get(f"{V2}/tasks").json()["results"]
    clock.advance(60)
    dana.put(f"{V2}/tasks/{task['id']}", json={"status": "complete"})
    at = round(clock.now().timestamp() * 1000)

    def found(query: str) -> int:
        return len(dana.get(f"{V2}/tasks?page-id={page['id']}&{query}").json()["results"])

    assert found(f"completed-at-from={at}") == 1
    assert found(f"completed-at-from={at + 1}") == 0
    assert found(f"completed-at-to={at - 1}") == 0
    assert found("status=incomplete") == 0


def test_tasks_follow_the_body(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P", BOX.format(id=1, status="incomplete"))
    (before,) = dana.get(f"{V2}/tasks").json()["results"]
    dana.write(page, BOX.format(id=1, status="complete"), 2)
    (after,) = dana.get(f"{V2}/tasks").json()["results"]
    assert (after["id"], after["status"]) == (before["id"], "complete")
    dana.write(page, "<p>no box</p>", 3)
    assert dana.get(f"{V2}/tasks/{before['id']}").status_code == 404


def test_a_task_takes_only_its_two_states(dana: Visitor, space: Space) -> None:
    dana.create(space, "P", BOX.format(id=1, status="incomplete"))
    (task,) = dana.get(f"{V2}/tasks").json()["results"]
    assert dana.put(f"{V2}/tasks/{task['id']}", json={"status": "done"}).status_code == 400


@pytest.mark.parametrize("kind", ["pages", "comments"])
def test_a_property_is_versioned_and_found_by_key(dana: Visitor, space: Space, kind: str) -> None:
    page = dana.create(space, "P")
    content_id = page["id"] if kind == "pages" else dana.footer(page["id"])["id"]
    path = f"{V2}/{kind}/{content_id}/properties"
    made = dana.post(path, json={"key": "tieout", "value": {"hash": "a"}}).json()
    assert (made["version"]["number"], made["value"]) == (1, {"hash": "a"})
    again = dana.post(path, json={"key": "tieout", "value": 1})
    assert (again.status_code, error_of(again)["title"]) == (409, "Property with key [tieout] already exists")
    dana.post(path, json={"key": "other", "value": "text"})
    (found,) = dana.get(f"{path}?key=tieout").json()["results"]
    assert found["id"] == made["id"]
    update = {"key": "tieout", "value": None, "version": {"number": 2, "message": "m"}}
    assert dana.put(f"{path}/{made['id']}", json={**update, "version": {"number": 1}}).status_code == 409
    assert dana.put(f"{path}/{made['id']}", json=update).json()["value"] is None
    assert dana.get(f"{path}/{made['id']}").json()["version"]["number"] == 2
    assert dana.delete(f"{path}/{made['id']}").status_code == 204
    assert dana.get(f"{path}/{made['id']}").status_code == 404
    assert dana.post(path, json={"key": "tieout", "value": 2}).json()["id"] != made["id"]


def test_a_property_leaves_the_pages_version_alone(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P")
    dana.post(f"{V2}/pages/{page['id']}/properties", json={"key": "k", "value": 1})
    assert dana.get(f"{V2}/pages/{page['id']}").json()["version"] == page["version"]


def test_labels_are_written_by_v1_and_read_by_v2(dana: Visitor, space: Space) -> None:
    page_id = dana.create(space, "P")["id"]
    path = f"{V1}/content/{page_id}/label"
    added = dana.post(path, json=[{"prefix": "global", "name": "SOC2"}, {"prefix": "global", "name": "q3"}])
    assert [label["name"] for label in added.json()["results"]] == ["soc2", "q3"]
    dana.post(path, json={"prefix": "global", "name": "q3"})
    listed = dana.get(f"{V2}/pages/{page_id}/labels").json()["results"]
    assert [label["name"] for label in listed] == ["soc2", "q3"]
    bad = dana.post(path, json=[{"prefix": "global"}])
    assert (bad.status_code, bad.json()["message"]) == (400, "Could not parse Labels")
    assert dana.delete(f"{path}?name=soc2").status_code == 204
    assert dana.delete(f"{path}/q3").status_code == 204
    assert dana.get(f"{V2}/pages/{page_id}/labels").json()["results"] == []


def test_a_restricted_page_is_gone_for_the_others_and_all_under_it(
    dana: Visitor, ana: Visitor, space: Space, visit: Callable[[str], Visitor]
) -> None:
    page = dana.create(space, "P")
    child = dana.create(space, "C", parentId=page["id"])
    user = {"type": "known", "accountId": dana.me}
    wanted = [{"operation": "read", "restrictions": {"user": [user], "group": []}}]
    assert dana.put(f"{V1}/content/{page['id']}/restriction", json=wanted).status_code == 200
    for page_id in (page["id"], child["id"]):
        assert visit("owen").get(f"{V2}/pages/{page_id}").status_code == 404
        assert dana.get(f"{V2}/pages/{page_id}").status_code == 200
    shown = dana.get(f"{V1}/content/{page['id']}/restriction/byOperation").json()
    assert [user["accountId"] for user in shown["read"]["restrictions"]["user"]["results"]] == [dana.me]
    assert shown["update"]["restrictions"]["user"]["size"] == 0
    assert ana.put(f"{V1}/content/{space.homepage_id}/restriction", json=wanted).status_code == 403


def test_restrictions_are_added_and_taken_away_one_by_one_for_people_and_groups(
    dana: Visitor, space: Space, visit: Callable[[str], Visitor]
) -> None:
    """atlassian.md 2.7: "PUT replaces all, POST adds", by user and by group id."""
    page, owen = dana.create(space, "P"), visit("owen")
    place, seen = f"{V1}/content/{page['id']}/restriction", f"{V2}/pages/{page['id']}"
    only_dana = [{"operation": "read", "restrictions": {"user": [{"type": "known", "accountId": dana.me}]}}]
    dana.put(place, json=only_dana)
    assert owen.get(seen).status_code == 404
    everybody = [{"operation": "read", "restrictions": {"group": [{"type": "group", "id": "confluence-users"}]}}]
    assert dana.post(place, json=everybody).status_code == 200
    assert owen.get(seen).status_code == 200
    group, person = (f"{place}/byOperation/read/{part}" for part in ("byGroupId/confluence-users", "user?accountId="))
    assert dana.get(group).status_code == 200
    assert dana.delete(group).status_code == 200
    assert (dana.get(group).status_code, owen.get(seen).status_code) == (404, 404)
    assert dana.put(person + owen.me).status_code == 200
    assert owen.get(seen).status_code == 200
    dana.put(place, json=only_dana)
    assert owen.get(seen).status_code == 404
    nobody = [{"operation": "read", "restrictions": {"group": [{"type": "group", "id": "nobody"}]}}]
    assert dana.put(place, json=nobody).status_code == 400
    assert dana.get(seen).status_code == 200


def test_who_names_everybody_but_oneself_is_locked_out(
    dana: Visitor, space: Space, visit: Callable[[str], Visitor]
) -> None:
    page = dana.create(space, "P")
    others = [{"operation": "read", "restrictions": {"user": [{"type": "known", "accountId": visit("owen").me}]}}]
    assert dana.put(f"{V1}/content/{page['id']}/restriction", json=others).status_code == 200
    assert dana.get(f"{V2}/pages/{page['id']}").status_code == 404
