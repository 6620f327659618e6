from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from sync import journal
from sync.database import Database
from sync.journal import Entry, Finding, Head, append, entries, head, verify

from .values import AT

ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"])


def say(db: Database, *whats: str, record: str | None = "r1") -> None:
    with db.write() as conn:
        for what in whats:
            append(conn, who="ann", what=what, record=record, before={"a": 1}, after=None, why="asked", at=AT)


def check(db: Database, kept: Head | None = None) -> Finding | None:
    with db.read() as conn:
        return verify(conn, kept)


def current(db: Database) -> Head:
    with db.read() as conn:
        return head(conn)


def tamper(db: Database, *statements: str) -> None:
    with db.write() as conn:
        for statement in statements:
            conn.execute(sa.text(statement))


def test_an_entry_comes_back_as_it_was_said(database: Database) -> None:
    berlin = datetime(2026, 3, 2, 10, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    before = {"due_on": date(2026, 3, 1), "criteria": ("CC6.1",), "labels": frozenset({"b", "a"}), "half": "\ud83d"}
    with database.write() as conn:
        append(conn, who="ann", what="status", record="r1", before=before, after="open", why="ä\0", at=berlin)
    with database.read() as conn:
        (entry,) = entries(conn)
    expected_before = {"due_on": "2026-03-01", "criteria": ["CC6.1"], "labels": ["a", "b"], "half": "\ud83d"}
    assert entry == Entry(
        n=1,
        at=berlin.astimezone(UTC),
        who="ann",
        what="status",
        record="r1",
        before=expected_before,
        after="open",
        why="ä�",
        previous="0" * 64,
        hash=entry.hash,
    )
    assert check(database) is None


def test_an_empty_journal_is_in_order(database: Database) -> None:
    assert check(database) is None
    assert current(database) == Head(0, "0" * 64)


def test_an_entry_stays_or_goes_with_its_transaction(database: Database) -> None:
    def fails() -> None:
        with database.write() as conn:
            append(conn, who="ann", what="lost", record=None, before=None, after=None, why="", at=AT)
            raise KeyError

    say(database, "one")
    with pytest.raises(KeyError):
        fails()
    say(database, "two")
    with database.read() as conn:
        assert [(each.n, each.what) for each in entries(conn)] == [(1, "one"), (2, "two")]
    assert check(database) is None


def test_entries_are_read_by_record_and_page(database: Database) -> None:
    say(database, "1", "2")
    say(database, "3", record="r2")
    say(database, "4")
    with database.read() as conn:
        assert [each.what for each in entries(conn, "r1")] == ["1", "2", "4"]
        assert [each.what for each in entries(conn, after=1, limit=2)] == ["2", "3"]


def test_values_under_names_of_secrets_are_cut(database: Database) -> None:
    settings = {
        "api_token": "s3cret",
        "jira": {"Password": "s3cret", "user": "ann"},
        "list": [{"authorization": "s3cret"}],
    }
    with database.write() as conn:
        append(conn, who="ann", what="settings", record=None, before=settings, after=settings, why="", at=AT)
    with database.read() as conn:
        (entry,) = entries(conn)
        stored = " ".join(conn.execute(sa.text("SELECT before || after FROM journal")).scalars())
    assert entry.after == {
        "api_token": "[cut]",
        "jira": {"Password": "[cut]", "user": "ann"},
        "list": [{"authorization": "[cut]"}],
    }
    assert "s3cret" not in stored


COLUMNS = ["at", "who", "what", "record", "before", "after", "why", "previous", "hash"]


@pytest.mark.parametrize("column", COLUMNS)
def test_one_changed_character_in_any_column_is_found(database: Database, column: str) -> None:
    say(database, "one", "two", "three")
    tamper(database, f'UPDATE journal SET "{column}" = "{column}" || \' \' WHERE n = 2')
    assert check(database) == Finding(2, check(database).reason)  # type: ignore[union-attr]  # the next line tells
    tamper(database, f'UPDATE journal SET "{column}" = rtrim("{column}") WHERE n = 2')
    assert check(database) is None


def test_a_record_taken_off_an_entry_is_found(database: Database) -> None:
    say(database, "one")
    tamper(database, "UPDATE journal SET record = NULL")
    assert check(database) == Finding(1, "it was changed after it was written")


@ON_SQLITE
@pytest.mark.parametrize("spoilt", ["CAST(x'ff' AS TEXT)", "x'616e6e'", "7"])
def test_a_byte_that_is_no_text_any_more_is_found(database: Database, spoilt: str) -> None:
    say(database, *(str(n) for n in range(1, 8)))
    tamper(database, f"UPDATE journal SET why = {spoilt} WHERE n = 5")
    found = check(database)
    assert found is not None
    assert found.n == 5


COPY_LAST = "SELECT 6, at, who, what, record, before, after, why, previous, hash FROM journal WHERE n = 5"
TAMPERINGS = {
    "first gone": (["DELETE FROM journal WHERE n = 1"], 1),
    "middle gone": (["DELETE FROM journal WHERE n = 3"], 3),
    "tail cut": (["DELETE FROM journal WHERE n = 5"], 5),
    "all gone": (["DELETE FROM journal"], 1),
    "closed up": (["DELETE FROM journal WHERE n = 3", "UPDATE journal SET n = n - 1 WHERE n > 3"], 3),
    "swapped": ([f"UPDATE journal SET n = {new} WHERE n = {old}" for old, new in ((2, 99), (3, 2), (99, 3))], 2),
    "added": ([f"INSERT INTO journal {COPY_LAST}"], 6),
    "head moved": (["UPDATE journal_head SET n = 4"], 5),
    "head gone": (["DELETE FROM journal_head"], 1),
}


@pytest.mark.parametrize(("statements", "n"), TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_entries_that_are_missing_moved_or_added_are_found(database: Database, statements: list[str], n: int) -> None:
    say(database, "1", "2", "3", "4", "5")
    tamper(database, *statements)
    found = check(database)
    assert found is not None
    assert found.n == n


def test_a_tail_cut_together_with_the_head_is_found_by_a_head_kept_elsewhere(database: Database) -> None:
    say(database, "1", "2", "3")
    kept = current(database)
    tamper(
        database,
        "DELETE FROM journal WHERE n = 3",
        "UPDATE journal_head SET n = 2, hash = (SELECT hash FROM journal WHERE n = 2)",
    )
    assert check(database) is None, "nothing inside the database can tell"
    assert check(database, kept) == Finding(3, "3 entries were there when the head was kept, there are 2")


def test_a_journal_written_anew_is_found_by_a_head_kept_elsewhere(database: Database) -> None:
    say(database, "1", "2")
    kept = current(database)
    say(database, "3")
    assert check(database, kept) is None
    tamper(database, "DELETE FROM journal", "DELETE FROM journal_head")
    say(database, "1", "another", "3")
    assert check(database) is None
    found = check(database, kept)
    assert found is not None
    assert found.n == 2


def test_a_journal_longer_than_a_page_is_read_to_its_end(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_PAGE", 3)
    say(database, *(str(n) for n in range(1, 11)))
    assert check(database) is None
    tamper(database, "UPDATE journal SET who = 'mallory' WHERE n = 10")
    assert check(database) == Finding(10, "it was changed after it was written")


def test_writers_at_once_make_one_chain(database: Database, open_again: Callable[[], Database]) -> None:
    def write(db: Database, name: str) -> None:
        for n in range(15):
            say(db, f"{name}-{n}", f"{name}-{n}'")

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(write, open_again(), f"w{n}") for n in range(4)]:
            each.result(60)
    assert check(database) is None
    assert current(database).n == 120
    with database.read() as conn:
        whats = [each.what for each in entries(conn, limit=500)]
    assert all(second == f"{first}'" for first, second in zip(whats[::2], whats[1::2], strict=True))
