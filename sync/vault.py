"""The evidence folder: each file once, under the hash of its bytes, written whole or not at all, and never again.

No name from outside is ever part of a path. A file is streamed, hashed on the way, brought to the disk for good and
only then given its name.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from .database import StoreTrouble

_SHA256 = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Kept:
    sha256: str
    size: int
    """Bytes."""


class Damaged(Exception):
    """A kept file is missing, or is not what was kept. A person must bring it back from a backup."""


class Vault:
    """`root` is a folder of the vault's own; it is made when it is not there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        with _disk("make the evidence folder"):
            root.mkdir(parents=True, exist_ok=True, mode=0o700)  # keeps others out of all below it
            (root / _INCOMING).mkdir(exist_ok=True)

    def take_in(self, pieces: Iterable[bytes]) -> Kept:
        """Keep the bytes, read once, a piece at a time; an error on the way leaves nothing behind.

        Raises StoreTrouble when the disk is full or broken, and whatever `pieces` raises.
        """
        with _disk("begin a file"):
            descriptor, name = tempfile.mkstemp(dir=self._root / _INCOMING)
        arriving = Path(name)
        try:
            kept = _write(descriptor, pieces)
            with _disk("keep a file"):
                arriving.chmod(0o440)
                self._name(arriving, kept.sha256)
        finally:
            arriving.unlink(missing_ok=True)
        return kept

    def open(self, sha256: str) -> BinaryIO:
        """The file with this hash, for reading, looked through first: nothing is passed on as what it is not.

        Raises Damaged, StoreTrouble when the folder cannot be read, or ValueError for what is no hash."""
        path = self._path(sha256)
        with _disk("be read"):
            if not self._root.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "it is not there", str(self._root))
            if not path.is_file():
                raise Damaged(f"the evidence folder has no file {sha256}: restore it from a backup")
            file = path.open("rb")
        try:
            if file_digest(file, "sha256").hexdigest() != sha256:
                raise Damaged(f"the file {sha256} in the evidence folder was changed: restore it from a backup")
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def has(self, sha256: str) -> bool:
        return self._path(sha256).is_file()

    def verify(self) -> Iterator[str]:
        """Reads everything; yields the hash of each file whose bytes are not what its name says, and strange paths."""
        for path in sorted(self._root.glob("[0-9a-f][0-9a-f]/**/*")):
            if path.is_dir():
                continue
            name = path.name
            if not _SHA256.fullmatch(name) or path != self._path(name):
                yield path.relative_to(self._root).as_posix()
            elif _hash(path) != name:
                yield name

    def tidy(self, before: datetime) -> int:
        """Remove what a killed process left half written, if it began before this time; returns how many."""
        stale = [path for path in (self._root / _INCOMING).iterdir() if path.stat().st_mtime < before.timestamp()]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _name(self, arriving: Path, digest: str) -> None:
        """Also over a file that is there: the bytes are the same, and if they went bad they are mended."""
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        arriving.replace(path)
        for folder in (path.parent, path.parent.parent, self._root):
            _sync_folder(folder)

    def _path(self, digest: str) -> Path:
        if not _SHA256.fullmatch(digest):
            raise ValueError(f"expected a SHA-256 hash as 64 lower-case hexadecimal characters, got {digest!r}")
        return self._root / digest[:2] / digest[2:4] / digest


def _write(descriptor: int, pieces: Iterable[bytes]) -> Kept:
    digest, size = sha256(), 0
    try:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            with _disk("write a file"):
                _write_all(descriptor, piece)
        with _disk("bring a file to the disk"):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return Kept(digest.hexdigest(), size)


def _write_all(descriptor: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """A new name is for good only when its folder is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreTrouble(f"the evidence folder cannot {doing}: {error}") from error
