"""A record whose work kills any process that takes it up: in the end it lies dead with its reason, the rest is done."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.faults import Fault, Faults
from mappings.records import LinkRole
from sync.keys import record_key
from sync.store import Store
from sync.work import MOST_CRASHES, dead, replay
from tests.system.fleet import LOOK_S, Fleet, fleet, zygote
from tests.system.voyage import Voyage

POISON = "R-003"


class Deadly(Faults):
    """A site whose answer to one call is the end of the process that `who` names; nothing of the call is done."""

    def __init__(self, ships: Fleet, who: str, path: str) -> None:
        super().__init__()
        self._ships, self._who, self._path = ships, who, path
        self.deaths = 0

    def take(self, method: str, path: str) -> Fault | None:
        if method != "PUT" or not re.search(self._path, path):
            return super().take(method, path)
        os.kill(self._ships.ships[self._who].process.pid, signal.SIGKILL)
        self.deaths += 1
        return Fault("drop_before")


@pytest.fixture
def voyage(database_url: str, tmp_path: Path) -> Iterator[Voyage]:
    with zygote() as forks, fleet(database_url, tmp_path, forks) as ships:
        yield Voyage(ships, tmp_path, seed=3)


def request_uid(voyage: Voyage, number: str) -> str:
    with voyage.db.read() as conn:
        store = Store(conn)
        return next(uid for uid, one in store.records.get(store.records.uids()).items() if one.number == number)


def start_again_until_dead(voyage: Voyage, name: str) -> None:
    """As whoever keeps the service does: whenever the process is gone, there is a new one."""
    give_up_at = time.monotonic() + 90
    while not voyage.dead_letters() or voyage.open_keys():
        assert time.monotonic() < give_up_at, voyage.ships.open_records()
        if voyage.ships.ships[name].process.poll() is not None:
            voyage.ships.kill_and_start(name)
        time.sleep(LOOK_S)


@pytest.mark.long
@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_a_record_that_kills_its_process_each_time_is_dead_in_the_end_and_all_others_are_done(voyage: Voyage) -> None:
    ships = voyage.ships
    voyage.lengthen_list(6)
    ships.start("one", "--only", "worker")
    ships.wait_until("all is mirrored", lambda: not voyage.open_keys())
    uid = request_uid(voyage, POISON)
    with voyage.db.read() as conn:
        pages = {key[0]: link.remote_id for key, link in Store(conn).links.of([uid]).items() if key[1] is LinkRole.PAGE}
    voyage.site.faults = deadly = Deadly(ships, "one", f"/wiki/api/v2/pages/{pages[uid]}$")
    voyage.listed = {number: row.replace("Evidence", "Proof") for number, row in voyage.listed.items()}
    voyage.bring_list()
    start_again_until_dead(voyage, "one")
    (letter,) = voyage.dead_letters()
    assert letter.key == record_key(uid)
    assert letter.error.startswith(f"{MOST_CRASHES} workers in a row died")
    assert deadly.deaths >= MOST_CRASHES
    titles = {page.title.partition(" (")[0] for page in voyage.site.confluence.pages.values()}
    assert {f"R-{n:03} Proof {n}" for n in (1, 2, 4, 5, 6)} <= titles
    assert "R-003 Evidence 3" in titles
    voyage.site.faults = Faults()
    with voyage.db.write() as conn:
        replay(conn)
    ships.wait_until("what kills nobody any more is done", lambda: not voyage.open_keys())
    with voyage.db.read() as conn:
        assert dead(conn) == []
