"""What Tieout asked of the site: calls that read and calls that write, for each side."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connector.sandbox.calls import CallRecord
from connector.sandbox.seed import BOT_EMAIL
from connector.sandbox.site import Site
from mappings.records import Side

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
