"""The pages in a real browser: every role's main job by mouse and by key, with JavaScript and without, for everybody's
eyes, in light and dark, in a wide window and a narrow one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector.sandbox.pages import PAGES
from connector.sandbox.serve import running
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from mappings.storage.writing import heading, macro, properties, region, status
from tests.connector.sandbox.pages.gadgets import EVERYBODY, GADGETS
from tests.connector.sandbox.pages.windows import CHROMIUM, SWITCHES, Window

pytestmark = pytest.mark.browser
Publish = Callable[[str, str], str]
TASK = (
    "<ac:task-list><ac:task><ac:task-id>1000001</ac:task-id><ac:task-status>incomplete</ac:task-status>"
    "<ac:task-body>Accept this evidence</ac:task-body></ac:task></ac:task-list>"
)
GUEST, OWNER, REVIEWER, COORDINATOR = "Clara Weiss", "Priya Nair", "Tomas Berg", "Dana Kim"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=[*SWITCHES])
        yield opened
        opened.close()


@pytest.fixture
def base(site: Site) -> Iterator[str]:
    site.faults.limits.per_issue = False
    with running(site, extra=[PAGES], pump=False) as address:
        yield address


@pytest.fixture
def page_path(publish: Publish) -> str:
    rows = [("Status", status("Open", "Blue")), ("Due", '<time datetime="2026-11-30"/>')]
    jira = macro("jira", {"jqlQuery": 'labels = "CC6.1"', "columns": "key,summary,status"})
    body = region("tieout-facts", properties(rows)) + heading("Tasks") + jira + region("tieout-decide", TASK)
    return f"/wiki/spaces/SOC2/pages/{publish('R-001 Access review', body + '<p>Met the owner on Tuesday.</p>')}"


def status_of(site: Site, key: str) -> str:
    """What an issue's status is in the site's own state."""
    issue = site.jira.issue(key)
    assert issue is not None
    return site.jira.statuses[issue.status_id].name


def body_of(site: Site, page_path: str) -> str:
    return site.confluence.pages[page_path.rpartition("/")[2]].body


def test_a_card_is_dragged_and_its_column_says_so(browser: Any, base: str, site: Site, issue: str) -> None:
    window = Window(browser, base).sign_in(OWNER).open("/jira/board/AUD")
    column = window.page.locator(".column", has=window.page.get_by_role("heading", name="In Progress"))
    window.page.locator(f"[data-issue={issue}]").drag_to(column)
    window.page.get_by_role("status").get_by_text(f"{issue} moved to In Progress.").wait_for()
    assert column.locator(f"[data-issue={issue}]").count() == 1
    assert status_of(site, issue) == "In Progress"
    assert (window.said, window.strangers) == ([], [])


def test_a_card_goes_by_arrow_keys_and_keeps_the_focus(browser: Any, base: str, site: Site, issue: str) -> None:
    window = Window(browser, base).sign_in(OWNER).open("/jira/board/AUD")
    for target in ("In Progress", "Blocked"):
        window.press(window.page.get_by_role("link", name="Access review"), "Shift+ArrowRight")
        window.page.get_by_role("status").get_by_text(f"{issue} moved to {target}.").wait_for()
        assert window.page.evaluate("document.activeElement.textContent") == "Access review"
    assert status_of(site, issue) == "Blocked"
    assert window.said == []


def test_a_move_with_a_screen_is_asked_about_and_leads_back_to_the_board(
    browser: Any, base: str, site: Site, bot: Visitor
) -> None:
    key = bot.create_issue(project={"key": "PLAT"}, issuetype={"name": "Task"}, summary="Patch the servers")
    for status_name in ("Selected", "Doing", "Peer review"):
        bot.move(key, status_name)
    window = Window(browser, base).sign_in(REVIEWER).open("/jira/board/PLAT")
    closed = window.page.locator(".column", has=window.page.get_by_role("heading", name="Closed"))
    window.page.locator(f"[data-issue={key}]").drag_to(closed)
    window.page.get_by_label("Resolution").select_option(label="Done")
    window.button("Close").click()
    closed.locator(f"[data-issue={key}]").wait_for()
    assert (status_of(site, key), window.said) == ("Closed", [])


def test_a_page_that_others_change_is_shown_as_it_is_unless_somebody_is_writing(
    browser: Any, base: str, bot: Visitor, issue: str
) -> None:
    window = Window(browser, base)
    window.page.clock.install()
    window.sign_in(OWNER).open(f"/browse/{issue}")
    bot.set_fields(issue, summary="Access review of March")
    window.page.clock.fast_forward(5_000)
    window.page.get_by_role("heading", name="Access review of March").wait_for()
    window.type("Add a comment", "half a sen")
    bot.set_fields(issue, summary="Access review of May")
    window.page.clock.fast_forward(5_000)
    assert window.page.get_by_label("Add a comment").input_value() == "half a sen"
    assert window.page.get_by_role("heading", name="Access review of March").count() == 1
    assert window.said == []


def test_words_are_selected_and_commented_on(browser: Any, base: str, site: Site, page_path: str) -> None:
    window = Window(browser, base).sign_in(GUEST).open(page_path)
    window.page.get_by_text("Met the owner on Tuesday.").select_text()
    window.button("Comment").click()
    window.page.keyboard.insert_text("Which Tuesday?")
    window.page.locator(".about-words").get_by_role("button", name="Save comment").click()
    window.page.locator(".comments .prose").get_by_text("Which Tuesday?").wait_for()
    assert window.page.locator(".marked").inner_text() == "Met the owner on Tuesday."
    window.button("Resolve").click()
    window.button("Open again").wait_for()
    assert window.page.locator(".marked").count() == 0
    assert [one.resolution for one in site.confluence.comments.on(page_path.rpartition("/")[2])] == ["resolved"]
    assert (window.said, window.strangers) == ([], [])


def test_everybody_does_their_main_job_by_keys_alone_and_without_javascript(
    browser: Any, base: str, site: Site, issue: str, page_path: str
) -> None:
    owner = Window(browser, base, has_script=False).sign_in(OWNER).open("/jira/board/AUD")
    owner.press(owner.page.get_by_label(f"Move {issue}", exact=True))
    owner.press(owner.page.get_by_label(f"Move {issue} to"), "I")
    owner.press(owner.button("Move"))
    owner.page.locator(".column", has_text="In Progress").locator(f"[data-issue={issue}]").wait_for()
    owner.open(f"/browse/{issue}").type("Add a comment", "The list is attached.")
    owner.press(owner.button("Save comment"))
    owner.press(owner.page.locator(".comments summary", has_text="Edit"))
    owner.type("Edit the comment", "The list follows.")
    owner.press(owner.button("Save changes"))
    owner.page.locator(".comments").get_by_text("The list follows.").first.wait_for()

    reviewer = Window(browser, base, has_script=False).sign_in(REVIEWER).open(f"/browse/{issue}")
    reviewer.press(reviewer.button("With Auditor"))
    reviewer.page.locator(".status-box .lozenge", has_text="With Auditor").wait_for()

    coordinator = Window(browser, base, has_script=False).sign_in(COORDINATOR).open(f"/browse/{issue}")
    coordinator.press(coordinator.page.get_by_label("Assignee"), "T", "o")
    coordinator.press(coordinator.button("Save details"))
    coordinator.page.wait_for_load_state("networkidle")

    auditor = Window(browser, base, has_script=False).sign_in(GUEST).open(page_path)
    auditor.press(auditor.page.get_by_role("checkbox", name="Accept this evidence"))
    auditor.page.get_by_role("checkbox", name="Accept this evidence", checked=True).wait_for()
    auditor.type("Add a comment", "accept")
    auditor.press(auditor.button("Save comment"))
    auditor.page.locator(".comments").get_by_text("accept").first.wait_for()
    auditor.press(auditor.page.get_by_role("link", name="Edit", exact=True))
    auditor.type("Paragraph: Met the owner on Tuesday.", "Met the owner on Friday.")
    auditor.press(auditor.button("Save").first)
    auditor.page.locator(".storage").get_by_text("Met the owner on Friday.").wait_for()

    assert status_of(site, issue) == "With Auditor"
    held = site.jira.issue(issue)
    assert held is not None
    assert site.accounts[held.values["assignee"]].display_name == REVIEWER
    assert "<ac:task-status>complete</ac:task-status>" in body_of(site, page_path)
    for window in (owner, reviewer, coordinator, auditor):
        assert (window.said, window.strangers) == ([], [])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_page_can_be_used_by_everybody(
    browser: Any, base: str, bot: Visitor, issue: str, page_path: str, scheme: str, width: int
) -> None:
    dashboard = readiness(bot)
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    guest, coordinator = (Window(browser, base, **options).sign_in(name) for name in (GUEST, COORDINATOR))
    page_id = page_path.rpartition("/")[2]
    for_guests = ("/", "/wiki", "/wiki/spaces/SOC2/pages", page_path, f"/wiki/spaces/SOC2/pages/edit-v2/{page_id}")
    for_staff = ("/jira/projects", "/jira/board/AUD", f"/browse/{issue}", dashboard, "/jira/dashboards", page_path)
    for window, paths in ((guest, for_guests), (coordinator, for_staff)):
        flaws = {path: found for path in paths if (found := window.open(path).flaws)}
        assert (flaws, window.said, window.strangers) == ({}, [], [])


def readiness(bot: Visitor) -> str:
    """The path of a dashboard with one gadget of each kind."""
    body = {"name": "Open", "jql": "project = AUD", "sharePermissions": EVERYBODY}
    filter_id = bot.call("POST", "/rest/api/3/filter", json=body)["id"]
    dashboard = {"name": "Audit", "sharePermissions": EVERYBODY, "editPermissions": []}
    board = bot.call("POST", "/rest/api/3/dashboard", json=dashboard)["id"]
    kinds = [
        "filter-results-gadget/gadgets/filter-results",
        "pie-chart-gadget/gadgets/piechart",
        "stats-gadget/gadgets/stats",
        "two-dimensional-stats-gadget/gadgets/two-dimensional-stats",
        "created-vs-resolved-issues-chart-gadget/gadgets/created-vs-resolved-issues-chart",
    ]
    for row, kind in enumerate(kinds):
        gadget = {"uri": f"{GADGETS}{kind}-gadget.xml", "title": kind, "position": {"row": row, "column": row % 2}}
        made = bot.call("POST", f"/rest/api/3/dashboard/{board}/gadget", json=gadget)["id"]
        config = {"filterId": filter_id, "projectOrFilterId": f"filter-{filter_id}"}
        bot.call("PUT", f"/rest/api/3/dashboard/{board}/items/{made}/properties/config", json=config)
    return f"/jira/dashboards/{board}"
