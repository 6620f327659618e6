"""The sandbox under `requests` without a socket: mount it on a session and the site answers in-process."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from connector.sandbox.faults import DroppedError

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class SandboxAdapter(HTTPAdapter):
    """A transport that calls a WSGI application; bodies are streamed both ways.

    `requests.Session().mount(site.base_url, SandboxAdapter(create_app(site)))`. Scripted faults come out as
    `requests.exceptions.ConnectionError` and `ReadTimeout`, as they would from a network.
    """

    def __init__(self, app: WsgiApp) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, *_args: Any, **_network: Any) -> requests.Response:
        """Answer in-process; time-outs, certificates and proxies belong to a network and do nothing here."""
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            started[:] = [int(status.split(" ", 1)[0]), status.partition(" ")[2], headers]

        try:
            chunks = self._app(_environ(request), start_response)
        except DroppedError as dropped:
            kind = requests.exceptions.ReadTimeout if dropped.timed_out else requests.exceptions.ConnectionError
            raise kind(str(dropped), request=request) from dropped
        status, reason, headers = started
        raw = HTTPResponse(
            body=io.BytesIO(b"".join(chunks)) if isinstance(chunks, list | tuple) else _ChunkReader(chunks),
            headers=HTTPHeaderDict(headers),
            status=status,
            reason=reason,
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, raw)


class _ChunkReader(io.RawIOBase):
    """WSGI's chunks as a file, read as they come."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._source = chunks
        self._chunks: Iterator[bytes] = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        close = getattr(self._source, "close", None)
        if close is not None and not self.closed:
            close()
        super().close()


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    body, length = _body(request)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method or "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, "latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ["HTTP_" + name.upper().replace("-", "_")] = text
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["HTTP_HOST"] = parts.netloc.rpartition("@")[2]
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


def _body(request: requests.PreparedRequest) -> tuple[Any, int | None]:
    body: Any = request.body
    if body is None:
        return io.BytesIO(b""), 0
    if isinstance(body, str):
        body = body.encode()
    if isinstance(body, bytes | bytearray):
        return io.BytesIO(body), len(body)
    stated = request.headers.get("Content-Length")
    length = int(stated) if stated else None
    if hasattr(body, "read"):
        return body, length
    return io.BufferedReader(_ChunkReader(body)), length
