"""A client of its own for each thread: neither `requests` nor the client promises to be safe to share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerThread(Generic[T]):
    """`PerThread(make)()` is what `make` made for this thread, made when the thread first asks."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._local = threading.local()

    def __call__(self) -> T:
        try:
            made: T = self._local.made
        except AttributeError:
            made = self._local.made = self._make()
        return made
