"""A coordinator who mends what people deleted."""

from __future__ import annotations

from connector.sandbox.seed import BOT_EMAIL
from sync.desk import Audit
from sync.mending import Mender
from tests.system.world import AUDIT, World


def audit(world: World) -> Audit:
    return Audit(AUDIT, world.rules.audit[AUDIT])


def mender(world: World) -> Mender:
    return Mender(world.db, world.new_sites(), audit(world), by="dana", reason="")


def delete_issue(world: World, key: str) -> None:
    world.person(BOT_EMAIL).call("DELETE", f"/rest/api/3/issue/{key}")
    notice(world)


def notice(world: World) -> None:
    world.sweeps.everything()
    world.settle()
