"""The pages in a real browser: a card is dragged, the person is switched, a page is read in light and dark."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.pages import PAGES
from connector.sandbox.serve import running
from connector.sandbox.site import Site
from mappings.storage.writing import properties, region, status

CHROMIUM = Path("/usr/bin/chromium")
BLOCKED = "Content Security Policy"


@pytest.fixture
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.browser
def test_a_person_drags_a_card_switches_and_reads_the_page(
    browser: Any, site: Site, issue: str, publish: Callable[[str, str], str], tmp_path: Path
) -> None:
    rows = [("Status", status("Open", "Blue")), ("Due", '<time datetime="2026-11-30"/>')]
    page_id = publish("R-001 Access review", region("tieout-facts", properties(rows)))
    with running(site, extra=[PAGES], pump=False) as base:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{base}/jira/board/AUD")
        page.get_by_role("button", name="Priya Nair").click()
        column = page.locator(".column", has=page.get_by_role("heading", name="In Progress"))
        page.screenshot(path=tmp_path / "board-before.png")
        page.locator(f"[data-issue={issue}]").drag_to(column)
        column.locator(f"[data-issue={issue}]").wait_for()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=tmp_path / "board-after.png")
        assert status_of(site, issue) == "In Progress"

        page.goto(f"{base}/wiki/spaces/SOC2/pages/{page_id}")
        page.get_by_label("You are", exact=True).select_option(label="Clara Weiss")
        page.wait_for_load_state("networkidle")
        page.get_by_text("Change", exact=True).click()
        page.get_by_label("Due", exact=True).fill("2026-12-15")
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        page.get_by_role("button", name="Save", exact=True).click()
        assert page.locator(".storage time").inner_text() == "15 Dec 2026"
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=tmp_path / "page-dark.png", full_page=True)
        assert "Clara Weiss" in page.locator(".page-byline").inner_text()
        assert [line for line in said if BLOCKED in line] == []


def status_of(site: Site, key: str) -> str:
    """What an issue's status is in the site's own state."""
    issue = site.jira.issue(key)
    assert issue is not None
    return site.jira.statuses[issue.status_id].name
