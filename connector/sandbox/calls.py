"""A record of every REST request the site was sent, for measuring and for asserting that nothing was written."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

KEPT = 200_000


@dataclass(frozen=True)
class CallRecord:
    """One request. `template` is the route ("/rest/api/3/issue/<id_or_key>"), or the path when none matched.

    `status` is what was answered, 0 when nothing was; `applied` is false for a request that a fault kept from its
    handler. A late request is recorded when it is applied.
    """

    method: str
    template: str
    path: str
    status: int
    account_id: str | None
    is_write: bool
    at: datetime
    applied: bool = True


class CallLog:
    """The last requests in order, with counts by method and template that never forget until cleared."""

    def __init__(self) -> None:
        self._records: deque[CallRecord] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()

    def add(self, record: CallRecord) -> None:
        self._records.append(record)
        self.counts[f"{record.method} {record.template}"] += 1

    def __iter__(self) -> Iterator[CallRecord]:
        return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def writes(self) -> list[CallRecord]:
        """Requests that write, whatever was answered."""
        return [record for record in self if record.is_write]

    def reads(self) -> list[CallRecord]:
        return [record for record in self if not record.is_write]

    def clear(self) -> None:
        self._records.clear()
        self.counts.clear()
