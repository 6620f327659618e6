from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from mappings.records import LinkRole, LinkState, Side
from sync.database import Database
from sync.store import Conflict, Copy, Store, Taken

from .values import AT, comment, decision, evidence, link, request, task, uid


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """A store with requests 1 and 2 and request 1's task 3."""
    with database.write() as conn:
        store = Store(conn)
        for record in (request(1), request(2), task(3, request(1))):
            store.records.add(record)
        yield store


def test_a_link_comes_back_as_it_went_in(store: Store) -> None:
    whole = link(
        uid(1),
        key="SOC-1",
        url="https://acme.example/browse/SOC-1",
        intent_at=AT,
        intent_number=41,
        remote_version=3,
        base_ours={"title": "x", "criteria": ("CC6.1",), "due_on": None, "is_late": True, "n": 3},
        base_theirs={"summary": "half \ud83d and \0 survive as they were"},
        agreed_at=AT,
        detached_reason="-",
    )
    store.links.put(link(uid(1), remote_id=None, state=LinkState.PENDING))
    store.links.put(whole)
    assert store.links.of([uid(1), uid(2)]) == {(uid(1), LinkRole.ISSUE): whole}


def test_a_remote_object_is_the_live_counterpart_of_one_record(database: Database) -> None:
    with database.write() as conn:
        for n in (1, 2):
            Store(conn).records.add(request(n))
        Store(conn).links.put(link(uid(1)))
        Store(conn).links.put(link(uid(1), LinkRole.PAGE))
        Store(conn).links.put(link(uid(2), state=LinkState.DETACHED))
    with pytest.raises(Taken), database.write() as conn:
        Store(conn).links.put(link(uid(2)))
    with database.write() as conn:
        Store(conn).links.put(link(uid(1), state=LinkState.DETACHED))
        Store(conn).links.put(link(uid(2)))


def test_records_are_found_by_what_a_site_calls_them(store: Store) -> None:
    store.links.put(link(uid(1)))
    store.links.put(link(uid(1), LinkRole.PAGE, "10001"))
    store.links.put(link(uid(2), state=LinkState.DETACHED))
    store.links.put(link(uid(3), LinkRole.ESCALATION_ISSUE, "10002"))
    assert store.links.by_remote(LinkRole.PAGE, ["10001", "7"]) == {"10001": [(uid(1), LinkRole.PAGE)]}
    assert store.links.by_remote((LinkRole.ISSUE, LinkRole.ESCALATION_ISSUE), ["10001", "10002"]) == {
        "10001": [(uid(1), LinkRole.ISSUE), (uid(2), LinkRole.ISSUE)],
        "10002": [(uid(3), LinkRole.ESCALATION_ISSUE)],
    }


def test_detached_links_are_listed(store: Store) -> None:
    lost = link(uid(2), remote_id="7", state=LinkState.DETACHED, detached_reason="404")
    store.links.put(link(uid(1)))
    store.links.put(lost)
    assert store.links.detached() == (lost,)


def test_a_comment_is_taken_up_once_however_often_it_is_seen(store: Store) -> None:
    assert store.comments.add(comment(1, uid(1)))
    assert not store.comments.add(comment(2, uid(1), origin_id="c1", text="another text"))
    assert store.comments.add(comment(3, uid(1), origin_id="c1", side=Side.CONFLUENCE))
    assert store.comments.known(Side.JIRA, ["c1", "c2"]) == {"c1"}
    assert [each.text for each in store.comments.of([uid(1)])[uid(1)]] == ["Comment 1", "Comment 3"]


def test_comments_of_tieout_itself_have_no_origin_and_do_not_collide(store: Store) -> None:
    assert store.comments.add(comment(1, uid(1), origin_id=None))
    assert store.comments.add(comment(2, uid(1), origin_id=None))


def test_comments_come_oldest_first_for_each_record_asked(store: Store) -> None:
    late, early = comment(1, uid(1), said_at=AT + timedelta(microseconds=1)), comment(2, uid(1), said_at=AT)
    for each in (late, early):
        store.comments.add(each)
    assert store.comments.of([uid(1), uid(2)]) == {uid(1): (early, late), uid(2): ()}


def test_a_copy_belongs_to_the_record_on_whose_counterpart_it_stands(store: Store) -> None:
    store.comments.add(comment(1, uid(1)))
    for record in (uid(1), uid(3)):
        store.comments.want_copy(uid(1), record, LinkRole.ISSUE)
    written = Copy(uid(1), uid(3), LinkRole.ISSUE, "c77", AT)
    store.comments.put_copy(written)
    store.comments.want_copy(uid(1), uid(3), LinkRole.ISSUE)
    assert store.comments.copies([uid(1), uid(2), uid(3)]) == {
        uid(1): (Copy(uid(1), uid(1), LinkRole.ISSUE),),
        uid(2): (),
        uid(3): (written,),
    }


