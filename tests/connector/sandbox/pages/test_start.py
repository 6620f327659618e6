"""Who is at the browser, and where they may go."""

from collections.abc import Callable

import pytest

from connector.sandbox.app import SandboxApp
from connector.sandbox.pages.visits import safe_path
from connector.sandbox.site import Site
from tests.connector.sandbox.pages.conftest import Surf
from tests.connector.sandbox.pages.surfer import Surfer


def test_a_stranger_is_asked_who_they_are_and_then_gets_to_the_page_they_came_for(app: SandboxApp, issue: str) -> None:
    surfer = Surfer(app).open(f"/browse/{issue}")
    assert "Who are you?" in surfer.text
    person = next(form for form in surfer.page.all("form") if "Priya Nair" in form.text)
    surfer.post(
        person.attrs["action"],
        account=person.one(name="account").attrs["value"],
        next=person.one(name="next").attrs["value"],
    )
    assert surfer.page.one("h1").text == "Access review"


def test_the_start_page_offers_what_the_person_can_open(surf: Surf) -> None:
    assert {"Security", "Platform", "SOC 2 evidence"} <= {
        tile.one("strong").text for tile in surf("dana").page.all(class_="tile")
    }
    assert [tile.one("strong").text for tile in surf("clara").page.all(class_="tile")] == ["SOC 2 evidence"]


def test_switching_person_stays_on_the_page(surf: Surf, issue: str, account_id: Callable[[str], str]) -> None:
    surfer = surf("dana").open("/jira/board/AUD?words=access")
    surfer.submit("Switch", account=account_id("priya"))
    assert surfer.address == "/jira/board/AUD?words=access"
    assert surfer.page.one(class_="switch").one("option", selected="").text == "Priya Nair"


def test_nobody_signs_in_as_somebody_who_is_not_there(app: SandboxApp) -> None:
    assert Surfer(app).post("/people/sign-in", account="made-up", next="/").status == 400


def test_an_account_that_was_closed_is_signed_out(site: Site, surf: Surf, account_id: Callable[[str], str]) -> None:
    surfer = surf("priya")
    site.accounts[account_id("priya")].active = False
    assert "Who are you?" in surfer.open("/jira/projects").text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/x\r\nSet-Cookie: a=b"],
)
def test_coming_back_never_leads_to_another_site(elsewhere: str) -> None:
    assert safe_path(elsewhere) == "/"


def test_every_page_forbids_whatever_is_not_the_sites_own(surf: Surf, issue: str) -> None:
    surfer = surf("dana")
    for address in ("/", "/jira/board/AUD", f"/browse/{issue}", "/wiki/spaces/SOC2/overview", "/jira/board/NONE"):
        headers = surfer.open(address).answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_style_and_script_are_the_sites_own_and_nothing_else_is_served_beside_them(surf: Surf) -> None:
    surfer = surf("dana")
    for link in (*surfer.page.all("link"), *surfer.page.all("script")):
        assert surfer.open(link.attrs.get("href") or link.attrs["src"]).status == 200
    assert surfer.open("/people/static/..%2Fvisits.py").status == 404


def test_what_people_do_in_the_browser_is_no_api_call(site: Site, surf: Surf, issue: str) -> None:
    site.calls.clear()
    surf("dana").open(f"/browse/{issue}").submit("Save comment", body="hello")
    assert len(site.calls) == 0
