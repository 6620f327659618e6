"""INSERT that finds its row already there, in the words of both databases, built once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from .database import is_postgres

Update = Callable[[Table, Any], Mapping[str, ColumnElement[Any] | Any]]


class Upsert:
    """`INSERT … ON CONFLICT (keys) DO UPDATE`, with what to update given as column names, or as a function of the
    table and the row that could not be inserted."""

    def __init__(self, table: Table, keys: Sequence[str], update: Sequence[str] | Update) -> None:
        def changes(excluded: Any) -> Mapping[str, Any]:
            return update(table, excluded) if callable(update) else {name: excluded[name] for name in update}

        lite, post = sqlite.insert(table), postgresql.insert(table)
        self._lite = lite.on_conflict_do_update(index_elements=keys, set_=changes(lite.excluded))
        self._post = post.on_conflict_do_update(index_elements=keys, set_=changes(post.excluded))

    def run(self, conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows in the given order; sort them by key where other transactions touch the same ones."""
        values = [dict(row) for row in rows]
        if values:
            conn.execute(self._post if is_postgres(conn) else self._lite, values)


class InsertNew:
    """`INSERT … ON CONFLICT DO NOTHING`: keeps the row that is there, by whichever of its keys."""

    def __init__(self, table: Table) -> None:
        keep: dict[str, Any] = {"preserve_rowcount": True}  # else an INSERT may not say how many rows it made
        self._lite = sqlite.insert(table).on_conflict_do_nothing().execution_options(**keep)
        self._post = postgresql.insert(table).on_conflict_do_nothing().execution_options(**keep)

    def run(self, conn: Connection, row: Mapping[str, Any]) -> bool:
        """Whether the row is new."""
        return conn.execute(self._post if is_postgres(conn) else self._lite, dict(row)).rowcount == 1
