"""JSON as tools export it: an array of objects, or an object that holds one under `requests`."""

from __future__ import annotations

import json

from .table import MOST_COLUMNS, MOST_ROWS, Cell, Row, Sheet, UnreadableFile

_SHAPE = 'an array of objects, or {"requests": [ … ]}'


def read_json(file_name: str, content: bytes) -> Sheet:
    """The array as a table: the keys are its header, on row 0; an object's row is its place, counted from 1."""
    objects = _objects(file_name, content)
    header = tuple(dict.fromkeys(key for item in objects for key in item))
    if len(objects) > MOST_ROWS or len(header) > MOST_COLUMNS:
        raise UnreadableFile(
            f"{file_name} has {len(objects):,} items with {len(header):,} different keys; at most {MOST_ROWS:,} items "
            f"and {MOST_COLUMNS} keys are read. Split it."
        )
    rows = [Row(0, header)]
    rows += [Row(place, tuple(_cell(item.get(key)) for key in header)) for place, item in enumerate(objects, 1)]
    return Sheet(name=file_name, rows=tuple(row for row in rows if not row.is_blank), kind="json")


def _objects(file_name: str, content: bytes) -> list[dict[str, object]]:
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{file_name} is not sound JSON ({error}); expected {_SHAPE}.") from error
    items = document.get("requests") if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise UnreadableFile(f"{file_name}: expected {_SHAPE}; neither came.")
    for place, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise UnreadableFile(f"{file_name}, item {place}: expected an object; {json.dumps(item)[:60]} came.")
    return items


def _cell(value: object) -> Cell:
    """A JSON value as a cell: plain values as text, lists of them parted by commas, anything deeper as JSON."""
    match value:
        case None:
            return None
        case str():
            return value or None
        case bool():
            return "yes" if value else "no"
        case list() if all(isinstance(item, str | int | float) for item in value):
            return ", ".join(str(item) for item in value) or None
        case _:
            return json.dumps(value, ensure_ascii=False)
