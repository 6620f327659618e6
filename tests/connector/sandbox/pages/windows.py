"""A real browser's windows for tests: people at the keyboard, and what of a page somebody could not use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = ("--no-sandbox", "--disable-gpu")
NAMELESS = re.compile(
    r"^\s*- (?:button|link|textbox|searchbox|combobox|checkbox|img|listbox|meter)(?: \[[^]]*\])*(?::.*)?$", re.MULTILINE
)
FAINT = Path(__file__).with_name("faint.js")
"""Lists the texts whose contrast with what is behind them is below WCAG's AA."""


class Window:
    """One person's browser window; `said` is what its console said, `asked` the addresses it asked for."""

    def __init__(self, browser: Any, base: str, *, has_script: bool = True, **options: Any) -> None:
        context = browser.new_context(
            java_script_enabled=has_script, **{"viewport": {"width": 1280, "height": 800}} | options
        )
        self.page = context.new_page()
        self.base = base
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def sign_in(self, name: str) -> Window:
        """By the button with the name on it, by key."""
        self.page.goto(self.base)
        self.press(self.page.get_by_role("button", name=name))
        self.page.get_by_role("heading", name=f"Hello, {name}").wait_for()
        return self

    def open(self, path: str) -> Window:
        self.page.goto(f"{self.base}{path}")
        return self

    def press(self, what: Any, *keys: str) -> None:
        """Keys on something that has the focus; Enter if none is named."""
        what.focus()
        assert what.evaluate("one => one === document.activeElement"), f"{what} cannot be reached by key"
        for key in keys or ("Enter",):
            self.page.keyboard.press(key)

    def type(self, label: str, text: str) -> None:
        """Into the field with this label, over what is in it."""
        field = self.page.get_by_label(label, exact=True)
        self.press(field, "Control+a")
        self.page.keyboard.insert_text(text)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def strangers(self) -> list[str]:
        """Addresses asked for that are not the site's own."""
        return [url for url in self.asked if not url.startswith((self.base, "data:"))]

    @property
    def flaws(self) -> list[str]:
        """What of the page as it is now cannot be used by everybody, or runs over the window's edge."""
        page = self.page
        tree = page.locator("body").aria_snapshot()
        found = [f"no name: {match.group().strip()}" for match in NAMELESS.finditer(tree)]
        found += [f"faint: {text}" for text in page.evaluate(FAINT.read_text(encoding="utf-8"))]
        for what, count in (("main", 1), ("h1", 1)):
            if page.locator(what).count() != count:
                found.append(f"{page.locator(what).count()} {what} instead of {count}")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return [*found, *([f"{over} px over the edge"] if over > 0 else [])]
