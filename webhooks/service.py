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

from sync.database import Database
from sync.keys import SWEEP_CHECK
from sync.scheduler import enqueue_periodic, periods, start_scheduler
from sync.work import SWEEP, mark
from webhooks.door import LARGEST_BODY
from webhooks.serving import serving
from webhooks.setup_check import CHECK_S
from webhooks.wiring import Wiring

log = logging.getLogger(__name__)

PARTS = ("web", "worker", "scheduler")
ENDS_WITHIN_S = 60.0
"""How long a worker may take to end with what it has in hand before its lease has to run out by itself."""


class Service:
    """What runs: `port` is the web server's, None when the web is not among the parts. `ended` is set when the service
    is told to stop, or when a part of it broke; then `is_broken` is true."""

    def __init__(self) -> None:
        self.port: int | None = None
        self.ended = threading.Event()
        self.is_broken = False

    def broke(self) -> None:
        self.is_broken = True
        self.ended.set()

    def heed_signals(self) -> None:
        """Have SIGTERM and SIGINT end the service. Only the main thread may ask for it."""

        def stop(number: int, _: FrameType | None) -> None:
            log.info("stopping", extra={"signal": signal.Signals(number).name})
            self.ended.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    def until_told_to_stop(self) -> None:
        """Wait for a signal that is heeded, or a part that broke."""
        self.ended.wait()


@contextmanager
def running(
    wiring: Wiring, parts: Collection[str] = PARTS, *, poll_s: int, workers: int, service: Service | None = None
) -> Iterator[Service]:
    """Run `parts` in the background until the block ends. A `service` that is given is the one yielded."""
    service = service or Service()
    with ExitStack() as stack:
        if "worker" in parts:
            stack.enter_context(_working(wiring, workers, service))
        if "scheduler" in parts:
            wanted = {**periods(poll_s), SWEEP_CHECK: CHECK_S}
            enqueue_periodic(wiring.database, wanted)
            _check_at_once(wiring.database)
            scheduler = start_scheduler(wiring.database, wanted)
            stack.callback(scheduler.shutdown)
        if "web" in parts:
            web = serving(wiring.app, wiring.settings.listen, largest_body=LARGEST_BODY)
            service.port = stack.enter_context(web)
        yield service


def _check_at_once(database: Database) -> None:
    """What was changed on the sites, in the mapping file or the environment while nothing ran shows at the start."""
    with database.write() as conn:
        mark(conn, [SWEEP_CHECK], lane=SWEEP)


@contextmanager
def _working(wiring: Wiring, count: int, service: Service) -> Iterator[None]:
    stop = threading.Event()

    def work(number: int) -> None:
        try:
            wiring.new_worker(f"{wiring.process_name}-{number}").run(stop)
        except Exception:
            # A worker that is gone would be missed by nobody: the service ends, and whoever keeps it starts it anew.
            log.exception("worker broke, service ends", extra={"worker": number})
            service.broke()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=ENDS_WITHIN_S)
        log.info("workers ended", extra={"still_busy": sum(thread.is_alive() for thread in threads)})
