"""A line to PostgreSQL that can be cut at the worst moment: between us and the server, on loopback.

It passes everything on as it is. Told to, it cuts when a COMMIT goes by: before the server has it, or when the server
has done it and before we hear so. Who sees the cut cannot know which it was.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from sqlalchemy.engine import URL, make_url

Moment = Literal["before", "after"]
DEFAULT_PORT = 5432
COMMIT = b"COMMIT\0"
"""And not the beginning of a transaction that is READ COMMITTED."""


class Proxy:
    """Listens for as long as the block of `proxied` lasts."""

    def __init__(self, upstream: URL) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self.cuts_at_commit: Moment | None = None
        """What is to happen to the next COMMIT; it happens once."""
        self.refuses_with: bytes | None = None
        """What is answered to whoever begins, instead of a server; nothing at all when it is empty."""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The database's address by way of this line."""
        address = self._upstream.set(host="127.0.0.1", port=self._listener.getsockname()[1], query={})
        return address.update_query_dict({"sslmode": "disable"}).render_as_string(hide_password=False)

    def cut(self) -> None:
        """Every connection there is ends now."""
        with self._guard:
            ends = set(self._open)
        self._end(*ends)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            if self.refuses_with is not None:
                with suppress(OSError), ours:
                    ours.recv(65536)
                    ours.sendall(self.refuses_with)
                continue
            threading.Thread(target=self._serve, args=(ours,), daemon=True).start()

    def _serve(self, ours: socket.socket) -> None:
        server = self._connect()
        with self._guard:
            self._open |= {ours, server}
        threading.Thread(target=self._pass_on, args=(server, ours), daemon=True).start()
        with suppress(OSError):
            while piece := ours.recv(65536):
                moment = self.cuts_at_commit if COMMIT in piece else None
                if moment is not None:
                    self.cuts_at_commit = None
                    self._cut_at_commit(moment, ours, server, piece)
                    return
                server.sendall(piece)
        self._end(ours, server)

    def _cut_at_commit(self, moment: Moment, ours: socket.socket, server: socket.socket, piece: bytes) -> None:
        ours.shutdown(socket.SHUT_RDWR)  # from here on nothing gets back to us
        if moment == "after":
            server.sendall(piece)
            server.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                while server.recv(65536):  # until the server, having done it, hangs up
                    pass
        self._end(ours, server)

    def _pass_on(self, server: socket.socket, ours: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                ours.sendall(piece)
        with suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            with self._guard:
                self._open.discard(end)
            with suppress(OSError):  # while another thread reads from it, closing alone tells the far end nothing
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _connect(self) -> socket.socket:
        host = self._upstream.query.get("host") or self._upstream.host or "127.0.0.1"
        port = self._upstream.port or DEFAULT_PORT
        if not str(host).startswith("/"):
            return socket.create_connection((str(host), port))
        end = socket.socket(socket.AF_UNIX)
        end.connect(str(Path(str(host)) / f".s.PGSQL.{port}"))
        return end


def fatal(sqlstate: str, message: str) -> bytes:
    """What a server answers that takes nobody in (its protocol's ErrorResponse)."""
    fields = b"".join(f"{code}{text}\0".encode() for code, text in (("S", "FATAL"), ("C", sqlstate), ("M", message)))
    return b"E" + struct.pack("!i", 4 + len(fields) + 1) + fields + b"\0"


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """A line to the database at this address."""
    proxy = Proxy(make_url(url))
    try:
        yield proxy
    finally:
        proxy.close()
