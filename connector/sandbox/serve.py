"""The site on a loopback port: for a browser, for third-party clients, for tests that need a socket."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from waitress.channel import ClientDisconnected  # type: ignore[import-untyped]  # waitress ships no types
from waitress.server import create_server  # type: ignore[import-untyped]  # waitress ships no types

from connector.sandbox.adapter import WsgiApp
from connector.sandbox.app import create_app
from connector.sandbox.faults import DroppedError
from connector.sandbox.site import Site
from connector.sandbox.wire import Routes

PUMP_EVERY_S = 0.05
POLL_S = 0.05
WEBHOOK_TIMEOUT_S = 30.0


def serve(site: Site, host: str = "127.0.0.1", port: int = 8100, *, extra: Iterable[Routes] = ()) -> None:
    """Serve until interrupted, delivering webhooks meanwhile. `site.base_url` becomes the served address."""
    with running(site, host, port, extra=extra), _until_interrupted():
        threading.Event().wait()


@contextmanager
def running(
    site: Site, host: str = "127.0.0.1", port: int = 0, *, extra: Iterable[Routes] = (), pump: bool = True
) -> Iterator[str]:
    """Serve in the background and yield the base URL; port 0 takes a free one.

    A webhook that is due is sent by a thread of its own while this runs, unless `pump` is false.
    """
    sockets: dict[int, Any] = {}
    app = _cutting(create_app(site, extra))
    server = create_server(app, host=host, port=port, map=sockets, threads=8, ident="sandbox")
    site.base_url = f"http://{host}:{server.effective_port}"
    stop = threading.Event()
    workers = [threading.Thread(target=_run, args=(server, sockets, stop), name="sandbox-http", daemon=True)]
    if pump:
        workers.append(threading.Thread(target=_pump, args=(site, stop), name="sandbox-webhooks", daemon=True))
    for worker in workers:
        worker.start()
    try:
        yield site.base_url
    finally:
        stop.set()
        for worker in workers:
            worker.join(timeout=5)
        server.task_dispatcher.shutdown()


def _cutting(app: WsgiApp) -> WsgiApp:
    """The application with a dropped request acted out on the socket: closed without a word."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return app(environ, start_response)
        except DroppedError as dropped:
            raise ClientDisconnected from dropped

    return call


def _run(server: Any, sockets: dict[int, Any], stop: threading.Event) -> None:
    """waitress's loop, which has no clean end of its own: its sockets are closed by the thread that polls them."""
    while not stop.is_set():
        server.asyncore.loop(timeout=POLL_S, map=sockets, count=1)
    server.asyncore.close_all(sockets, ignore_all=True)


def _pump(site: Site, stop: threading.Event) -> None:
    with requests.Session() as session:
        session.trust_env = False

        def send(url: str, body: bytes, headers: dict[str, str]) -> int:
            return session.post(url, data=body, headers=headers, timeout=WEBHOOK_TIMEOUT_S).status_code

        while not stop.wait(PUMP_EVERY_S):
            site.outbox.pump(send, now=site.now())


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        return
