"""Setting the date in the Due row of a page's properties, as a person does in the editor, touching nothing else."""

from datetime import date

from connector.sandbox.confluence import storage
from connector.sandbox.confluence.storage import Element, Token
from connector.sandbox.pages.acting import TurnedAwayError
from connector.sandbox.pages.passages import dated

DUE = "due"
NO_ROW = "This page has no Due row in its properties; edit the page instead."


def with_due(body: str, on: date | None) -> str:
    """The body with another date, or none, in its Due row; TurnedAwayError when it has no such row."""
    cell = _cell(body)
    if cell is None:
        raise TurnedAwayError(400, NO_ROW)
    time = next((token for token in cell.inner if token.kind == "start" and token.name == "time"), None)
    if time is not None:
        return storage.splice(body, [_changed(body, time, on)])
    written = f'<time datetime="{on.isoformat()}" />' if on else ""
    return storage.splice(body, _instead_of_words(cell, written))


def _cell(body: str) -> Element | None:
    """The cell beside the first heading "Due" that stands in a page-properties macro."""
    macros = [
        one for one in storage.elements(body, "ac:structured-macro") if one.start.attribute("ac:name") == "details"
    ]
    for row in storage.elements(body, "tr"):
        inside = any(_holds(macro, row) for macro in macros)
        head, cell = (
            next((one for one in storage.elements(body, name) if _holds(row, one)), None) for name in ("th", "td")
        )
        if inside and head and cell and head.text.strip().casefold() == DUE:
            return cell
    return None


def _holds(outer: Element, inner: Element) -> bool:
    return outer.inner_begin <= inner.start.begin < outer.inner_end


def _changed(body: str, time: Token, on: date | None) -> tuple[int, int, str]:
    """The date element with another date; without one, nothing in its place."""
    tag = body.encode()[time.begin : time.end].decode()
    if on is None:
        return (time.begin, time.end, "") if tag.endswith("/>") else (time.begin, time.end, "<time>")
    return time.begin, time.end, dated(body, time, on.isoformat())


def _instead_of_words(cell: Element, written: str) -> list[tuple[int, int, str]]:
    """The words of a cell replaced where the first of them stood; in an empty cell, put in a paragraph."""
    words = [token for token in cell.inner if token.kind == "text"]
    if not words:
        return [(cell.inner_begin, cell.inner_end, f"<p>{written}</p>")]
    first, *rest = words
    return [(first.begin, first.end, written), *((token.begin, token.end, "") for token in rest)]
