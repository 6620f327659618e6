"""How values are kept in columns, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

from mappings.records import Value

from .canonical import canonical


def storable(words: str) -> str:
    """`words` without what no database takes: NUL and lone surrogates become the replacement character."""
    if words.isascii() and "\0" not in words:
        return words
    whole = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept and given back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected a datetime with a zone, got {value!r}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text from anywhere, made `storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        return None if value is None else storable(value)

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        return value


class Term(TypeDecorator[StrEnum]):
    """A word of one of our lists, as its text."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, _: Dialect) -> str | None:
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: str | None, _: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


class Texts(TypeDecorator[tuple[str, ...]]):
    """A tuple of texts, as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, _: Dialect) -> str | None:
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, _: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class OneValue(TypeDecorator[Any]):
    """One `mappings.records.Value`, as JSON; lists come back as tuples. `None` is a value: JSON's null."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Value, _: Dialect) -> str:
        return canonical(value)

    def process_result_value(self, value: str | None, _: Dialect) -> Value:
        return None if value is None else _value(json.loads(value))


class Fields(TypeDecorator[Mapping[str, Any]]):
    """Values by field name, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Value] | None, _: Dialect) -> str | None:
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, _: Dialect) -> Mapping[str, Value] | None:
        if value is None:
            return None
        return MappingProxyType({name: _value(held) for name, held in json.loads(value).items()})


def _value(held: Any) -> Value:
    return tuple(held) if isinstance(held, list) else held
