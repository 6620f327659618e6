"""The doors over a real socket, with requests that no client library would send. None may be answered with a failure of
ours, be stored unless it is whole and signed, or keep the next one from being served."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sync.database import Database, open_database
from webhooks.door import LARGEST_BODY
from webhooks.serving import serving

from .doors import add_request, client_of, everything, issue_updated, sign

BODY = json.dumps(issue_updated()).encode()
SIGNATURE = f"X-Hub-Signature: {sign(BODY)}"
LENGTH = f"Content-Length: {len(BODY)}"
CHUNKED = "Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
TWENTY_FIVE_MB = 25 * 1024 * 1024


def post(*headers: str, body: bytes = BODY, start: str = "POST /webhooks/jira HTTP/1.1") -> bytes:
    lines = [start, "Host: x", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


WHOLE = post(SIGNATURE, LENGTH)

TAKEN: dict[str, bytes] = {
    "as it should be": WHOLE,
    "in chunks": post(SIGNATURE, CHUNKED, body=CHUNKS),
    "in chunks of one byte": post(SIGNATURE, CHUNKED, body=b"".join(b"1\r\n%c\r\n" % c for c in BODY) + b"0\r\n\r\n"),
    "in chunks that lie about the length, too": post(SIGNATURE, "Content-Length: 3", CHUNKED, body=CHUNKS),
    "in chunks with extensions": post(SIGNATURE, CHUNKED, body=CHUNKS.replace(b"\r\n", b";a=b\r\n", 1)),
    "in chunks with trailers": post(SIGNATURE, CHUNKED, body=CHUNKS[:-2] + b"X-Junk: y\r\n\r\n"),
    "after asking whether to go on": post(SIGNATURE, LENGTH, "Expect: 100-continue"),
    "an expectation nobody knows": post(SIGNATURE, LENGTH, "Expect: the unexpected"),
    "five thousand headers": post(SIGNATURE, LENGTH, *(f"X-{n}: y" for n in range(5_000))),
    "headers that are not ascii": post(SIGNATURE, LENGTH, "X-Junk: \xe9\xff\x80"),
    "spaces around the signature": post(f"X-Hub-Signature:  \t {sign(BODY)}  ", LENGTH),
    "another version of HTTP": post(SIGNATURE, LENGTH, start="POST /webhooks/jira HTTP/1.0"),
    "an address with its host": post(SIGNATURE, LENGTH, start="POST http://evil.example/webhooks/jira HTTP/1.1"),
    "three in one breath": WHOLE * 3,
    "something smuggled behind it": WHOLE + b"GET /metrics HTTP/1.1\r\n\r\n",
}  # fmt: skip

REFUSED: dict[str, tuple[int | None, bytes]] = {
    "no signature": (401, post(LENGTH)),
    "no length": (401, post(SIGNATURE)),
    "a shorter length": (401, post(SIGNATURE, f"Content-Length: {len(BODY) - 1}")),
    "a longer length": (None, post(SIGNATURE, f"Content-Length: {len(BODY) + 1}")),
    "a negative length": (400, post(SIGNATURE, "Content-Length: -1")),
    "a length with a sign": (400, post(SIGNATURE, f"Content-Length: +{len(BODY)}")),
    "a length in words": (400, post(SIGNATURE, "Content-Length: many")),
    "a length nobody can read": (None, post(SIGNATURE, "Content-Length: " + "9" * 5_000)),
    "two lengths": (400, post(SIGNATURE, LENGTH, "Content-Length: 1")),
    "chunks of no size": (400, post(SIGNATURE, CHUNKED, body=b"zz\r\n" + BODY)),
    "chunks of negative size": (400, post(SIGNATURE, CHUNKED, body=b"-5\r\n" + BODY)),
    "chunks of any size": (None, post(SIGNATURE, CHUNKED, body=b"f" * 5_000 + b"\r\n" + BODY)),
    "chunks without an end": (None, post(SIGNATURE, CHUNKED, body=CHUNKS[:-5])),
    # RFC 9112, 6.1: "A server that receives a request message with a transfer coding it does not understand SHOULD
    # respond with 501". It is waitress that does, before anything of ours is asked.
    "a coding nobody knows": (501, post(SIGNATURE, "Transfer-Encoding: gzip, chunked", body=CHUNKS)),
    "a header without end": (431, post(SIGNATURE, LENGTH, "X-Junk: " + "y" * 300_000)),
    "a nul in a header": (400, post(SIGNATURE, LENGTH, "X-Junk: a\0b")),
    "a nul in the method": (400, post(SIGNATURE, LENGTH, start="P\0ST /webhooks/jira HTTP/1.1")),
    "a line that is no header": (400, post(SIGNATURE, LENGTH, "junk")),
    "the signature in a name with underscores": (401, post(SIGNATURE.replace("-", "_"), LENGTH)),
    "the signature twice": (401, post(SIGNATURE, SIGNATURE, LENGTH)),
    "a path above the door": (404, post(SIGNATURE, LENGTH, start="POST /webhooks/../webhooks/jira HTTP/1.1")),
    "a path that is no text": (404, post(SIGNATURE, LENGTH, start="POST /%ff%00 HTTP/1.1")),
    "a path of no end": (404, post(SIGNATURE, LENGTH, start=f"POST /{'a' * 100_000} HTTP/1.1")),
    "an address that is none": (None, post(SIGNATURE, LENGTH, start="POST http://[::1/webhooks/jira HTTP/1.1")),
    "a tunnel": (404, post(start="CONNECT 127.0.0.1:1 HTTP/1.1", body=b"")),
    "25 MB": (413, post(SIGNATURE, f"Content-Length: {TWENTY_FIVE_MB}", body=b"x" * TWENTY_FIVE_MB)),
    "25 MB in chunks": (413, post(SIGNATURE, CHUNKED, body=b"%x\r\n" % TWENTY_FIVE_MB + b"x" * TWENTY_FIVE_MB)),
    "one byte too many": (413, post(f"Content-Length: {LARGEST_BODY + 1}", body=b"x" * (LARGEST_BODY + 1))),
    "a chunk extension of 3 MB": (413, post(SIGNATURE, CHUNKED, body=b"5;a=" + b"x" * 3_000_000 + b"\r\n")),
    "the beginning of TLS": (None, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200),
    "HTTP/2": (404, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/0.9": (405, b"GET /webhooks/jira\r\n\r\n"),
    "every byte there is": (None, bytes(range(256)) * 10),
    "nothing": (None, b""),
}  # fmt: skip


@pytest.fixture(scope="module")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Database]]:
    """A port at which the application is served, and its register."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("socket") / "tieout.db")
    database = open_database(f"sqlite:///{path}", is_durable=False)
    add_request(database)
    with serving(client_of(database).application, "127.0.0.1:0", largest_body=LARGEST_BODY) as port:
        yield port, database
    database.dispose()


def statuses(port: int, raw: bytes) -> list[int]:
    """The status of each answer to these very bytes, until the server closes. One that refuses need not read on."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection, suppress(ConnectionError):
        with suppress(OSError):  # it may have gone already
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            came += piece
    lines = [line for line in came.split(b"\r\n") if line.startswith(b"HTTP/1.")]
    return [int(line.split()[1]) for line in lines if b"100 Continue" not in line]


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_whole_and_signed_is_taken_once_however_it_is_wrapped(served: tuple[int, Database], name: str) -> None:
    port, database = served
    answers = statuses(port, TAKEN[name])
    assert set(answers) <= {200, 202, 404}
    assert answers[0] in (200, 202)
    assert [BODY in row for row in everything(database)["delivery"]] == [True]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_changes_nothing_and_holds_up_nobody(served: tuple[int, Database], name: str) -> None:
    port, database = served
    status, raw = REFUSED[name]
    before = everything(database)
    answers = statuses(port, raw)
    # A refusal may be lost on the way when the server closes without having read everything.
    assert answers in ([status], []) if len(raw) > 100_000 else answers == ([] if status is None else [status])
    assert everything(database) == before
    assert statuses(port, b"GET /healthz HTTP/1.0\r\n\r\n") == [200]
