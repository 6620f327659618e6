"""How much of a site's answer is read: one without end is an error like any other, and fills neither memory nor disk.

A broken proxy in front of a site sends such answers as well as a hostile one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import requests

from mappings.errors import TryLater

MOST_BYTES = 100 * 1024 * 1024
"""Of one answer, unpacked. A full page of search results has a few."""
LONGEST_S = 600.0
"""From an answer's head to its last byte: a byte now and then would keep any read time-out from ending it."""
MOST_PAGES = 2_000
"""Of one list."""


class EndlessError(requests.RequestException):
    """The answer was given up in the middle."""


def bound(response: requests.Response, clock: Callable[[], float]) -> None:
    """Have the body of this answer read no further than it may be. `clock` gives seconds of any origin."""
    response.raw = _Bounded(response.raw, clock)


class _Bounded:
    """What an answer is read from, with its bytes and seconds counted."""

    def __init__(self, raw: Any, clock: Callable[[], float]) -> None:
        self._raw = raw
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, size: int, decode_content: bool | None = None) -> Iterator[bytes]:
        came, begun = 0, self._clock()
        for piece in self._raw.stream(size, decode_content=decode_content):
            came += len(piece)
            if came > MOST_BYTES:
                raise EndlessError(f"more than {MOST_BYTES} bytes")
            if self._clock() - begun > LONGEST_S:
                raise EndlessError(f"more than {LONGEST_S} s")
            yield piece


def pages(what: str) -> Iterator[int]:
    """The numbers of a list's pages, one to be taken before each is asked for. Raises TryLater when there is no end."""
    yield from range(MOST_PAGES)
    raise TryLater(f"{what} has more than {MOST_PAGES} pages, which is no list: is that the site?")
