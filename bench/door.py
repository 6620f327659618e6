"""How many webhooks a second the door takes, against the same server with the same one commit and no other work.

Server and client are processes of their own on this machine. Both kinds of server run in turns, so that whatever else
the machine does meets both alike.
"""

import http.client
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.floors import DOOR_SHARE
from bench.line import Line
from bench.payload import SECRET, delivery

CONNECTIONS = 8
SECONDS = 4.0
ROUNDS = 3


def measure() -> Iterator[Line]:
    """The door's rate as a share of the bare server's."""
    rates: dict[str, list[float]] = {"bare": [], "door": []}
    waits_s: list[float] = []
    for _ in range(ROUNDS):
        for kind, measured in rates.items():
            with tempfile.TemporaryDirectory() as folder, _serving(kind, Path(folder)) as port:
                times_s = _load(port)
            measured.append(len(times_s) / SECONDS)
            waits_s += times_s if kind == "door" else []
    bare, door = (statistics.median(rates[kind]) for kind in ("bare", "door"))
    centiles = statistics.quantiles(waits_s, n=100)
    share = door / bare
    waits_ms = {"p50_ms": centiles[49] * 1000, "p99_ms": centiles[98] * 1000, "longest_ms": max(waits_s) * 1000}
    yield Line(
        "webhooks a second, each durably stored first, to the bare server's",
        f"{share:.0%} ({door:.0f} of {bare:.0f})",
        f"≥ {DOOR_SHARE:.0%}",
        share >= DOOR_SHARE,
        {"door_per_s": door, "bare_per_s": bare, "share": share, **waits_ms},
    )
    yield Line(
        "a webhook's answer under that load, 99 %",
        f"{waits_ms['p99_ms']:.0f} ms",
        facts=waits_ms,
        has_machine_in_it=True,
    )


@contextmanager
def _serving(kind: str, folder: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "bench.door_server", kind, str(folder / "bench.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def _load(port: int) -> list[float]:
    """Seconds each answer took, from CONNECTIONS clients that send one after the other for SECONDS."""
    times_s: list[float] = []
    end = time.perf_counter() + SECONDS

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for place in range(1_000_000):
            body, headers = delivery(number, place, int(time.time() * 1000), SECRET)
            began = time.perf_counter()
            if began > end:
                return
            connection.request("POST", "/webhooks/jira", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 202:
                raise RuntimeError(f"expected 202, got {answer.status}")
            times_s.append(time.perf_counter() - began)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CONNECTIONS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return times_s
