"""Pages over the wire: create, read, update, title, trash, tree, lists."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.sandbox.accounts import Account
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence import lifecycle, pages
from connector.sandbox.confluence.state import Space
from connector.sandbox.site import Site
from tests.connector.sandbox.confluence.conftest import V2, Visitor, error_of, storage


def test_a_new_page_is_version_one_under_the_home_page(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "Request 1", "<p>é &amp; ü</p>")
    assert page["version"]["number"] == 1
    assert page["parentId"] == space.homepage_id
    assert page["createdAt"] == "2026-10-05T09:00:00.000Z"
    assert page["_links"]["webui"] == f"/spaces/SOC2/pages/{page['id']}/Request+1"
    assert dana.body_of(page["id"]) == "<p>é &amp; ü</p>"


def test_both_forms_of_body_are_taken(dana: Visitor, space: Space) -> None:
    nested = {"storage": storage("<p>nested</p>")}
    answer = dana.post(f"{V2}/pages", json={"spaceId": space.space_id, "title": "N", "body": nested})
    assert dana.body_of(answer.json()["id"]) == "<p>nested</p>"


def test_a_page_may_be_created_at_the_root(dana: Visitor, space: Space) -> None:
    written = {"spaceId": space.space_id, "title": "Root", "body": storage("")}
    page = dana.post(f"{V2}/pages?root-level=true", json=written).json()
    assert page["parentId"] is None


def test_a_title_is_unique_in_its_space_in_any_case_of_letters(dana: Visitor, space: Space) -> None:
    dana.create(space, "Request 1")
    answer = dana.post(f"{V2}/pages", json={"spaceId": space.space_id, "title": "REQUEST 1"})
    assert answer.status_code == 400
    assert error_of(answer) == {
        "status": 400,
        "code": "BAD_REQUEST",
        "title": "A page with this title already exists: A page already exists with the same TITLE in this space",
        "detail": None,
    }


def test_an_archived_page_keeps_its_title_and_a_trashed_one_does_not(
    site: Site, dana: Visitor, space: Space, account: Callable[[str], Account]
) -> None:
    archived, trashed = dana.create(space, "A"), dana.create(space, "T")
    lifecycle.archive_page(site, account("dana"), archived["id"])
    dana.delete(f"{V2}/pages/{trashed['id']}")
    assert dana.post(f"{V2}/pages", json={"spaceId": space.space_id, "title": "A"}).status_code == 400
    assert dana.post(f"{V2}/pages", json={"spaceId": space.space_id, "title": "T"}).status_code == 200


@pytest.mark.parametrize(
    ("missing", "status"), [("id", 400), ("status", 400), ("title", 400), ("body", 400), ("version", 400)]
)
def test_an_update_without_one_of_its_five_parts_is_refused(
    dana: Visitor, space: Space, missing: str, status: int
) -> None:
    page = dana.create(space, "P")
    written: dict[str, Any] = {"id": page["id"], "status": "current", "title": "P", "body": storage("<p>2</p>")}
    written["version"] = {"number": 2}
    del written[missing]
    answer = dana.put(f"{V2}/pages/{page['id']}", json=written)
    assert (answer.status_code, error_of(answer)["title"]) == (status, f"{missing} must be provided")


def test_a_stale_version_is_refused_in_the_recorded_words(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P")
    for number in (2, 3):
        assert dana.write(page, f"<p>{number}</p>", number).status_code == 200
    answer = dana.write(page, "<p>late</p>", 3)
    assert answer.status_code == 409
    assert answer.json() == {
        "errors": [
            {
                "status": "409",
                "code": "CONFLICT",
                "title": "Version must be incremented when updating a page. "
                "Current Version: [3]. Provided version: [3]",
                "detail": None,
            }
        ]
    }
    assert dana.write(page, "<p>too far</p>", 5).status_code == 409
    assert dana.body_of(page["id"]) == "<p>3</p>"


def test_a_body_that_is_not_well_formed_changes_nothing(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P")
    answer = dana.write(page, "<p>oops</b>", 2)
    assert answer.status_code == 400
    assert error_of(answer)["title"].startswith("Error parsing xhtml: Unexpected close tag </b>; expected </p>.")
    assert dana.get(f"{V2}/pages/{page['id']}").json()["version"]["number"] == 1


def test_more_than_five_megabytes_are_refused(dana: Visitor, space: Space) -> None:
    written = {"spaceId": space.space_id, "title": "Big", "body": storage("x" * (5 * 1024 * 1024))}
    assert dana.post(f"{V2}/pages", json=written).status_code == 413


def test_old_versions_are_kept_with_their_bodies(dana: Visitor, space: Space, clock: ManualClock) -> None:
    page = dana.create(space, "P", "<p>1</p>")
    clock.advance(1.5)
    dana.write(page, "<p>2</p>", 2, version={"number": 2, "message": "second"}, title="Q")
    old = dana.get(f"{V2}/pages/{page['id']}?version=1&body-format=storage").json()
    assert (old["title"], old["status"], old["body"]["storage"]["value"]) == ("P", "historical", "<p>1</p>")
    versions = dana.get(f"{V2}/pages/{page['id']}/versions?body-format=storage").json()["results"]
    assert [(v["number"], v["message"], v["page"]["body"]["storage"]["value"]) for v in versions] == [
        (2, "second", "<p>2</p>"),
        (1, "", "<p>1</p>"),
    ]
    assert versions[0]["createdAt"] == "2026-10-05T09:00:01.500Z"
    detail = dana.get(f"{V2}/pages/{page['id']}/versions/1").json()
    assert detail["nextVersion"] == 2
    assert dana.get(f"{V2}/pages/{page['id']}?version=3").status_code == 404


def test_a_title_alone_can_be_changed(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P", "<p>kept</p>")
    dana.create(space, "Q")
    path = f"{V2}/pages/{page['id']}/title"
    assert dana.put(path, json={"status": "current", "title": "q"}).status_code == 400
    renamed = dana.put(path, json={"status": "current", "title": "R"}).json()
    assert (renamed["title"], renamed["version"]["number"]) == ("R", 2)
    assert dana.body_of(page["id"]) == "<p>kept</p>"


def test_trash_restore_and_purge(dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P", "<p>1</p>")
    path = f"{V2}/pages/{page['id']}"
    assert dana.delete(f"{path}?purge=true").status_code == 400
    assert dana.delete(path).status_code == 204
    trashed = dana.get(path).json()
    assert (trashed["status"], trashed["parentId"]) == ("trashed", None)
    assert dana.delete(path).status_code == 404
    restored = dana.write(page, "<p>ignored</p>", 2).json()
    assert (restored["status"], restored["version"]["number"]) == ("current", 1)
    assert dana.body_of(page["id"]) == "<p>1</p>"
    dana.delete(path)
    assert dana.delete(f"{path}?purge=true").status_code == 204
    assert dana.get(path).status_code == 404


def test_pages_under_a_trashed_page_move_up(dana: Visitor, space: Space) -> None:
    parent = dana.create(space, "P")
    child = dana.create(space, "C", parentId=parent["id"])
    dana.delete(f"{V2}/pages/{parent['id']}")
    assert dana.get(f"{V2}/pages/{child['id']}").json()["parentId"] == space.homepage_id


def test_an_archived_page_can_be_read_and_not_written(
    site: Site, dana: Visitor, space: Space, account: Callable[[str], Account]
) -> None:
    page = dana.create(space, "P")
    lifecycle.archive_page(site, account("dana"), page["id"])
    assert dana.get(f"{V2}/pages/{page['id']}").json()["status"] == "archived"
    assert dana.write(page, "<p>2</p>", 2).status_code == 400


def test_the_tree_is_read_from_all_sides(dana: Visitor, space: Space) -> None:
    top = dana.create(space, "Top")
    middle = dana.create(space, "Middle", parentId=top["id"])
    leaf = dana.create(space, "Leaf", parentId=middle["id"])
    deep = dana.create(space, "Deep", parentId=leaf["id"])

    def titles(path: str) -> list[str]:
        return [row["title"] for row in dana.get(f"{V2}/pages/{top['id']}/{path}").json()["results"]]

    assert titles("children") == ["Middle"]
    assert titles("direct-children") == ["Middle"]
    assert titles("descendants") == ["Middle", "Leaf"]
    assert titles("descendants?depth=10") == ["Middle", "Leaf", "Deep"]
    above = dana.get(f"{V2}/pages/{deep['id']}/ancestors").json()["results"]
    assert [row["id"] for row in above] == [space.homepage_id, top["id"], middle["id"], leaf["id"]]


def test_a_page_moves_by_update_and_not_under_itself(dana: Visitor, space: Space) -> None:
    first, second = dana.create(space, "1"), dana.create(space, "2")
    moved = dana.write(second, "<p>x</p>", 2, parentId=first["id"]).json()
    assert moved["parentId"] == first["id"]
    assert dana.write(first, "<p>x</p>", 2, parentId=second["id"]).status_code == 400


def test_lists_filter_by_id_title_space_and_status(dana: Visitor, space: Space) -> None:
    made = [dana.create(space, title) for title in ("One", "Two", "Three")]
    dana.delete(f"{V2}/pages/{made[2]['id']}")

    def titles(query: str) -> list[str]:
        return [page["title"] for page in dana.get(f"{V2}/pages?{query}").json()["results"]]

    assert titles(f"id={made[0]['id']},{made[2]['id']},999999") == ["One"]
    assert titles(f"id={made[0]['id']}&id={made[1]['id']}") == ["One", "Two"]
    assert titles("title=two") == ["Two"]
    assert titles("title=tw") == []
    assert titles("status=trashed") == ["Three"]
    assert titles(f"space-id={space.space_id}&sort=-title") == ["Two", "SOC 2 evidence", "One"]
    of_space = dana.get(f"{V2}/spaces/{space.space_id}/pages?title=ONE").json()["results"]
    assert [page["id"] for page in of_space] == [made[0]["id"]]
    roots = dana.get(f"{V2}/spaces/{space.space_id}/pages?depth=root").json()["results"]
    assert [page["id"] for page in roots] == [space.homepage_id]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=251", "limit=x", "sort=size", "status=draft", "id=x", "body-format=nonsense", "cursor=%%%"],
)
def test_a_query_out_of_range_is_refused(dana: Visitor, query: str) -> None:
    assert dana.get(f"{V2}/pages?{query}").status_code == 400


def test_more_than_250_ids_are_refused(dana: Visitor) -> None:
    assert dana.get(f"{V2}/pages?id={','.join(map(str, range(251)))}").status_code == 400


def test_a_format_that_is_not_rendered_says_so(dana: Visitor) -> None:
    assert dana.get(f"{V2}/pages?body-format=atlas_doc_format").status_code == 501


def test_newest_first_holds_below_the_second(dana: Visitor, space: Space, clock: ManualClock) -> None:
    made = []
    for number in range(4):
        clock.advance(0.001)
        made.append(dana.create(space, f"P{number}"))
    clock.advance(0.001)
    dana.write(made[1], "<p>2</p>", 2)
    listed = dana.get(f"{V2}/pages?sort=-modified-date").json()["results"]
    assert [page["title"] for page in listed][:4] == ["P1", "P3", "P2", "P0"]


def test_following_the_cursor_meets_every_page_once_while_pages_change(
    dana: Visitor, space: Space, clock: ManualClock
) -> None:
    made = {}
    for number in range(7):
        clock.advance(1)
        page = dana.create(space, f"P{number}")
        made[page["id"]] = page
    seen: list[str] = []
    path: str | None = f"{V2}/pages?sort=-modified-date&limit=2&space-id={space.space_id}"
    while path:
        answer = dana.get(path)
        seen += [page["id"] for page in answer.json()["results"]]
        path = answer.json()["_links"].get("next")
        assert path is None or f'<{path}>; rel="next"' in answer.headers["Link"]
        clock.advance(1)
        newest = list(made.values())[-1]
        dana.write(
            newest, f"<p>{len(seen)}</p>", dana.get(f"{V2}/pages/{newest['id']}").json()["version"]["number"] + 1
        )
    assert len(seen) == len(set(seen)) == len(made) + 1


def test_what_a_person_saves_comes_back_with_the_editors_noise(
    site: Site, dana: Visitor, space: Space, account: Callable[[str], Account]
) -> None:
    page = dana.create(space, "P", "<table><tr><td>2026-12-01</td></tr></table>")
    pages.edit_as_person(site, account("ana"), page["id"], lambda body: body.replace("12-01", "12-15"))
    read = dana.get(f"{V2}/pages/{page['id']}?body-format=storage").json()
    assert read["version"]["number"] == 2
    assert read["version"]["authorId"] == account("ana").account_id
    assert "2026-12-15</p></td>" in read["body"]["storage"]["value"]
    assert "local-id=" in read["body"]["storage"]["value"]


def test_a_site_may_rewrite_what_is_written_over_the_api(site: Site, dana: Visitor, space: Space) -> None:
    site.confluence.rewrites_storage = True
    page = dana.create(space, "P", '<ac:structured-macro ac:name="toc"/>')
    assert "ac:macro-id=" in dana.body_of(page["id"])
    assert dana.body_of(page["id"]).endswith(" />")
