from __future__ import annotations

import errno
import os
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from sync.database import StoreTrouble
from sync.vault import Damaged, Kept, Vault

HELLO = sha256(b"hello world").hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "evidence"


@pytest.fixture
def vault(root: Path) -> Vault:
    return Vault(root)


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_file_is_kept_under_its_hash_and_comes_back(vault: Vault, root: Path) -> None:
    assert vault.take_in(iter([b"hello ", b"", b"world"])) == Kept(HELLO, 11)
    assert files(root) == [f"{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"]
    with vault.open(HELLO) as file:
        assert file.read() == b"hello world"
    assert vault.has(HELLO)
    assert not vault.has("0" * 64)


def test_an_empty_file_is_a_file(vault: Vault) -> None:
    kept = vault.take_in(iter([]))
    assert kept == Kept(sha256(b"").hexdigest(), 0)
    assert vault.has(kept.sha256)


def test_the_same_content_is_one_file(vault: Vault, root: Path) -> None:
    for pieces in ([b"hello world"], [b"hello", b" world"]):
        assert vault.take_in(iter(pieces)).sha256 == HELLO
    assert len(files(root)) == 1


def test_nobody_may_write_over_a_kept_file(vault: Vault, root: Path) -> None:
    vault.take_in(iter([b"hello world"]))
    assert (root / files(root)[0]).stat().st_mode & 0o777 == 0o440


def test_a_download_that_breaks_off_leaves_nothing(vault: Vault, root: Path) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"half of it"
        raise ConnectionError("reset by peer")

    with pytest.raises(ConnectionError):
        vault.take_in(breaks_off())
    assert files(root) == []


def test_a_full_disk_is_trouble_and_leaves_nothing(vault: Vault, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(dir: Path) -> tuple[int, str]:  # noqa: A002 the name mkstemp has for it
        (dir / "arriving").touch()
        return os.open("/dev/full", os.O_WRONLY), str(dir / "arriving")

    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(StoreTrouble, match="No space left"):
        vault.take_in(iter([b"hello world"]))
    assert files(root) == []


def test_a_file_that_did_not_reach_the_disk_is_not_kept(
    vault: Vault, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(StoreTrouble, match="Input/output error"):
        vault.take_in(iter([b"hello world"]))
    assert files(root) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "ab", HELLO.upper(), HELLO + "/x", "/" + HELLO, HELLO + "\n"])
def test_only_a_hash_is_ever_part_of_a_path(vault: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="expected a SHA-256 hash"):
        vault.open(name)


def test_a_file_that_is_not_there_is_said_to_be_missing(vault: Vault) -> None:
    with pytest.raises(Damaged, match="has no file 0000"):
        vault.open("0" * 64)


def test_a_file_that_was_changed_is_not_passed_on_as_what_it_was(vault: Vault, root: Path) -> None:
    vault.take_in(iter([b"hello world"]))
    path = root / files(root)[0]
    path.chmod(0o640)
    for content in (b"hello w0rld", b"hello worl", b"", b"hello world\0"):
        path.write_bytes(content)
        with pytest.raises(Damaged, match="was changed"):
            vault.open(HELLO)
    path.write_bytes(b"hello world")
    with vault.open(HELLO) as file:
        assert file.read() == b"hello world"


def test_a_folder_that_is_gone_is_trouble_and_not_damage(vault: Vault, root: Path) -> None:
    """A disk that is not mounted comes back, and nobody is to restore anything meanwhile."""
    vault.take_in(iter([b"hello world"]))
    root.rename(root.with_suffix(".aside"))
    with pytest.raises(StoreTrouble, match="not there"):
        vault.open(HELLO)
    with pytest.raises(StoreTrouble):
        vault.take_in(iter([b"more"]))
    assert not root.exists()
    root.with_suffix(".aside").rename(root)
    with vault.open(HELLO) as file:
        assert file.read() == b"hello world"


def test_a_file_system_that_is_read_only_is_trouble_and_leaves_nothing(
    vault: Vault, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(**_: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as disk:
        disk.setattr(tempfile, "mkstemp", read_only)
        with pytest.raises(StoreTrouble, match="Read-only"):
            vault.take_in(iter([b"hello world"]))
    assert files(root) == []


@pytest.mark.parametrize("call", ["fsync", "replace", "write"])
@pytest.mark.parametrize("times", range(1, 6))
def test_whatever_fails_on_the_way_a_file_is_there_whole_or_not_at_all(
    vault: Vault, root: Path, monkeypatch: pytest.MonkeyPatch, call: str, times: int
) -> None:
    """At each call to the disk in turn: what has its name is whole, and nothing half is left under any name."""
    left = [times]

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def fail_or_do(*arguments: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments, **named)

        return fail_or_do

    with monkeypatch.context() as disk:
        disk.setattr(os, call, failing(getattr(os, call)))
        disk.setattr(Path, "replace", failing(Path.replace) if call == "replace" else Path.replace)
        try:
            vault.take_in(iter([b"hello", b" ", b"world"]))
        except StoreTrouble:
            assert left[0] <= 0
        else:
            assert left[0] > 0, "an error was swallowed"
    assert files(root) in ([], [f"{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"])
    assert list(vault.verify()) == []
    vault.take_in(iter([b"hello world"]))
    assert list(vault.verify()) == []


def test_damage_is_found_and_mended_by_taking_the_file_in_again(vault: Vault, root: Path) -> None:
    vault.take_in(iter([b"hello world"]))
    vault.take_in(iter([b"another"]))
    assert list(vault.verify()) == []
    path = root / HELLO[:2] / HELLO[2:4] / HELLO
    path.chmod(0o640)
    path.write_bytes(b"hello w0rld")
    assert list(vault.verify()) == [HELLO]
    vault.take_in(iter([b"hello world"]))
    assert list(vault.verify()) == []


def test_strange_files_are_found(vault: Vault, root: Path) -> None:
    vault.take_in(iter([b"hello world"]))
    (root / HELLO[:2] / "note.txt").write_bytes(b"")
    assert list(vault.verify()) == [f"{HELLO[:2]}/note.txt"]


def test_what_a_killed_process_left_is_tidied_and_what_is_arriving_is_not(vault: Vault, root: Path) -> None:
    now = datetime.now(UTC)
    for name, age in (("old", timedelta(days=2)), ("arriving", timedelta(0))):
        path = root / "incoming" / name
        path.write_bytes(b"half")
        os.utime(path, ((now - age).timestamp(),) * 2)
    assert vault.tidy(now - timedelta(days=1)) == 1
    assert files(root) == ["incoming/arriving"]


def test_a_large_file_is_never_whole_in_memory(vault: Vault) -> None:
    piece = bytes(64 * 1024)
    tracemalloc.start()
    kept = vault.take_in(piece for _ in range(512))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept.size == 32 * 1024 * 1024
    assert peak < 1024 * 1024
