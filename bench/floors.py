"""The least that is possible, from what Atlassian's API documents offer, and what is promised on top of it.

What is promised stands in section 11 of the design, the floors in section 2.4 of reference/durable-work.md.
"""

import math
from dataclasses import dataclass

IN_BULK = 50
"""`POST /issue/bulk`: issues a call."""
READ_TOGETHER = 100
"""`POST /issue/bulkfetch`: issues a call."""
PAGES_TOGETHER = 250
"""`GET /pages?id=`: pages a call."""

SPARE = 1.1
SET_UP = 8
"""Calls that are made once for a site, however much there is to mirror (2.4)."""
JIRA_PROBES = 1
"""A search of all projects."""
CONFLUENCE_LISTS = 5
"""Pages, footer comments, inline comments, files, tasks: Confluence tells nothing by itself."""
SIGN_INS = 1
"""To a search that finds nothing: nobody finds nothing, too."""

MOST_READS, MOST_WRITES = 2, 1
"""Of one change on one side, for each other side, and for each object of it."""
MOST_BURST_WRITES = 3
MOST_MB = 200
DOOR_SHARE = 0.6
AGREE_WITHIN_S = 1.0


@dataclass(frozen=True)
class Floor:
    """How much of something is needed at least, and where that is derived."""

    least: float
    source: str

    def ratio(self, measured: float) -> float | None:
        return measured / self.least if self.least else None


def bulk_creates(requests: int, tasks: int) -> Floor:
    """Tasks come after their requests, whose keys they name."""
    return Floor(
        math.ceil(requests / IN_BULK) + math.ceil(tasks / IN_BULK),
        "bulk creates: ⌈requests/50⌉ + ⌈tasks/50⌉",
    )


def mirror_writes(requests: int, tasks: int) -> Floor:
    return Floor(
        bulk_creates(requests, tasks).least + requests,
        "writes of a mirror: its bulk creates, and one for each page",
    )


def most_mirror_writes(requests: int, tasks: int) -> float:
    """A tenth more, and the set-up."""
    return SPARE * mirror_writes(requests, tasks).least + SET_UP


def mirror_reads() -> Floor:
    """A create's answer says what was made, so only the site is asked about: nothing grows with the records."""
    return Floor(SET_UP, "reads of a mirror: what is asked once about the site")


def look_reads(requests: int, records: int) -> Floor:
    """All issues, all pages, and of each page its two lists of comments and its files: they come by page only."""
    together = math.ceil(records / READ_TOGETHER) + math.ceil(requests / PAGES_TOGETHER)
    return Floor(
        together + 3 * requests,
        "reads of a full look: ⌈records/100⌉ + ⌈pages/250⌉, and three lists of each page",
    )


def idle_reads() -> Floor:
    return Floor(
        JIRA_PROBES + CONFLUENCE_LISTS,
        "reads of an idle cycle: a search, and Confluence's five lists",
    )


def most_idle_reads(records: int) -> int:
    """One more for each 100 records (design), and one for who asks."""
    return JIRA_PROBES + CONFLUENCE_LISTS + SIGN_INS + math.ceil(records / READ_TOGETHER)


def change_writes(objects: int) -> Floor:
    """One write for each object that has to say something else; what a write is based on must be read afresh, as Jira
    has no precondition."""
    return Floor(objects, "calls of a change: one write for each object that has to say it")
