"""A browser without JavaScript for tests: opens pages over the WSGI app, reads them, fills in forms and sends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from werkzeug.test import Client, TestResponse

from connector.sandbox.app import SandboxApp

VOID = frozenset({"input", "meta", "link", "br", "hr", "img"})


@dataclass(eq=False)
class Tag:
    """An element of a page that was read."""

    name: str
    attrs: dict[str, str] = field(default_factory=dict)
    inside: list[Tag | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What a reader sees, single-spaced."""
        return " ".join(" ".join(one if isinstance(one, str) else one.text for one in self.inside).split())

    def all(self, tag: str = "", /, *, class_: str = "", **attrs: str) -> Iterator[Tag]:
        """Elements inside by name and attributes (`class_` for one of the classes)."""
        for one in self.inside:
            if isinstance(one, str):
                continue
            classes = one.attrs.get("class", "").split()
            if tag in ("", one.name) and class_ in ("", *classes) and attrs.items() <= one.attrs.items():
                yield one
            yield from one.all(tag, class_=class_, **attrs)

    def one(self, tag: str = "", /, *, class_: str = "", **attrs: str) -> Tag:
        found = list(self.all(tag, class_=class_, **attrs))
        assert found, f"no <{tag} {class_} {attrs}> in: {self.text[:2000]}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Tag("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Tag(tag, {key: value or "" for key, value in attrs})
        self._open[-1].inside.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if tag in [one.name for one in self._open[1:]]:
            while self._open.pop().name != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)


def read(html: str) -> Tag:
    reader = _Reader()
    reader.feed(html)
    return reader.root


class Surfer:
    """One person at a browser. `page` is what it shows, `status` the last answer's."""

    def __init__(self, app: SandboxApp) -> None:
        self._client = Client(app)
        self.page = Tag("")
        self.answer: TestResponse
        self.address = "/"

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def text(self) -> str:
        """All that can be read on the page."""
        return self.page.one("main").text

    @property
    def problem(self) -> str:
        """What the page says went wrong."""
        return self.page.one(class_="problem").text

    def open(self, address: str) -> Surfer:
        self._take(self._client.get(address, follow_redirects=True))
        return self

    def submit(
        self, button: str, within: Tag | None = None, /, *, file: tuple[str, bytes] | None = None, **fields: Any
    ) -> Surfer:
        """Press a button by its words, after filling its form's fields in; they must be on the form."""
        for form in (within or self.page).all("form"):
            pressed = next(
                (one for one in form.all("button") if button in (one.text, one.attrs.get("aria-label"))), None
            )
            if pressed is None:
                continue
            given = {
                **_filled(form),
                **({pressed.attrs["name"]: pressed.attrs["value"]} if "name" in pressed.attrs else {}),
            }
            assert fields.keys() <= {one.attrs.get("name") for one in form.all()}, (
                f"{button}: {fields} not all on {given}"
            )
            data: dict[str, Any] = {**given, **fields}
            if file is not None:
                data["file"] = (BytesIO(file[1]), file[0])
            return self.post(form.attrs["action"], **data)
        raise AssertionError(f"no button {button!r} on: {self.page.text[:2000]}")

    def post(self, action: str, **data: Any) -> Surfer:
        headers = {"Referer": f"http://localhost{self.address}"}
        self._take(self._client.post(action, data=data, headers=headers, follow_redirects=True))
        return self

    def _take(self, answer: TestResponse) -> None:
        self.answer = answer
        self.address = answer.request.full_path.rstrip("?")
        if answer.mimetype == "text/html" and "Content-Disposition" not in answer.headers:
            self.page = read(answer.text)


def _filled(form: Tag) -> dict[str, Any]:
    """What a browser would send of a form nobody touched."""
    data: dict[str, Any] = {}
    for control in form.all():
        name, kind = control.attrs.get("name", ""), control.attrs.get("type", "text")
        if control.name == "select":
            options = list(control.all("option"))
            chosen = [one for one in options if "selected" in one.attrs] or options[:1]
            data[name] = chosen[0].attrs.get("value", chosen[0].text) if chosen else ""
        elif control.name == "textarea":
            data[name] = "".join(one for one in control.inside if isinstance(one, str)).removeprefix("\n")
        elif control.name == "input" and kind == "checkbox" and "checked" in control.attrs:
            data.setdefault(name, []).append(control.attrs["value"])
        elif control.name == "input" and kind not in ("checkbox", "file"):
            data[name] = control.attrs.get("value", "")
    return data
