"""What `tieout provision` made and is no longer as it was left, as findings of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connector.checks import Finding
from connector.checks.asking import CLOSED
from connector.checks.catalogue import KINDS, found
from mappings.errors import Refused
from mappings.provision import Step, Verb
from mappings.rules import Rules
from sync.database import Database
from sync.provisioning import SITE, Provisioning
from sync.store import Store

LOOKS = frozenset({"name", "description", "title", "color", "row", "column", "editors", "parent", "people", "shown"})
"""Values that say how a thing looks, or where it stands, and not what it shows or lets through."""
MISSING, ALTERED, LOOKS_OTHERWISE = "provisioned-missing", "provisioned-altered", "provisioned-drifted"
ALERTS = tuple(f"{KINDS[name].severity}:{name}:" for name in (MISSING, ALTERED))
"""How the names of the alerts on it begin."""


@dataclass(frozen=True, slots=True)
class Drift:
    findings: tuple[Finding, ...]
    is_whole: bool = True
    """False where a site did not let it be looked at: then nobody knows how it stands."""


def drift_of(db: Database, rules: Rules, begin: Callable[[], Provisioning]) -> Drift:
    """Asks no site where nothing was provisioned. Raises what passes by itself."""
    with db.read() as conn:
        if not Store(conn).provisioned.all():
            return Drift(())
    where = rules.jira.url
    try:
        plan = begin().survey(list(rules.audit)).plan()
    except (*CLOSED, Refused) as error:
        subject, mend = "what was provisioned", "let Tieout's account see it; until then nobody looks after it"
        return Drift((found("not-asked", where, subject=subject, said=error, mend=mend),), is_whole=False)
    return Drift(tuple(_findings(plan.drift, where)))


def _findings(steps: tuple[Step, ...], where: str) -> Iterator[Finding]:
    for step in steps:
        words = {"kind": step.kind, "title": step.title, "reason": step.reason}
        audit, _, name = step.name.partition("/")
        if step.verb is Verb.LEAVE and step.seen is None:
            meant = (
                ""
                if audit == SITE
                else f'; if it is meant, say `without = ["{name}"]` under `[audit.{audit}.provision]`'
            )
            yield found(MISSING, where, meant=meant, **words)
        elif set(step.theirs) - LOOKS:
            yield found(ALTERED, where, **words)
        else:
            yield found(LOOKS_OTHERWISE, where, **words)
