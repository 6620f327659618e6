"""Serves the web application with waitress, and stops without cutting off an answer.

Stopping: no new connections; what was taken is answered; then the sockets are closed.
"""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress.server import create_server  # type: ignore[import-untyped]  # waitress ships no types

from webhooks.problems import Refusal

log = logging.getLogger(__name__)

THREADS = 8
LONGEST_ANSWER_S = 20.0
"""How long stopping waits for answers under way."""
LOOK_EVERY_S = 0.02


@contextmanager
def serving(app: Flask, listen: str, *, largest_body: int, threads: int = THREADS) -> Iterator[int]:
    """Serve on `listen` (host:port) in the background; yields the port, which is a free one for port 0.

    A body of more than `largest_body` bytes is refused while it is read. Raises Refusal when the address cannot be
    had."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, int(port)), family=family, backlog=1024)
    except OSError as error:
        raise Refusal(f"cannot listen on {listen}: {error.strerror}; set TIEOUT_LISTEN to another host:port") from error
    connections: dict[int, Any] = {}
    server = create_server(
        app,
        sockets=[listener],
        map=connections,
        threads=threads,
        ident="",
        max_request_body_size=largest_body + 1,
        clear_untrusted_proxy_headers=True,
    )
    loop = threading.Thread(target=server.run, name="web", daemon=True)
    loop.start()
    log.info("listening", extra={"host": host, "port": server.effective_port})
    try:
        yield int(server.effective_port)
    finally:
        _stop(server, connections)
        loop.join(timeout=5)
        log.info("no longer listening")


def _stop(server: Any, connections: dict[int, Any]) -> None:
    dispatcher, look = server.task_dispatcher, threading.Event()
    server.trigger.pull_trigger(lambda: server.asyncore.dispatcher.close(server))
    for _ in range(int(LONGEST_ANSWER_S / LOOK_EVERY_S)):
        if not dispatcher.queue and not dispatcher.active_count and not _has_unsent(connections):
            break
        look.wait(LOOK_EVERY_S)
    else:
        log.warning("answers cut off", extra={"under_way": dispatcher.active_count, "waiting": len(dispatcher.queue)})
    server.trigger.pull_trigger(lambda: server.asyncore.close_all(connections, ignore_all=True))
    dispatcher.shutdown()


def _has_unsent(connections: dict[int, Any]) -> bool:
    return any(getattr(connection, "total_outbufs_len", 0) for connection in list(connections.values()))
