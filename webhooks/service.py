"""The running service: web, workers and the clock, together in one process or one of them alone.

Stopping is clean: the door closes first, then the clock stops, then each worker ends with what it has in hand.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

from sync.scheduler import enqueue_periodic, periods, start_scheduler
from webhooks.door import LARGEST_BODY
from webhooks.serving import serving
from webhooks.wiring import Wiring

log = logging.getLogger(__name__)

PARTS = ("web", "worker", "scheduler")
ENDS_WITHIN_S = 60.0
"""How long a worker may take to end with what it has in hand before its lease has to run out by itself."""


@contextmanager
def running(wiring: Wiring, parts: Collection[str] = PARTS, *, poll_s: int, workers: int) -> Iterator[int | None]:
    """Run `parts` in the background; yields the web server's port, None when the web is not among them."""
    with ExitStack() as stack:
        if "worker" in parts:
            stack.enter_context(_working(wiring, workers))
        if "scheduler" in parts:
            wanted = periods(poll_s)
            enqueue_periodic(wiring.database, wanted)
            scheduler = start_scheduler(wiring.database, wanted)
            stack.callback(scheduler.shutdown)
        port = None
        if "web" in parts:
            port = stack.enter_context(serving(wiring.app, wiring.settings.listen, largest_body=LARGEST_BODY))
        yield port


@contextmanager
def _working(wiring: Wiring, count: int) -> Iterator[None]:
    stop = threading.Event()
    threads = [
        threading.Thread(target=wiring.new_worker(f"{wiring.process_name}-{number}").run, args=(stop,), daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=ENDS_WITHIN_S)
        log.info("workers ended", extra={"still_busy": sum(thread.is_alive() for thread in threads)})


def until_told_to_stop() -> None:
    """Wait for SIGTERM or SIGINT."""
    told = threading.Event()

    def stop(number: int, _: FrameType | None) -> None:
        log.info("stopping", extra={"signal": signal.Signals(number).name})
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    told.wait()
