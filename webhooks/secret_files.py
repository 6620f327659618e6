"""Secrets that live in files and are rotated there: a changed file is read again, so that nothing has to be restarted.

What is wrong with a new content (empty, half written, not there for a moment) leaves the secret as it was: a far side
says soon enough that it is no longer good, and then work waits until the file is right.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

log = logging.getLogger(__name__)

Stamp = tuple[int, int, int]
"""What changes when a file is written or replaced: time in nanoseconds, inode, size."""


class SecretFile:
    """A file's content, of which `parse` makes secrets; none is what it makes of a content that cannot be right.

    `hide` is told every secret before it is used. May be shared by threads. Looking costs one `stat`."""

    def __init__(self, path: Path, parse: Callable[[str], Sequence[str]], hide: Callable[[str], None]) -> None:
        self._path, self._parse, self._hide = path, parse, hide
        self._lock = threading.Lock()
        self._seen: Stamp | None = None
        self._secrets: tuple[str, ...] = ()

    def now(self) -> tuple[str, ...]:
        """The secrets as they stand in the file; those before while it has none. Raises OSError, UnicodeDecodeError or
        ValueError only as long as it never had any."""
        with self._lock:
            try:
                self._look()
            except (OSError, ValueError) as error:
                if not self._secrets:
                    raise
                facts = {"file": str(self._path), "error": type(error).__name__}
                log.warning("secret file cannot be used; what it held before is kept", extra=facts)
            return self._secrets

    def _look(self) -> None:
        found = self._path.stat()
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        if stamp == self._seen:
            return
        secrets = tuple(self._parse(self._path.read_text(encoding="utf-8")))
        if not secrets:
            raise ValueError("the file holds no secret")
        for secret in secrets:
            self._hide(secret)
        if self._secrets and secrets != self._secrets:
            log.info("secret file changed and is used from now on", extra={"file": str(self._path)})
        self._secrets, self._seen = secrets, stamp


def one_token(text: str) -> tuple[str, ...]:
    """A file with one token and nothing else."""
    token = text.strip()
    return (token,) if token and token.isprintable() and " " not in token else ()


def several(text: str, shortest: int) -> tuple[str, ...]:
    """A file with secrets by line or comma, none of them shorter than may be."""
    items = [item.strip() for item in re.split(r"[,\n]", text.strip())]
    return tuple(items) if all(len(item) >= shortest for item in items) else ()


class SecretsInFile(Sequence[bytes]):
    """The secrets of a file as a sequence that follows it."""

    def __init__(self, file: SecretFile) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter([secret.encode() for secret in self._file.now()])

    def __len__(self) -> int:
        return len(self._file.now())

    @overload
    def __getitem__(self, place: int) -> bytes: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...

    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        return [secret.encode() for secret in self._file.now()][place]
