"""Whether SQLite still writes to the file that the address names.

A file that was moved, deleted or replaced stays open under its connections: they go on committing to what nobody will
ever open again, and say that all is well (measured on SQLite 3.53 in WAL mode). Opening it anew is no way out: where it
is gone, an empty one would be made, and where another one stands in its place, the first one's log would be taken for
its own. So nothing is done until the file is back, or the process was started again.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL


class OtherFile(Exception):
    """The file that is open is not the one that the address names any more."""


class SqliteFile:
    """The file of one address, remembered from when it was first opened."""

    def __init__(self, address: URL) -> None:
        name = address.database or ""
        is_uri = "uri" in address.query and name.startswith("file:")
        self._path = Path(name.removeprefix("file:") if is_uri else name)
        self._opened: tuple[int, int] | None = None

    def is_open(self) -> None:
        """To be called when it was opened."""
        self._opened = self._opened or self._found()

    def expect(self) -> None:
        """Raises OtherFile when the file of that name is not the one that was opened first."""
        if self._opened is not None and self._found() != self._opened:
            raise OtherFile(f"{self._path} was moved, deleted or replaced while it was open: put it back, or restart")

    def _found(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