def test_evidence_is_listed_by_file_name_and_version(store: Store) -> None:
    given = [
        evidence(2, uid(1)),
        evidence(1, uid(1), is_released=True, copy_id="att9", copy_version=2, task=uid(3)),
        evidence(3, uid(1), file_name="Access.csv"),
    ]
    for each in given:
        store.evidence.add(each)
    assert store.evidence.of([uid(1), uid(2)]) == {uid(1): (given[2], given[1], given[0]), uid(2): ()}


def test_a_version_of_a_file_is_kept_once(database: Database) -> None:
    with database.write() as conn:
        Store(conn).records.add(request(1))
        Store(conn).evidence.add(evidence(1, uid(1)))
    with pytest.raises(Taken), database.write() as conn:
        Store(conn).evidence.add(evidence(2, uid(1), version=1))


def test_the_same_bytes_attached_again_are_one_more_source(store: Store) -> None:
    store.evidence.add(evidence(1, uid(1)))
    assert store.evidence.add_source(Side.CONFLUENCE, "att1@1", uid(1))
    assert not store.evidence.add_source(Side.JIRA, "att1", uid(1))
    assert store.evidence.known_sources(Side.JIRA, ["att1", "att2"]) == {"att1"}
    assert store.evidence.known_sources(Side.CONFLUENCE, ["att1", "att1@1"]) == {"att1@1"}


def test_what_identifies_evidence_can_not_be_changed(store: Store) -> None:
    store.evidence.add(evidence(1, uid(1)))
    released = replace(evidence(1, uid(1)), is_released=True, copy_id="att5", copy_version=1)
    store.evidence.put(replace(released, sha256="0" * 64, size=1, file_name="other"))
    assert store.evidence.of([uid(1)]) == {uid(1): (released,)}


def test_decisions_are_kept_in_their_order(store: Store) -> None:
    second, first = decision(1, uid(1), decided_at=AT + timedelta(seconds=1)), decision(2, uid(1))
    for each in (second, first):
        store.decisions.add(each)
    assert store.decisions.of([uid(1), uid(2)]) == {uid(1): (first, second), uid(2): ()}


def a_conflict(n: int, **changes: Any) -> Conflict:
    return replace(Conflict(uid(n), uid(1), LinkRole.ISSUE, "title", "ours", None, AT), **changes)


def test_one_conflict_is_open_for_a_field_of_a_counterpart(store: Store) -> None:
    assert store.conflicts.add(a_conflict(1))
    assert not store.conflicts.add(a_conflict(2, ours=("a", "b"), theirs=7))
    assert store.conflicts.add(a_conflict(3, role=LinkRole.PAGE))
    assert store.conflicts.open([uid(1), uid(2)]) == (
        a_conflict(1, ours=("a", "b"), theirs=7),
        a_conflict(3, role=LinkRole.PAGE),
    )


def test_a_settled_conflict_may_open_anew(store: Store) -> None:
    store.conflicts.add(a_conflict(1))
    assert store.conflicts.settle(uid(1), by="cy", kept="ours", at=AT)
    assert not store.conflicts.settle(uid(1), by="dee", kept="theirs", at=AT)
    assert store.conflicts.open() == ()
    assert store.conflicts.add(a_conflict(2))
    assert store.conflicts.open() == (a_conflict(2),)


def test_nothing_hangs_on_a_record_that_does_not_exist(database: Database) -> None:
    def keeps(conn: Connection) -> None:
        Store(conn).decisions.add(decision(1, uid(404)))

    with pytest.raises(Exception, match=r"(?i)foreign key"), database.write() as conn:
        keeps(conn)


def test_what_the_law_decided_is_kept_once_and_ends_what_was_open(store: Store) -> None:
    decided = a_conflict(1, settled_at=AT, settled_by="the lifecycle", kept="ours")
    store.conflicts.keep(decided)
    store.conflicts.keep(decided)
    assert store.conflicts.settled() == (decided,)
    opened = a_conflict(2)
    store.conflicts.keep(opened)
    assert store.conflicts.open() == (opened,)
    ended = a_conflict(2, settled_at=AT, settled_by="both sides", kept="both")
    store.conflicts.keep(ended)
    assert store.conflicts.open() == ()
    assert set(store.conflicts.settled()) == {decided, ended}
