from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from mappings.records import Kind, Person, Record, RequestStatus, TaskStatus
from sync.database import Database
from sync.store import Stale, Store, Taken
from sync.store.rows import CHUNK

from .values import AT, full_request, request, task, uid


def test_a_record_comes_back_as_it_went_in(database: Database) -> None:
    whole = full_request()
    default = Record("", Kind.REQUEST, "", "", "", "")
    untouched = {field.name for field in fields(Record) if getattr(whole, field.name) == getattr(default, field.name)}
    assert untouched == {"kind", "parent"}, "every field must be set, or its loss would not show"
    child = task(2, whole)
    with database.write() as conn:
        Store(conn).records.add(whole)
        Store(conn).records.add(child)
    with database.read() as conn:
        assert Store(conn).records.get([whole.uid, child.uid]) == {whole.uid: whole, child.uid: child}
        assert type(Store(conn).records.get([uid(2)])[uid(2)].kind) is Kind


def test_what_does_not_exist_is_left_out(database: Database) -> None:
    with database.read() as conn:
        assert Store(conn).records.get([uid(9)]) == {}
        assert Store(conn).records.one(uid(9)) is None
        assert Store(conn).records.by_number("acme-2026", ["9"]) == {}


def test_a_number_of_an_audit_belongs_to_one_record(database: Database) -> None:
    with database.write() as conn:
        Store(conn).records.add(request(1))
        Store(conn).records.add(request(2, audit="other-2026", number="1"))
    with pytest.raises(Taken), database.write() as conn:
        Store(conn).records.add(request(3, number="1"))
    with database.read() as conn:
        assert Store(conn).records.uids() == [uid(1), uid(2)]


def test_a_record_is_written_only_over_the_version_that_was_read(database: Database) -> None:
    with database.write() as conn:
        Store(conn).records.add(request(1))
        kept = Store(conn).records.put(replace(request(1), title="New"))
    assert (kept.title, kept.version) == ("New", 2)
    with pytest.raises(Stale), database.write() as conn:
        Store(conn).records.put(replace(request(1), title="Late"))
    with database.read() as conn:
        assert Store(conn).records.one(uid(1)) == kept


def test_a_record_that_was_never_added_is_stale(database: Database) -> None:
    with pytest.raises(Stale), database.write() as conn:
        Store(conn).records.put(request(1))


def test_requests_come_in_the_order_a_person_counts(database: Database) -> None:
    numbers = ["10", "2", "1.10", "1.2", "A-3", "A-20", "1"]
    with database.write() as conn:
        for n, number in enumerate(numbers, start=1):
            Store(conn).records.add(request(n, number=number))
        Store(conn).records.add(task(20, request(1)))
    with database.read() as conn:
        found = [each.number for each in Store(conn).records.requests("acme-2026")]
    assert found == ["1", "1.2", "1.10", "2", "10", "A-3", "A-20"]


def test_by_number_finds_requests_and_never_tasks(database: Database) -> None:
    with database.write() as conn:
        Store(conn).records.add(request(1))
        Store(conn).records.add(task(2, request(1)))
    with database.read() as conn:
        assert Store(conn).records.by_number("acme-2026", ["1", "1/2", "7"]) == {"1": request(1)}


def test_tasks_are_given_for_each_request_that_was_asked(database: Database) -> None:
    with database.write() as conn:
        for n in (1, 2):
            Store(conn).records.add(request(n))
        for n in (12, 3):
            Store(conn).records.add(task(n, request(1)))
    with database.read() as conn:
        tasks = Store(conn).records.tasks_of([uid(1), uid(2)])
    assert tasks == {uid(1): (task(3, request(1)), task(12, request(1))), uid(2): ()}


def test_the_kin_of_a_request_or_of_a_task_is_the_whole_family(database: Database) -> None:
    with database.write() as conn:
        records = Store(conn).records
        for record in (request(1), request(2), task(3, request(1)), task(4, request(1)), task(5, request(2))):
            records.add(record)
        assert records.kin([uid(1)]) == records.kin([uid(4)]) == {uid(1), uid(3), uid(4)}
        assert records.kin([uid(2), uid(3)]) == {uid(n) for n in range(1, 6)}
        assert records.kin([uid(9)]) == set()


