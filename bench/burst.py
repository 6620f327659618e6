"""A hundred edits of one request within two seconds: what the sites are sent of them.

The clock moves with the calls: a site takes ANSWERS_IN_S for each, and the edits go on meanwhile.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bench import floors
from bench.company import company
from bench.counting import Cost, cost
from bench.line import Line
from mappings.records import Record, Side
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, mark
from sync.worker import RESTS_S
from tests.system.world import SITE, World

EDITS, WITHIN_S = 100, 2.0
ANSWERS_IN_S = 0.25
"""How long Atlassian's sites take for a call; quicker ones would be sent more of the edits."""
FLOOR = floors.Floor(1, "writes of a burst: the last edit alone, had one waited for it")


def measure() -> Iterator[Line]:
    with company(1, tasks_each=0) as world:
        world.worker.run_until_quiet()
        world.settle()
        spent = burst(world, "R-00001")
    for side in (Side.JIRA, Side.CONFLUENCE):
        yield burst_line(side, spent[side])


def burst(world: World, number: str) -> dict[Side, Cost]:
    """Edit, let the worker run beside it until all is quiet, and count."""
    editing = _Editing(world, world.request(number))
    world.session.mount(SITE, editing)
    world.site.calls.clear()
    while not editing.is_over or world.worker.step():
        if not world.worker.step():
            editing.wait(RESTS_S)
    world.session.mount(SITE, editing.inner)
    return {side: cost(world.site, side) for side in (Side.JIRA, Side.CONFLUENCE)}


def burst_line(side: Side, spent: Cost) -> Line:
    return Line(
        f"{EDITS} edits of one request in {WITHIN_S:g} s: writes to {side}",
        f"{spent.writes}",
        f"≤ {floors.MOST_BURST_WRITES}",
        spent.writes <= floors.MOST_BURST_WRITES,
        {"writes": spent.writes, "reads": spent.reads},
        FLOOR,
        FLOOR.ratio(spent.writes),
    )


class _Editing(HTTPAdapter):
    """Somebody edits the request's title; each call to the site is answered only after some more edits."""

    def __init__(self, world: World, request: Record) -> None:
        super().__init__()
        self.inner: Any = world.session.get_adapter(SITE)
        self._world, self._request = world, request
        self._passed_s, self._done = 0.0, 0

    @property
    def is_over(self) -> bool:
        return self._done == EDITS

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        self.wait(ANSWERS_IN_S)
        answer: requests.Response = self.inner.send(request, *args, **more)
        return answer

    def wait(self, seconds: float) -> None:
        self._world.clock.advance(seconds)
        self._passed_s += seconds
        while self._done < min(EDITS, int(self._passed_s / WITHIN_S * EDITS)):
            self._edit()

    def _edit(self) -> None:
        self._done += 1
        with self._world.db.write() as conn:
            store = Store(conn)
            now = store.records.get([self._request.uid])[self._request.uid]
            store.records.put(replace(now, title=f"Access review report, draft {self._done}"))
            mark(conn, [record_key(now.uid)], lane=LIVE)
