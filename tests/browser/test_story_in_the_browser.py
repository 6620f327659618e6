"""One request from open to accepted by clicks alone: owner, reviewer, coordinator and auditor, each in a browser of
their own, on the sandbox's pages, with a really running Tieout between them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mappings.records import LinkRole
from sync.store import Store
from webhooks.commands.import_list import import_list
from webhooks.demo.stage import AUDIT, Stage, set_up

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
OWNER, REVIEWER, COORDINATOR, AUDITOR = "Tomas Berg", "Priya Nair", "Dana Kim", "Clara Weiss"
LIST = """\
Number,Title,Team,Owner,Reviewer,Due
A-1,Quarterly access reviews,Security,tomas.berg@acme.example,priya.nair@acme.example,2099-12-31
"""
CONTENT = b"user,role,approved by\npriya,admin,dana\n"
INSIDE = "between us: the March review was late"
PATIENCE_S = 30.0
LOOKS_EVERY_MS = 300.0

Person = Callable[[str], Any]


@pytest.fixture
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    if chromium is None:
        pytest.skip(f"none of {', '.join(CHROMIUMS)} is installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=chromium, args=[*SWITCHES])
        yield opened
        opened.close()


@pytest.fixture
def stage(browser: Any, tmp_path: Path) -> Iterator[Stage]:
    """The sandbox and Tieout on loopback, with a list of one request taken in. After the browser: it may skip."""
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    with set_up(tmp_path / "home", poll_s=5) as raised:
        done = CliRunner().invoke(import_list, [str(file), "--audit", AUDIT], obj=raised.wiring)
        assert done.exit_code == 0, done.output
        yield raised


@pytest.fixture
def person(browser: Any, stage: Stage) -> Person:
    """Somebody's own browser window, signed in by the button with their name on it."""
    windows: dict[str, Any] = {}

    def window(name: str) -> Any:
        if name not in windows:
            page = browser.new_context(viewport={"width": 1600, "height": 900}).new_page()
            page.goto(stage.url)
            page.get_by_role("button", name=name).click()
            page.get_by_role("heading", name=f"Hello, {name}").wait_for()
            windows[name] = page
        return windows[name]

    return window


@pytest.mark.browser
def test_four_people_take_a_request_from_open_to_accepted_by_clicks_alone(stage: Stage, person: Person) -> None:
    owner, reviewer, coordinator, auditor = (person(name) for name in (OWNER, REVIEWER, COORDINATOR, AUDITOR))
    request_key, task_key, page_path = counterparts(stage, owner)

    drag(owner, f"{stage.url}/jira/board/SEC", task_key, "In Progress")
    comment(owner, f"{stage.url}/browse/{task_key}", INSIDE)
    owner.get_by_label("Files to attach").set_input_files(
        {"name": "reviews.csv", "mimeType": "text/csv", "buffer": CONTENT}
    )
    owner.get_by_role("button", name="Attach", exact=True).click()
    owner.get_by_role("link", name="reviews.csv").wait_for()
    drag(owner, f"{stage.url}/jira/board/SEC", task_key, "In Review")
    auditor.goto(f"{stage.url}{page_path}")
    until_seen(auditor, lozenge(auditor, "Internal review"))
    assert auditor.get_by_text("1 file is in internal review").is_visible()
    assert auditor.get_by_text("reviews.csv").count() == 0

    # Nobody reviews their own evidence: the owner's move is put back and explained.
    move_by_menu(owner, f"{stage.url}/jira/board/SEC", task_key, "With Auditor")
    owner.goto(f"{stage.url}/browse/{task_key}")
    until_seen(owner, said(owner, "Nobody reviews evidence that they own or collected"))
    until_seen(owner, status(owner, "In Review"))

    press(reviewer, f"{stage.url}/browse/{task_key}", "With Auditor")
    until_seen(auditor, auditor.get_by_text(sha256(CONTENT).hexdigest()))
    press(coordinator, f"{stage.url}/browse/{request_key}", "With Auditor")
    until_seen(auditor, lozenge(auditor, "Submitted"))

    # A coordinator's tick accepts nothing.
    coordinator.goto(f"{stage.url}{page_path}")
    coordinator.get_by_role("checkbox", name="Accept this evidence").click()
    until_seen(coordinator, said(coordinator, "Only an auditor accepts"))
    until_seen(coordinator, coordinator.get_by_role("checkbox", name="Accept this evidence", checked=False))

    auditor.reload()
    auditor.get_by_role("checkbox", name="Accept this evidence").click()
    until_seen(auditor, lozenge(auditor, "Accepted"))
    for key in (task_key, request_key):
        coordinator.goto(f"{stage.url}/browse/{key}")
        until_seen(coordinator, status(coordinator, "Done"))
    assert INSIDE not in auditor.content()
    assert requests_by_state(stage) == {"A-1": "accepted"}


