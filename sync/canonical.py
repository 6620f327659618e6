"""One JSON text for one value: sorted keys, no spaces, ASCII. What is hashed and what is compared is written so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime


def canonical(value: object) -> str:
    """`value` as JSON text; ASCII, so that any character of a far side, even half a surrogate pair, survives."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def stamp(moment: datetime) -> str:
    """An aware datetime as text of one length, in UTC with microseconds, that sorts as time does."""
    if moment.tzinfo is None:
        raise ValueError(f"expected a datetime with a zone, got {moment!r}")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {each.name: getattr(value, each.name) for each in fields(value)}
    raise TypeError(f"expected a value that can be kept as JSON, got {type(value).__name__}")
