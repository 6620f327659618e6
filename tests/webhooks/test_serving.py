"""Serving over a socket: chunked and lying requests are met, and stopping cuts off no answer."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests
from flask import Flask, request

from webhooks.serving import serving

LARGEST = 1000


@pytest.fixture
def app() -> Flask:
    app = Flask("test")

    @app.post("/length")
    def length() -> str:
        return str(len(request.get_data()))

    return app


def exchange(port: int, raw: bytes) -> bytes:
    """What comes back for these very bytes, until the server closes. One that refuses need not read to the end."""
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, suppress(ConnectionError):
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            came += piece
    return came


def test_a_chunked_body_is_read_whole(app: Flask) -> None:
    with serving(app, "127.0.0.1:0", largest_body=LARGEST) as port:
        answer = requests.post(f"http://127.0.0.1:{port}/length", data=iter([b"ab", b"cde"]), timeout=5)
    assert answer.text == "5"


def test_a_body_that_claims_to_be_huge_is_refused_without_reading_it(app: Flask) -> None:
    head = f"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: {100 * LARGEST}\r\n\r\n"
    with serving(app, "127.0.0.1:0", largest_body=LARGEST) as port:
        answer = exchange(port, head.encode())
    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("size", [LARGEST + 1, 100 * LARGEST])
def test_a_chunked_body_that_grows_too_large_is_not_taken(app: Flask, size: int) -> None:
    raw = b"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw += f"{size:x}\r\n".encode() + b"x" * size + b"\r\n0\r\n\r\n"
    with serving(app, "127.0.0.1:0", largest_body=LARGEST) as port:
        answer = exchange(port, raw)
    assert not answer or answer.startswith(b"HTTP/1.1 413")


def test_the_largest_body_is_taken(app: Flask) -> None:
    with serving(app, "127.0.0.1:0", largest_body=LARGEST) as port:
        answer = requests.post(f"http://127.0.0.1:{port}/length", data=b"x" * LARGEST, timeout=5)
    assert answer.text == str(LARGEST)


def test_a_body_shorter_than_it_claims_is_not_taken(app: Flask) -> None:
    with serving(app, "127.0.0.1:0", largest_body=LARGEST) as port:
        answer = exchange(port, b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
    assert b" 200 " not in answer


def test_stopping_lets_an_answer_under_way_be_finished(app: Flask) -> None:
    entered, leave = threading.Event(), threading.Event()

    @app.get("/slow")
    def slow() -> str:
        entered.set()
        leave.wait(10)
        return "x" * 1_000_000

    with ThreadPoolExecutor(1) as pool, serving(app, "127.0.0.1:0", largest_body=LARGEST) as port:
        answer = pool.submit(requests.get, f"http://127.0.0.1:{port}/slow", timeout=10)
        assert entered.wait(5)
        threading.Timer(0.1, leave.set).start()  # while the server is stopping
    assert len(answer.result().content) == 1_000_000


def test_after_stopping_nobody_listens(app: Flask) -> None:
    with serving(app, "127.0.0.1:0", largest_body=LARGEST) as port:
        pass
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)
