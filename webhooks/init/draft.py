"""The mapping file as text that is edited: comments, order and whatever is not asked about stay as they are."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array, Table

Path = tuple[str, ...]

HEAD = """\
# The mapping file: what belongs to the audit, and what is called how on the two sites. Secrets never stand here.
# docs/mapping-file.md has every key; docs/tieout.example.toml is one with all of them.
"""


class Draft:
    """A mapping file, empty at first where there is none. Raises tomlkit's ParseError for text that is no TOML."""

    def __init__(self, text: str) -> None:
        self._before = text
        self._document = tomlkit.parse(text or HEAD)

    def get(self, path: Path) -> Any:
        """The plain value at a place; None where there is none."""
        at: Any = tomllib.loads(self.text)
        for key in path:
            at = at.get(key) if isinstance(at, Mapping) else None
        return at

    def set(self, path: Path, value: object) -> None:
        """Put a value at a place. What is the same already is not touched; None and empty text take it away."""
        there = self.get(path)
        if value in (None, ""):
            if there is not None:
                self._table(path[:-1]).remove(path[-1])
        elif there != value:
            self._table(path[:-1])[path[-1]] = tomlkit.item(value)

    def add(self, path: Path, row: Mapping[str, object]) -> None:
        """Add a table to a list of tables, in the form in which the list stands."""
        parent = self._table(path[:-1])
        there = parent.get(path[-1])
        if isinstance(there, Array):
            inline = tomlkit.inline_table()
            inline.update(row)
            there.append(inline)
            return
        table = tomlkit.table()
        table.update(row)
        if isinstance(there, AoT):
            there.append(table)
        else:
            rows = tomlkit.aot()
            rows.append(table)
            parent[path[-1]] = rows

    @property
    def text(self) -> str:
        return tomlkit.dumps(self._document)

    @property
    def is_changed(self) -> bool:
        return self.text != self._before

    def difference(self, name: str) -> str:
        """What would change, as `diff -u` shows it."""
        lines: Sequence[str] = list(
            difflib.unified_diff(
                self._before.splitlines(keepends=True),
                self.text.splitlines(keepends=True),
                f"{name}, as it is",
                f"{name}, as it would be",
            )
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def _table(self, path: Path) -> Any:
        """The table at a place, made where there is none."""
        at: Any = self._document
        for number, key in enumerate(path, start=1):
            if key not in at:
                made: Table = tomlkit.table(is_super_table=number < len(path))
                at[key] = made
            at = at[key]
        return at
