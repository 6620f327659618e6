"""The auditor's list given back by the command line, and the journal's head beside it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from mappings.records import (
    Comment,
    Link,
    LinkRole,
    LinkState,
    Side,
    Visibility,
)
from sync import journal
from sync.database import Database
from sync.store import Store

from .coordinators_desk import (
    AT,
    TASK,
    UID,
    Run,
    change,
    last,
    refused,
)


@pytest.fixture
def handed_in(register: Database) -> Database:
    """R-001 was submitted, with a word to the auditor and a page."""
    change(register, UID, status="submitted")
    with register.write() as conn:
        store = Store(conn)
        store.links.put(Link(UID, LinkRole.PAGE, LinkState.LIVE, "2", url="https://acme.example/wiki/2"))
        store.comments.add(
            Comment("9" * 32, TASK, Side.JIRA, "c1", "acc-olga", "Olga", Visibility.AUDITOR, "=all users", AT)
        )
        store.comments.add(
            Comment("8" * 32, TASK, Side.JIRA, "c2", "acc-olga", "Olga", Visibility.INTERNAL, "not for you", AT)
        )
        moved = {"what": "status", "record": UID, "before": "internal_review", "after": "submitted"}
        journal.append(conn, who="acc-dana", why="", at=AT, **moved)
    return register


HEADINGS = ["ID", "Title", "Status", "Due", "Date submitted", "Evidence link", "Response", "Mood"]
ROWS = [["R-001", "=Access", "Open", "", "", "", "", "good"], ["R-077", "Else", "Open", "", "", "", "", ""]]


def test_the_auditors_list_goes_back_with_only_our_cells_changed(run: Run, handed_in: Database, tmp_path: Path) -> None:
    given, out = tmp_path / "list.csv", tmp_path / "back.csv"
    given.write_text("\n".join(",".join(row) for row in (HEADINGS, *ROWS)) + "\n")
    result = run("export", str(given), "-o", str(out))
    assert result.exit_code == 0, result.output
    assert out.read_bytes().decode("utf-8-sig").splitlines() == [
        ",".join(HEADINGS),
        "R-001,'=Access,Submitted,2099-12-14,2026-03-02,https://acme.example/wiki/2,'=all users,good",
        "R-077,Else,Open,,,,,",
    ]
    assert "not in the register, left as they are: R-077" in result.output
    assert "open in the register, not on this list: R-010" in result.output
    assert (last(handed_in, None).what, last(handed_in, None).after["cells"]) == ("list handed back", 5)
    refused(run("export", str(given), "-o", str(out)), "--overwrite")
    assert run("export", str(given), "-o", str(out), "--overwrite").exit_code == 0


def test_a_workbook_goes_back_as_a_workbook(run: Run, handed_in: Database, tmp_path: Path) -> None:
    given, out = tmp_path / "list.xlsx", tmp_path / "back.xlsx"
    workbook = openpyxl.Workbook()
    listed = workbook.active
    assert isinstance(listed, Worksheet)
    for row in (HEADINGS, *ROWS):
        listed.append([cell or None for cell in row])
    workbook.save(given)
    refused(run("export", str(given), "-o", str(tmp_path / "back.csv")), "name OUT with .xlsx")
    assert run("export", str(given), "-o", str(out)).exit_code == 0
    sheet = openpyxl.load_workbook(out).active
    assert isinstance(sheet, Worksheet)
    assert [sheet["C2"].value, sheet["G2"].value, sheet["C3"].value] == ["Submitted", "'=all users", "Open"]


def test_a_list_that_cannot_be_read_or_asks_is_not_written(run: Run, handed_in: Database, tmp_path: Path) -> None:
    given, out = tmp_path / "list.csv", tmp_path / "back.csv"
    given.write_text("ID,Title,Due\nR-001,Access,03/04/2026\n")
    refused(run("export", str(given), "-o", str(out)), "Answer with --date-order (dmy, mdy).")
    given.write_text("hello\nworld\n")
    refused(run("export", str(given), "-o", str(out)), "list.csv")
    (tmp_path / "list.json").write_text('[{"ID": "R-001", "Title": "Access"}]')
    refused(run("export", str(tmp_path / "list.json"), "-o", str(tmp_path / "back.json")), ".xlsx or .csv")
    assert not out.exists()


def test_the_journals_head_is_printed_to_be_kept_elsewhere(run: Run, register: Database) -> None:
    run("request", "due", "R-001", "2099-12-10")
    head = run("journal", "head").stdout.strip()
    assert head.split(":")[0] == "2"
    assert run("journal", "verify", "--head", head).exit_code == 0