def counterparts(stage: Stage, owner: Any) -> tuple[str, str, str]:
    """Keys of the request's issue and the task's, and the page's path, once Tieout has made and linked all three."""
    owner.goto(f"{stage.url}/jira/board/SEC")
    until_seen(owner, owner.get_by_role("link", name="A-1/1 Quarterly access reviews"))
    with stage.wiring.database.read() as conn:
        store = Store(conn)
        (request,) = store.records.requests(AUDIT)
        (task,) = store.records.tasks_of([request.uid])[request.uid]
        links = store.links.of([request.uid, task.uid])
    page_path = f"/wiki/spaces/SOC2/pages/{links[request.uid, LinkRole.PAGE].remote_id}"
    owner.goto(f"{stage.url}/browse/{links[task.uid, LinkRole.ISSUE].key}")
    until_seen(owner, owner.locator(f"a[href$='{page_path}']"))
    return links[request.uid, LinkRole.ISSUE].key, links[task.uid, LinkRole.ISSUE].key, page_path


def until_seen(window: Any, what: Any) -> None:
    """Load the page again until `what` is on it; the pages of the sandbox do not refresh themselves."""
    deadline = time.monotonic() + PATIENCE_S
    while not _appears(what):
        assert time.monotonic() < deadline, f"{what} was not seen on {window.url}"
        window.reload()


def _appears(what: Any) -> bool:
    from playwright.sync_api import TimeoutError as NotThere  # only where playwright is installed

    try:
        what.first.wait_for(timeout=LOOKS_EVERY_MS)
    except NotThere:
        return False
    return True


def drag(window: Any, board: str, key: str, column_name: str) -> None:
    window.goto(board)
    column = window.locator(".column", has=window.get_by_role("heading", name=column_name))
    window.locator(f"[data-issue={key}]").drag_to(column)
    column.locator(f"[data-issue={key}]").wait_for()
    window.wait_for_load_state("networkidle")


def move_by_menu(window: Any, board: str, key: str, status_name: str) -> None:
    """As somebody without a mouse does it."""
    window.goto(board)
    menu = window.get_by_label(f"Move {key}", exact=True)
    menu.focus()
    menu.press("Enter")
    window.get_by_label(f"Move {key} to").select_option(label=status_name)
    window.locator(f"[data-issue={key}]").get_by_role("button", name="Move").click()
    window.wait_for_load_state("networkidle")


def press(window: Any, issue: str, status_name: str) -> None:
    window.goto(issue)
    window.get_by_role("button", name=status_name, exact=True).click()
    window.wait_for_load_state("networkidle")


def comment(window: Any, address: str, text: str) -> None:
    window.goto(address)
    window.get_by_label("Add a comment").fill(text)
    window.get_by_role("button", name="Save comment").click()
    said(window, text).wait_for()


def said(window: Any, text: str) -> Any:
    """A comment of the issue or page, not what stands in a field to edit it or in the panel beside."""
    return window.locator(".comments .prose").get_by_text(text)


def status(window: Any, name: str) -> Any:
    """The status of an issue on its page."""
    return window.locator(".status-box .lozenge", has_text=name)


def lozenge(window: Any, state: str) -> Any:
    """The state of a request on its evidence page."""
    return window.locator(".storage .lozenge", has_text=state)


def requests_by_state(stage: Stage) -> dict[str, str]:
    with stage.wiring.database.read() as conn:
        return {record.number: record.status for record in Store(conn).records.requests(AUDIT)}
