"""What Tieout asked of the site and of its database: calls that read and calls that write, and statements."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import event

from connector.sandbox.calls import CallRecord
from connector.sandbox.seed import BOT_EMAIL
from connector.sandbox.site import Site
from mappings.records import Side
from sync.database import Database
from tests.system.world import SITE, World

OBJECT = re.compile(r"/(?:issue|pages|content)/([0-9]+)")


@dataclass(frozen=True)
class Cost:
    """Calls to one side or to both."""

    reads: int = 0
    writes: int = 0
    objects: int = 0
    """How many issues or pages the writes went to."""

    def __str__(self) -> str:
        return f"{self.reads} reads, {self.writes} writes" + (f" on {self.objects} objects" if self.writes else "")

    @property
    def calls(self) -> int:
        return self.reads + self.writes


@dataclass
class Effort:
    """What happened in a block that was `watched`: calls, statements, and seconds of our own work."""

    cost: Cost = Cost()
    creates: int = 0
    """Bulk calls that make issues."""
    statements: int = 0
    cpu_s: float = 0.0
    """Without what the site itself took."""


@contextmanager
def watched(world: World) -> Iterator[Effort]:
    """Count everything in the block; the effort is complete when it ends."""
    effort = Effort()
    world.site.calls.clear()
    meter = _Metered(world.session.get_adapter(SITE))
    world.session.mount(SITE, meter)
    began = time.process_time()
    try:
        with counting_statements(world.db) as statements:
            yield effort
    finally:
        effort.cpu_s = time.process_time() - began - meter.site_s
        world.session.mount(SITE, meter.inner)
    effort.cost = cost(world.site)
    effort.statements = len(statements)
    effort.creates = sum(call.template == "/rest/api/3/issue/bulk" for call in world.site.calls)


@contextmanager
def counting_statements(db: Database) -> Iterator[list[str]]:
    """Every statement the database is given, its transactions' beginnings among them."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class _Metered(HTTPAdapter):
    """Hands calls on, and knows what the site took for them."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.site_s = 0.0

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        began = time.process_time()
        try:
            answer: requests.Response = self.inner.send(request, *args, **more)
            return answer
        finally:
            self.site_s += time.process_time() - began


def cost(site: Site, side: Side | None = None) -> Cost:
    """Tieout's own calls since the log was last cleared; to one side, or to both."""
    bot = site.account_by_email(BOT_EMAIL)
    ours = [call for call in site.calls if bot is not None and call.account_id == bot.account_id]
    return counted(call for call in ours if side is None or side_of(call) is side)


def counted(calls: Iterable[CallRecord]) -> Cost:
    known = list(calls)
    writes = [call for call in known if call.is_write]
    return Cost(len(known) - len(writes), len(writes), len({_object(call) for call in writes}))


def side_of(call: CallRecord) -> Side:
    return Side.CONFLUENCE if call.path.startswith("/wiki") else Side.JIRA


def _object(call: CallRecord) -> str:
    found = OBJECT.search(call.path)
    return f"{side_of(call)} {found.group(1)}" if found else call.path
