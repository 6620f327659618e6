"""`tieout evidence verify`: every kept file is read, and what is not as it was collected is told by its name."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mappings.records import Evidence, Side
from sync.database import open_database
from sync.migrations import upgrade
from sync.store import Store
from sync.vault import Vault
from webhooks.cli import tieout
from webhooks.wiring import Wiring

from .doors import UID, add_request
from .mapping_files import GOOD


class Company:
    """A register with two pieces of evidence, and the folder they are kept in."""

    def __init__(self, folder: Path) -> None:
        (folder / "tieout.toml").write_text(GOOD)
        self.root = folder / "evidence"
        self.environ = {
            "TIEOUT_CONFIG": str(folder / "tieout.toml"),
            "TIEOUT_DATABASE_URL": f"sqlite:///{folder}/tieout.db",
            "TIEOUT_EVIDENCE_DIR": str(self.root),
        }
        database, vault = open_database(self.environ["TIEOUT_DATABASE_URL"]), Vault(self.root)
        upgrade(database)
        add_request(database)
        for number, content in enumerate((b"who,role\n", b"the policy\n")):
            kept = vault.take_in(iter([content]))
            item = Evidence(
                uid=f"{number}", request=UID, task=None, file_name=f"file-{number}.csv", version=1, sha256=kept.sha256,
                size=kept.size, media_type="text/csv", collector="ann", collected_at=datetime(2026, 1, 1, tzinfo=UTC),
                side=Side.JIRA, source_id=f"{number}",
            )  # fmt: skip
            with database.write() as conn:
                Store(conn).evidence.add(item)
        database.dispose()

    def file(self, number: int) -> Path:
        return sorted(self.root.glob("??/??/*"), key=lambda path: path.stat().st_size)[number]

    def verify(self) -> Result:
        return CliRunner().invoke(tieout, ["evidence", "verify"], obj=Wiring(self.environ, io.StringIO()))


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def test_whole_evidence_is_said_to_be_whole(company: Company) -> None:
    told = company.verify()
    assert (told.exit_code, told.output) == (0, "The evidence is whole: 2 files.\n")


def test_a_changed_file_a_missing_one_and_a_stranger_are_each_named_and_end_with_1(company: Company) -> None:
    changed, missing = company.file(0), company.file(1)
    changed.chmod(0o640)
    changed.write_bytes(b"who,r0le\n")
    missing.unlink()
    (changed.parent / "notes.txt").touch()
    told = company.verify()
    assert told.exit_code == 1
    assert f"changed: file-0.csv version 1, SHA-256 {changed.name}" in told.output
    assert f"missing: file-1.csv version 1, SHA-256 {missing.name}" in told.output
    assert "notes.txt" in told.output
    assert "in 3 of its files: restore them from a backup" in told.output
