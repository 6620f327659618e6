"""Reading and writing that all parts of the store share: long lists in pieces, values as rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, RowMapping, Select, bindparam

T = TypeVar("T")

CHUNK = 500
"""Parameters of one IN list; far below what either database takes."""

WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
"""The list that `read` fills in: `column.in_(WANTED)`."""


class Stale(Exception):
    """Somebody else changed the record since it was read: read again and decide again."""


class Taken(Exception):
    """The unique name is in use by another row. The transaction must be rolled back."""


def read(conn: Connection, statement: Select[Any], wanted: Iterable[str], **values: object) -> Iterator[RowMapping]:
    """The rows of `statement` for all `wanted`, each asked for once, in pieces of CHUNK."""
    every = sorted(set(wanted))
    for start in range(0, len(every), CHUNK):
        yield from conn.execute(statement, {"wanted": every[start : start + CHUNK], **values}).mappings()


def row_of(value: Any) -> dict[str, Any]:
    """A frozen dataclass as a row, without a copy of what it holds (`asdict` copies, and fails on read-only maps)."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def grouped(keys: Iterable[str], pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    """The second of each pair by the first, in their order; every key is there."""
    found: dict[str, list[T]] = {key: [] for key in keys}
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
