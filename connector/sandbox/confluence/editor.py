"""What Confluence's editor does to a body that a person saves: ids, defaults and another layout of the same words.

Programs that compare what they wrote with what they read meet all of this after the first human edit.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from connector.sandbox.confluence import storage
from connector.sandbox.confluence.storage import BLOCKS, Token

NewId = Callable[[], str]
_LOCAL_ID = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "tr", "th", "td"})
_TASK_PARTS = {"ac:task-id", "ac:task-uuid", "ac:task-status"}
_STRUCTURE = BLOCKS | _TASK_PARTS | {"ac:parameter", "ac:plain-text-body"}


def saved_by_editor(body: str, new_id: NewId) -> str:
    """`body` as the editor writes it back: the same content with the editor's noise.

    Adds `local-id` to blocks, `ac:local-id` and a layout to tables, `ac:schema-version` and `ac:macro-id` to
    macros, a uuid to tasks, paragraphs in table cells; drops the white space between blocks; writes `<br />`.
    """
    return _add_attributes(_wrap_cells(_without_layout_space(body)), new_id)


def with_macro_ids(body: str, new_id: NewId) -> str:
    """`body` with what some sites add even to API writes: macro ids, and a space before `/>`.

    Two records disagree on whether they do (see ConfluenceState.rewrites_storage).
    """
    macros = [t for t in storage.tokens(body) if t.kind == "start" and t.name == "ac:structured-macro"]
    body = storage.splice(body, [_with(token, _macro_attributes(token, new_id)) for token in macros])
    return _spaced_self_closing(body)


def _add_attributes(body: str, new_id: NewId) -> str:
    changes = _missing_task_uuids(body, new_id)
    for token in storage.tokens(body):
        added = _attributes_for(token, new_id) if token.kind == "start" else {}
        if added:
            changes.append(_with(token, added))
    return _spaced_self_closing(storage.splice(body, changes))


def _missing_task_uuids(body: str, new_id: NewId) -> list[tuple[int, int, str]]:
    changes = []
    for task in storage.elements(body, "ac:task"):
        ids = [token for token in task.inner if token.kind == "end" and token.name == "ac:task-id"]
        if ids and not any(token.name == "ac:task-uuid" for token in task.inner):
            changes.append((ids[0].end, ids[0].end, f"<ac:task-uuid>{new_id()}</ac:task-uuid>"))
    return changes


def _attributes_for(token: Token, new_id: NewId) -> dict[str, str]:
    if token.name in _LOCAL_ID and token.attribute("local-id") is None:
        return {"local-id": new_id()}
    if token.name == "table" and token.attribute("ac:local-id") is None:
        layout = {} if token.attribute("data-layout") else {"data-layout": "default"}
        return {**layout, "ac:local-id": new_id()}
    if token.name == "ac:structured-macro":
        return _macro_attributes(token, new_id)
    return {}


def _macro_attributes(token: Token, new_id: NewId) -> dict[str, str]:
    added = {}
    if token.attribute("ac:schema-version") is None:
        added["ac:schema-version"] = "1"
    if token.attribute("ac:macro-id") is None:
        added["ac:macro-id"] = new_id()
    return added


def _with(token: Token, attributes: dict[str, str]) -> tuple[int, int, str]:
    """An insertion behind the tag's name, where no quoted value can be in the way."""
    at = token.begin + 1 + len(token.name.encode())
    return at, at, "".join(f' {name}="{value}"' for name, value in attributes.items())


def _without_layout_space(body: str) -> str:
    """Drop white space that stands between two blocks: the editor writes them on one line."""
    stream = storage.tokens(body)
    changes = []
    for before, run, after in _runs_of_text(stream):
        blank = all(not token.text.strip(" \t\r\n") for token in run)
        borders = [token.name for token in (before, after) if token is not None]
        if blank and all(name in _STRUCTURE for name in borders):
            changes.append((run[0].begin, run[-1].end, ""))
    return storage.splice(body, changes)


def _runs_of_text(stream: tuple[Token, ...]) -> list[tuple[Token | None, list[Token], Token | None]]:
    runs: list[tuple[Token | None, list[Token], Token | None]] = []
    before: Token | None = None
    run: list[Token] = []
    for token in stream:
        if token.kind == "text":
            run.append(token)
            continue
        if run:
            runs.append((before, run, token))
        before, run = token, []
    if run:
        runs.append((before, run, None))
    return runs


def _wrap_cells(body: str) -> str:
    changes = []
    for name in ("td", "th"):
        for cell in storage.elements(body, name):
            if not any(token.kind == "start" and token.name in BLOCKS for token in cell.inner):
                empty = cell.inner_begin == cell.inner_end
                wrapped = "<p></p>" if empty else f"<p>{storage.source_of(body, cell)}</p>"
                if body.encode()[cell.start.begin : cell.inner_begin].endswith(b"/>"):
                    continue  # a self-closed cell has no inside to write to
                changes.append((cell.inner_begin, cell.inner_end, wrapped))
    return storage.splice(body, changes)


def _spaced_self_closing(body: str) -> str:
    source = body.encode()
    changes = []
    for token in storage.tokens(body):
        tag = source[token.begin : token.end]
        if token.kind == "start" and tag.endswith(b"/>"):
            spaced = re.sub(rb"\s*/>$", b" />", tag)
            changes.append((token.begin, token.end, spaced.decode()))
    return storage.splice(body, changes)