def test_more_uids_than_one_statement_takes_are_read_in_pieces(database: Database) -> None:
    many = [request(n) for n in range(1, CHUNK * 2 + 2)]
    with database.write() as conn:
        for each in many:
            Store(conn).records.add(each)
    with database.read() as conn:
        found = Store(conn).records.get(each.uid for each in many)
    assert found == {each.uid: each for each in many}


def test_records_are_listed_and_counted_by_audit_kind_and_status(database: Database) -> None:
    with database.write() as conn:
        store = Store(conn)
        store.records.add(request(1))
        store.records.add(request(2))
        store.records.add(request(3, audit="other"))
        store.records.add(task(4, request(1)))
    with database.read() as conn:
        records = Store(conn).records
        assert records.uids() == [uid(1), uid(2), uid(3), uid(4)]
        assert records.uids("acme-2026", Kind.REQUEST) == [uid(1), uid(2)]
        assert records.counts() == {
            ("acme-2026", Kind.REQUEST, "open"): 2,
            ("acme-2026", Kind.TASK, "todo"): 1,
            ("other", Kind.REQUEST, "open"): 1,
        }


@pytest.mark.parametrize(
    ("record", "is_candidate"),
    [
        (request(1, due_on=date(2026, 3, 1)), True),
        (request(1, due_on=date(2026, 3, 2)), True),
        (request(1, due_on=date(2026, 3, 3)), False),
        (request(1, due_on=date(2026, 3, 9), auditor_due_on=date(2026, 3, 1)), True),
        (request(1), False),
        (request(1, due_on=date(2026, 3, 1), status=RequestStatus.SUBMITTED), True),
        *(
            (request(1, due_on=date(2026, 3, 1), status=status), False)
            for status in (RequestStatus.ACCEPTED, RequestStatus.NOT_APPLICABLE, RequestStatus.WITHDRAWN)
        ),
        *(
            (request(1, kind=Kind.TASK, due_on=date(2026, 3, 1), status=status), False)
            for status in (TaskStatus.DONE, TaskStatus.CANCELLED)
        ),
    ],
)
def test_only_unsettled_records_with_a_date_reached_can_be_overdue(
    database: Database, record: Record, is_candidate: bool
) -> None:
    with database.write() as conn:
        Store(conn).records.add(record)
    with database.read() as conn:
        assert Store(conn).records.overdue_candidates(date(2026, 3, 2)) == ((record,) if is_candidate else ())


def test_text_no_database_can_hold_is_kept_readable(database: Database) -> None:
    with database.write() as conn:
        Store(conn).records.add(request(1, title="nul \0 half \ud83d pair \ud83d\ude00", extra={"a\0": "\udc00"}))
    with database.read() as conn:
        kept = Store(conn).records.get([uid(1)])[uid(1)]
    assert kept.title == "nul � half � pair 😀"
    assert kept.extra == {"a\0": "\udc00"}


def test_people_are_kept_by_key_and_written_over(database: Database) -> None:
    ann = Person("ann@acme.example", "Ann", "ann@acme.example", None, "bob@acme.example")
    with database.write() as conn:
        Store(conn).people.put(ann)
        Store(conn).people.put(replace(ann, account_id="acc-ann"))
    with database.read() as conn:
        assert Store(conn).people.all() == {ann.key: replace(ann, account_id="acc-ann")}


def test_a_step_fires_once_for_a_record_and_due_version(database: Database) -> None:
    with database.write() as conn:
        store = Store(conn)
        for n in (1, 2):
            store.records.add(request(n))
        assert store.steps.add(uid(1), 1, "T+1", AT)
        assert not store.steps.add(uid(1), 1, "T+1", AT)
        assert store.steps.add(uid(1), 2, "T+1", AT)
    with database.read() as conn:
        fired = Store(conn).steps.fired([uid(1), uid(2)])
    assert fired == {uid(1): frozenset({(1, "T+1"), (2, "T+1")}), uid(2): frozenset()}
