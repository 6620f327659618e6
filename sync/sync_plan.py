"""A plan of everything a sync would write, and what tells that the world has moved since it was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mappings.planned import HeldBack, Planned

from .basis import Basis
from .preview import Preview


class PlanRefused(Exception):
    """The plan cannot be carried out, and nothing of it was. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class PlannedFamily:
    """A request for which something is planned: its number, the records looked at, and what was decided on."""

    number: str
    records: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class SyncPlan:
    made_at: datetime
    sites: tuple[str, str]
    """Jira's and Confluence's."""
    audits: tuple[str, ...]
    looked_at: int
    """How many records."""
    writes: tuple[Planned, ...]
    held: tuple[HeldBack, ...]
    families: Mapping[str, PlannedFamily]
    """By the request's uid."""

    @property
    def records(self) -> list[str]:
        return sorted(uid for family in self.families.values() for uid in family.records)

    def agreed(self, now: Preview) -> set[str]:
        """The digests of the planned writes. Raises PlanRefused, naming what moved, unless they are the same now."""
        moved = list(_moved(self.families, now)) or list(_changed(self.writes, now.writes))
        if moved:
            raise PlanRefused("the world has moved since the plan was made; nothing was written: " + "; ".join(moved))
        return {each.digest for each in self.writes}


def plan_of(
    preview: Preview, numbers: Mapping[str, str], *, made_at: datetime, sites: tuple[str, str], audits: Iterable[str]
) -> SyncPlan:
    """A plan of what a preview shows; `numbers` by the uids of requests."""
    concerned = {each.uid for each in preview.writes}
    families = {
        request: PlannedFamily(numbers[request], tuple(uids), preview.bases[request])
        for request, uids in preview.asked.items()
        if concerned & set(uids)
    }
    looked_at = sum(len(uids) for uids in preview.asked.values())
    return SyncPlan(made_at, sites, tuple(audits), looked_at, preview.writes, preview.held, families)


def _moved(families: Mapping[str, PlannedFamily], now: Preview) -> Iterator[str]:
    for uid, family in sorted(families.items(), key=lambda item: item[1].number):
        found = now.bases.get(uid, {})
        parts = sorted(name for name in {*family.basis, *found} if family.basis.get(name) != found.get(name))
        if parts:
            yield f"{family.number} ({', '.join(parts)})"


def _changed(planned: Iterable[Planned], now: Iterable[Planned]) -> Iterator[str]:
    """What would be written otherwise though no side moved: time has passed, or the mapping file has changed."""
    before, after = {each.digest: each for each in planned}, {each.digest: each for each in now}
    for digest, each in before.items():
        if digest not in after:
            yield f"{each.number or each.audit}: {each.kind} {each.what} would not be written so any more"
    for digest, each in after.items():
        if digest not in before:
            yield f"{each.number or each.audit}: {each.kind} {each.what} would be written, too"
