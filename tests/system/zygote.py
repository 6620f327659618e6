"""Processes that start in an instant: one process that has imported everything of `tieout` forks for each of them.

The zygote has no threads and opens nothing, so a child begins as a freshly started `tieout` would and runs the same
`main()`: with its own command line, environment, connections and signals. Waits are made short for all of them here,
where they are shortened for the plain command line too, so that what follows a kill need not be waited for.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

LEASE_S, SETTLES_S, BATCH = 1.2, 2.5, 4
"""A lease must outlast a call, and an unclear create be looked for after the site's longest, also on a busy machine."""
TICK_S, LONGEST_WAIT_S = 0.5, 2.0


def shorten_waits() -> None:
    """Once, before anything else of Tieout is imported."""
    import sync.intents

    sync.intents.SETTLES_AFTER_S = SETTLES_S  # before sync.apply takes it over
    import sync.worker

    sync.worker.LEASE_S, sync.worker.BATCH = LEASE_S, BATCH
    import sync.retry
    import webhooks.service
    import webhooks.wiring

    quick = partial(sync.retry.Retry, first_s=0.2, cap_s=LONGEST_WAIT_S, unclear_s=SETTLES_S)
    # Each by the name under which it is called, not where it is defined: nobody else's is shortened.
    webhooks.wiring.Retry = quick  # type: ignore[attr-defined,assignment]  # see above
    # The look at the set-up has tests of its own; here it would be fifty calls for each process that starts.
    webhooks.service._check_at_once = lambda _: None  # type: ignore[assignment]  # called by position
    webhooks.service.start_scheduler = partial(webhooks.service.start_scheduler, tick_s=TICK_S)  # type: ignore[attr-defined]  # see above


def run_plainly() -> None:
    """`python -m tests.system.zygote plain serve …`: the command line itself, with short waits."""
    shorten_waits()
    from webhooks.cli import main

    sys.argv[:] = ["tieout", *sys.argv[2:]]
    main()


class Zygote:
    """The zygote as its owner sees it. Whatever it started dies with it, and it with its owner."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, options: Sequence[str], environ: Mapping[str, str], log: Path) -> Forked:
        """A new `tieout` with these arguments, in exactly this environment; its log is added to the file `log`."""
        return Forked(self, int(self.order(start=list(options), environ=dict(environ), log=str(log))))

    def order(self, **order: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


class Forked:
    """One child. As a `subprocess.Popen`, as far as it goes."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self.pid = pid
        self._zygote = zygote
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it lives."""
        if self._code is None:
            self._code = self._zygote.order(look=self.pid)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """The exit code when it has ended. The zygote does nothing else meanwhile, and kills it after `timeout` s."""
        if self._code is None:
            self._code = self._zygote.order(wait=self.pid, within_s=timeout or 0)
        return self._code

    def send_signal(self, number: int) -> None:
        if self._code is None:  # until it is waited for nobody else gets its number
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def obey() -> None:
    """Take orders, a line each, until there are no more."""
    shorten_waits()
    _import_all()
    gc.freeze()  # what is there already is no garbage, and a child that never looks at it need not copy it
    alive: set[int] = set()
    while line := sys.stdin.readline():
        answer = _obeyed(json.loads(line), alive)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for pid in alive:
        os.kill(pid, signal.SIGKILL)


def _import_all() -> None:
    """Whatever a child would import: also what is asked for by name only once it is needed."""
    for name in ("webhooks.cli", "holidays.countries", "sqlalchemy.dialects.postgresql.psycopg", "psycopg"):
        import_module(name)


def _obeyed(order: dict[str, Any], alive: set[int]) -> int | None:
    if "start" in order:
        pid = os.fork()
        if not pid:
            _become(order["start"], order["environ"], order["log"])
        alive.add(pid)
        return pid
    code = _ended(order["wait"], order["within_s"]) if "wait" in order else _seen(order["look"], os.WNOHANG)
    if code is not None:
        alive.discard(order.get("wait", order.get("look")))
    return code


def _ended(pid: int, within_s: int) -> int:
    """A process that does not end in time is killed, so that its owner can say so instead of waiting for ever."""
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.alarm(int(within_s))
    try:
        code = _seen(pid, 0)
    finally:
        signal.alarm(0)
    assert code is not None
    return code


def _seen(pid: int, options: int) -> int | None:
    found, status = os.waitpid(pid, options)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(options: Sequence[str], environ: Mapping[str, str], log: str) -> NoReturn:
    """The child: nothing of the zygote is left but what it has imported."""
    code = 1
    try:
        random.seed()
        os.environ.clear()
        os.environ.update(environ)
        out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in ((0, nothing), (1, out), (2, out)):
            os.dup2(file, number)
        sys.argv[:] = ["tieout", *options]
        from webhooks.cli import main

        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  it must not go on as a second zygote
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    run_plainly() if sys.argv[1:2] == ["plain"] else obey()
