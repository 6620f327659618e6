"""What must hold after a voyage, beside all that must hold after any history."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

from sqlalchemy import select

from mappings.lifecycle import is_settled
from mappings.records import LinkRole, LinkState
from sync import journal
from sync.store import Store
from sync.tables import delivery
from tests.system.at_rest import Rest
from tests.system.invariants import INVARIANTS
from tests.system.lease_log import broken_leases, leases
from tests.system.voyage import Voyage


def check_voyage(voyage: Voyage) -> None:
    """Raise AssertionError for what does not hold; the further look at everything, which ends the voyage, is last."""
    voyage.take_over()
    rest = Rest.of(voyage)  # type: ignore[arg-type]  # it has all that is looked at
    for invariant in INVARIANTS[:-1]:
        invariant(rest)
    for own in (
        leases_go_round_and_never_overlap,
        what_was_acknowledged_is_kept,
        each_counterpart_is_live_and_was_made_once,
    ):
        own(voyage)
    INVARIANTS[-1](rest)
    voyage.counted["invariants checked"] += len(INVARIANTS) + 3


def leases_go_round_and_never_overlap(voyage: Voyage) -> None:
    """I6: no two hold one key at once, and fences only grow."""
    found = leases(voyage.db)
    broken = broken_leases(found)
    assert broken == [], broken
    claims = [each for each in found if each.is_claim]
    voyage.counted["leases"] += len(claims)
    voyage.counted["leases that ran out"] += sum(each.owner_before is not None for each in claims)


def what_was_acknowledged_is_kept(voyage: Voyage) -> None:
    with voyage.db.read() as conn:
        kept = list(conn.execute(select(delivery.c.delivery_id, delivery.c.body)))
    ids, bodies = {row.delivery_id for row in kept}, {sha256(row.body).hexdigest() for row in kept}
    lost = [id_ for id_, body in voyage.acknowledged.items() if id_ not in ids and body not in bodies]
    assert lost == [], lost
    voyage.counted["webhooks acknowledged"] += len(voyage.acknowledged)


def each_counterpart_is_live_and_was_made_once(voyage: Voyage) -> None:
    """I2, I5: by what the register says and by what its journal tells."""
    with voyage.db.read() as conn:
        store = Store(conn)
        records = store.records.get(store.records.uids())
        links = store.links.of(records)
        told = journal.entries(conn, limit=100_000)
    links = {key: link for key, link in links.items() if link.state is not LinkState.PENDING or link.intent_at}
    dead = [link for link in links.values() if link.state is not LinkState.LIVE]
    assert dead == [], dead
    known = {link.remote_id for link in links.values()}
    ours = [issue for issue in voyage.site.jira.issues.values() if "tieout" in issue.values["labels"]]
    assert [issue.key for issue in ours if issue.issue_id not in known] == [], "issues that nobody knows of"
    created = Counter((entry.record, entry.what) for entry in told if entry.what.endswith("created"))
    assert created == dict.fromkeys(((uid, f"{role} created") for uid, role in links), 1)
    bare = [record for uid, record in records.items() if (uid, LinkRole.ISSUE) not in links]
    # What was cancelled before its issue was made gets none any more.
    without = {record.number: record.status for record in bare if not is_settled(record.kind, record.status)}
    assert without == {}, without
    voyage.counted["counterparts"] += len(links)
    voyage.counted["journal entries"] += len(told)
