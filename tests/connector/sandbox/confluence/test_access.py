"""Who sees and does what: members, guests, strangers, nobody; and whose address is shown."""

from collections.abc import Callable

import pytest

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import spaces
from connector.sandbox.confluence.state import Space
from connector.sandbox.site import Site
from tests.connector.sandbox.confluence.conftest import V1, V2, Visitor, error_of, storage

Visit = Callable[[str | None], Visitor]


@pytest.fixture
def other(site: Site, account: Callable[[str], Account]) -> Space:
    """A space the guests are not in."""
    return spaces.create_space(site, account("dana"), key="OPS", name="Operations")


def test_a_guest_sees_the_one_space(ana: Visitor, dana: Visitor, space: Space, other: Space) -> None:
    hidden = dana.create(other, "Runbook")
    assert [s["key"] for s in ana.get(f"{V2}/spaces").json()["results"]] == ["SOC2"]
    assert [s["key"] for s in dana.get(f"{V2}/spaces?keys=ops,soc2&sort=key").json()["results"]] == ["OPS", "SOC2"]
    assert ana.get(f"{V2}/spaces/{other.space_id}").status_code == 404
    assert ana.get(f"{V2}/pages/{hidden['id']}").status_code == 404
    assert {p["spaceId"] for p in ana.get(f"{V2}/pages").json()["results"]} == {space.space_id}


def test_v2_says_404_to_who_sees_and_may_not_write_but_403_to_who_may_not_create(
    site: Site, dana: Visitor, ana: Visitor, space: Space, other: Space, account: Callable[[str], Account]
) -> None:
    """ "404: the user does not have the needed permissions to update a page in the space" (v2, PUT /pages/{id})."""
    page = dana.create(space, "P")
    spaces.grant(space, account("ana"), frozenset({("read", "space")}))
    answer = ana.write(page, "<p>2</p>", 2)
    assert (answer.status_code, error_of(answer)["code"]) == (404, "NOT_FOUND")
    said = ana.post(f"{V2}/footer-comments", json={"pageId": page["id"], "body": storage("<p>x</p>")})
    assert said.status_code == 404
    refused = ana.post(f"{V2}/pages", json={"spaceId": space.space_id, "title": "T"})
    assert refused.status_code == 403
    assert ana.post(f"{V2}/pages", json={"spaceId": other.space_id, "title": "T"}).status_code == 404
    assert ana.upload(page["id"], "a", b"1").status_code == 403
    assert "PermissionException" in ana.upload(page["id"], "a", b"1").json()["message"]


def test_a_guest_neither_deletes_pages_nor_administers(dana: Visitor, ana: Visitor, space: Space) -> None:
    page = dana.create(space, "P")
    assert ana.write(page, "<p>2</p>", 2).status_code == 200
    assert ana.delete(f"{V2}/pages/{page['id']}").status_code == 404
    assert ana.post("/wiki/rest/webhooks/1.0/webhook", json={}).status_code == 403


@pytest.mark.parametrize("path", ["pages", "spaces", "footer-comments", "tasks", "pages/10001"])
def test_nobody_gets_401(visit: Visit, path: str) -> None:
    assert visit(None).get(f"{V2}/{path}").status_code == 401


def test_a_wrong_token_is_told_in_the_products_own_shape(visit: Visit) -> None:
    dana = visit("dana")
    dana.session.auth = ("dana@acme.example", "wrong")
    assert error_of(dana.get(f"{V2}/pages"))["code"] == "UNAUTHORIZED"
    assert dana.get(f"{V1}/user/current").json()["statusCode"] == 401


def test_at_most_a_hundred_spaces_and_two_hundred_and_fifty_people_are_asked_about(visit: Visit) -> None:
    """maxItems of GET /pages and POST /users-bulk in the document."""
    dana = visit("dana")
    ask = f"{V2}/pages?space-id="
    assert [dana.get(ask + ",".join(["1"] * many)).status_code for many in (100, 101)] == [200, 400]
    people = [{"accountIds": ["x"] * many} for many in (250, 251)]
    assert [dana.post(f"{V2}/users-bulk", json=asked).status_code for asked in people] == [200, 400]


def test_somebody_without_confluence_sees_nothing(visit: Visit) -> None:
    jiro = visit("jiro")
    assert jiro.get(f"{V2}/spaces").json()["results"] == []
    assert jiro.get(f"{V1}/user/current").status_code == 403


def test_an_address_is_shown_to_its_owner_and_hidden_if_wanted(visit: Visit, account: Callable[[str], Account]) -> None:
    owen, path = account("owen"), f"{V1}/user?accountId="
    assert visit("dana").get(path + owen.account_id).json()["email"] == ""
    assert visit("owen").get(f"{V1}/user/current").json()["email"] == owen.email
    assert visit("owen").get(path + account("dana").account_id).json()["email"] == "dana@acme.example"
    assert visit("dana").get(path + account("ana").account_id).json()["isExternalCollaborator"] is True
    assert visit("dana").get(path + "nobody").status_code == 404


def test_permissions_of_a_space_name_accounts_and_operations(
    dana: Visitor, space: Space, account: Callable[[str], Account]
) -> None:
    rows = dana.get(f"{V2}/spaces/{space.space_id}/permissions?limit=250").json()["results"]
    ana = account("ana").account_id
    held = {(r["operation"]["key"], r["operation"]["targetType"]) for r in rows if r["principal"]["id"] == ana}
    assert held == {("read", "space"), ("create", "page"), ("create", "comment"), ("create", "attachment")}
