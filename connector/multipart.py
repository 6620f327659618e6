"""A form with one file in it, sent piece by piece: `requests` would read the whole file into memory first."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from urllib3.filepost import choose_boundary

PIECE_BYTES = 64 * 1024


class FileForm:
    """A multipart/form-data body: `fields` first, then `content` from where it stands to its end.

    Give it to `requests` as `data`; it has a length, so that the request says Content-Length. It is read once.
    """

    def __init__(self, fields: Mapping[str, str], name: str, content: BinaryIO, media_type: str) -> None:
        self.boundary = choose_boundary()
        head = b"".join(self._field(field, value) for field, value in fields.items()) + self._file(name, media_type)
        tail = f"\r\n--{self.boundary}--\r\n".encode()
        self._length = len(head) + _remaining(content) + len(tail)
        self._parts: Iterator[BinaryIO] = iter((io.BytesIO(head), content, io.BytesIO(tail)))
        self._part = next(self._parts)

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(PIECE_BYTES), b"")

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all the rest without one; empty at the end."""
        if size is None or size < 0:
            return b"".join(self)
        while True:
            piece = self._part.read(size)
            if piece or size == 0:
                return piece
            following = next(self._parts, None)
            if following is None:
                return b""
            self._part = following

    def _field(self, name: str, value: str) -> bytes:
        head = f'--{self.boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n'
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{value}\r\n".encode()

    def _file(self, name: str, media_type: str) -> bytes:
        disposition = f'Content-Disposition: form-data; name="file"; filename="{_escaped(name)}"'
        return f"--{self.boundary}\r\n{disposition}\r\nContent-Type: {_one_line(media_type)}\r\n\r\n".encode()


def _remaining(content: BinaryIO) -> int:
    here = content.tell()
    end = content.seek(0, io.SEEK_END)
    content.seek(here)
    return end - here


def _escaped(name: str) -> str:
    """A file name between quotes, as browsers write it (HTML standard, multipart form data)."""
    return _joined(name, {'"': "%22", "\r": "%0D", "\n": "%0A"})


def _one_line(text: str) -> str:
    return _joined(text, {"\r": "", "\n": ""})


def _joined(text: str, instead: Mapping[str, str]) -> str:
    characters: Iterable[str] = (instead.get(character, character) for character in text)
    return "".join(characters)
