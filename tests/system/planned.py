"""Plans of a world's register, and carrying them out."""

from __future__ import annotations

import pytest

from mappings.planned import Planned
from sync.engine import Engine
from sync.plan_worker import PlanWorker
from sync.retry import Retry
from sync.store import Store
from sync.sync_plan import SyncPlan, plan_of
from tests.system.world import AUDIT, World
from webhooks.plan_file import read_plan, to_json

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def plan(world: World) -> SyncPlan:
    """As `tieout plan` makes it, written to a file and read again."""
    with world.db.read() as conn:
        uids, now = Store(conn).records.uids(AUDIT), world.db.now(conn)
        numbers = {uid: record.number for uid, record in Store(conn).records.get(uids).items()}
    sites = world.new_sites()
    preview = Engine(world.db, sites, world.vault).plan(uids)
    made = plan_of(preview, numbers, made_at=now, sites=(sites.jira.site, sites.confluence.site), audits=[AUDIT])
    assert read_plan(to_json(made), "plan.json") == made
    return made


def told(writes: tuple[Planned, ...]) -> list[str]:
    return [f"{each.number} {each.side} {each.kind}" for each in writes]


def carry_out(world: World, made: SyncPlan) -> dict[str, Exception]:
    worker = PlanWorker(world.db, world.new_sites(), world.vault, name="planned", retry=Retry(), chance=lambda: 0.5)
    return dict(worker.carry_out(made).failures)
