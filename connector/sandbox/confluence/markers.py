"""Inline comment markers: the `<ac:inline-comment-marker ac:ref="...">` that ties a comment to words of a page."""

from __future__ import annotations

from connector.sandbox.confluence import storage
from connector.sandbox.confluence.storage import Token

MARKER = "ac:inline-comment-marker"


class SelectionError(Exception):
    """The words to comment on are not on the page as the caller said."""


def refs(body: str) -> frozenset[str]:
    """The marker ids a body carries."""
    found = (element.start.attribute("ac:ref") for element in storage.elements(body, MARKER))
    return frozenset(ref for ref in found if ref)


def insert(body: str, selection: str, match_count: int, match_index: int, ref: str) -> str:
    """Wrap the `match_index`th (from 0) occurrence of `selection` in a marker.

    `match_count` is how often the caller saw the words; another number on the page is a SelectionError, as are
    words that are not there. Words that run over tags get one marker for each stretch of text, all with the
    same id, as the editor does. The count rule and the words of the errors are ours: the API document asks for
    the numbers and does not say what a wrong one answers.
    """
    letters = list(_letters(body))
    text = "".join(letter for letter, _, _ in letters)
    places = _occurrences(text, selection) if selection else []
    if not places:
        raise SelectionError(f"Text selection '{selection}' was not found on the page")
    if len(places) != match_count:
        raise SelectionError(f"Text selection matches {len(places)} times, not {match_count}")
    if not 0 <= match_index < match_count:
        raise SelectionError(f"Text selection match index {match_index} is not below {match_count}")
    chosen = letters[places[match_index] : places[match_index] + len(selection)]
    changes: list[tuple[int, int, str]] = []
    for begin, end in _stretches([(begin, end) for _, begin, end in chosen]):
        changes += [(begin, begin, f'<{MARKER} ac:ref="{ref}">'), (end, end, f"</{MARKER}>")]
    return storage.splice(body, changes)


def without(body: str, ref: str) -> str:
    """The body with the markers of one comment taken off; the words stay."""
    changes: list[tuple[int, int, str]] = []
    for element in storage.elements(body, MARKER):
        if element.start.attribute("ac:ref") == ref:
            closing = element.inner_end + len(f"</{MARKER}>")
            changes += [(element.start.begin, element.inner_begin, ""), (element.inner_end, closing, "")]
    return storage.splice(body, changes)


def selected_text(body: str, ref: str) -> str:
    """The words a comment is tied to; empty when its marker is gone."""
    marked = [e for e in storage.elements(body, MARKER) if e.start.attribute("ac:ref") == ref]
    return "".join(element.text for element in marked)


def _letters(body: str) -> list[tuple[str, int, int]]:
    """Each visible character with the byte range it was written in; an entity is one character, many bytes."""
    letters: list[tuple[str, int, int]] = []
    for token in storage.visible_text(body):
        letters.extend(_spread(token))
    return letters


def _spread(token: Token) -> list[tuple[str, int, int]]:
    width = len(token.text.encode())
    if width != token.end - token.begin:
        return [(letter, token.begin, token.end) for letter in token.text]
    spread = []
    at = token.begin
    for letter in token.text:
        size = len(letter.encode())
        spread.append((letter, at, at + size))
        at += size
    return spread


def _occurrences(text: str, selection: str) -> list[int]:
    places = []
    at = text.find(selection)
    while at >= 0:
        places.append(at)
        at = text.find(selection, at + len(selection))
    return places


def _stretches(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in ranges:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
