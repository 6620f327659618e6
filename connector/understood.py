"""An answer in JSON of another shape than documented becomes an error the engine knows, with its cause chained."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Literal, ParamSpec, TypeVar

from mappings.errors import TryLater, Unclear

P = ParamSpec("P")
R = TypeVar("R")


class MisuseError(Exception):
    """A port was called with what it does not take: a defect in the caller, not an answer of the site."""


def understood(kind: Literal["read", "write"]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """For methods of a port: what was read and not understood can be read again; after a write, nobody knows."""

    def wrap(method: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return method(*args, **kwargs)
            except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
                said = f"{method.__qualname__}: the answer has another shape than documented ({error!r})"
                raise (Unclear(said) if kind == "write" else TryLater(said)) from error

        return call

    return wrap
