"""Secrets in files are rotated without a restart: what signs the next call, what opens a door, what is logged."""

import hashlib
import hmac
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from connector.sandbox.site import Site
from mappings.errors import SignInFailed
from sync.migrations import upgrade
from tests.webhooks.installation import RULES
from webhooks.secret_files import SecretFile, SecretsInFile, one_token, several
from webhooks.settings import SHORTEST_SECRET
from webhooks.wiring import Wiring

OLD, NEW = "the-old-secret-of-the-door", "the-new-secret-of-the-door"


def rotate(path: Path, content: str) -> None:
    """Replace a file at once, as whoever rotates secrets should."""
    fresh = path.with_suffix(".new")
    fresh.write_text(content)
    fresh.replace(path)


@pytest.fixture
def wire(site: Site, tmp_path: Path) -> Callable[..., Wiring]:
    """An installation whose mapping file may say more of a connection, and whose log is `wiring.log`."""

    def make(rules: str = RULES, **environ: str) -> Wiring:
        (tmp_path / "tieout.toml").write_text(rules)
        told = {"TIEOUT_CONFIG": str(tmp_path / "tieout.toml"), "TIEOUT_DATABASE_URL": f"sqlite:///{tmp_path}/t.db"}

        def new_session() -> requests.Session:
            session = requests.Session()
            session.mount(site.base_url, SandboxAdapter(create_app(site)))
            return session

        wiring = Wiring({**told, "TIEOUT_LOG_LEVEL": "DEBUG", **environ}, io.StringIO(), new_session=new_session)
        upgrade(wiring.unchecked_database)
        return wiring

    return make


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(BOT_TOKEN + "\n")
    return path


@pytest.mark.parametrize("named_in", ["the environment", "the mapping file"])
def test_a_rotated_token_is_used_from_the_next_call_on(
    wire: Callable[..., Wiring], site: Site, token_file: Path, named_in: str
) -> None:
    if named_in == "the environment":
        wiring = wire(TIEOUT_JIRA_TOKEN_FILE=str(token_file))
    else:
        wiring = wire(RULES.replace("user =", f'token_file = "{token_file}"\nuser ='))
    jira, confluence = wiring.new_clients()
    assert jira.whoami() == jira.whoami()
    site.account_by_email(BOT_EMAIL).token = "rotated-token"  # type: ignore[union-attr]  # it is seeded
    for client in (jira, confluence):
        with pytest.raises(SignInFailed):
            client.whoami()
    rotate(token_file, "rotated-token")
    assert jira.whoami().account_id == confluence.whoami().account_id
    log = wiring._log_stream.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    assert BOT_TOKEN not in log
    assert "rotated-token" not in log
    assert "secret file changed" in log


@pytest.mark.parametrize("broken", ["", "two words", "half\nwritten", None])
def test_a_file_that_is_wrong_for_a_while_leaves_the_token_as_it_was(token_file: Path, broken: str | None) -> None:
    file = SecretFile(token_file, one_token, lambda _: None)
    assert file.now() == (BOT_TOKEN,)
    if broken is None:
        token_file.unlink()
    else:
        rotate(token_file, broken)
    assert file.now() == (BOT_TOKEN,)
    rotate(token_file, "new-token")
    assert file.now() == ("new-token",)


def test_a_file_that_never_held_a_token_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(ValueError, match="no secret"):
        SecretFile(tmp_path / "empty", one_token, lambda _: None).now()
    with pytest.raises(FileNotFoundError):
        SecretFile(tmp_path / "none", one_token, lambda _: None).now()


def test_a_change_within_one_tick_of_the_clock_is_seen_by_the_files_own_number(token_file: Path) -> None:
    file = SecretFile(token_file, one_token, lambda _: None)
    file.now()
    found = token_file.stat()
    rotate(token_file, BOT_TOKEN[::-1] + "\n")
    os.utime(token_file, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert file.now() == (BOT_TOKEN[::-1],)


def test_every_secret_is_hidden_before_it_is_used(token_file: Path) -> None:
    hidden: list[str] = []
    file = SecretFile(token_file, one_token, hidden.append)
    assert file.now() == tuple(hidden)
    rotate(token_file, "next")
    assert file.now()[0] == hidden[-1]


def test_secrets_of_a_door_follow_their_file_and_none_may_be_short(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_text(f"{OLD}\n")
    secrets = SecretsInFile(SecretFile(path, lambda text: several(text, SHORTEST_SECRET), lambda _: None))
    rotate(path, f"{OLD}\n{NEW}\n")
    assert list(secrets) == [OLD.encode(), NEW.encode()]
    rotate(path, f"{NEW},short")
    assert list(secrets) == [OLD.encode(), NEW.encode()]
    rotate(path, NEW)
    assert (len(secrets), secrets[0]) == (1, NEW.encode())


def test_a_door_takes_the_new_secret_and_then_not_the_old_one(wire: Callable[..., Wiring], tmp_path: Path) -> None:
    path = tmp_path / "door"
    path.write_text(OLD)
    client = wire(TIEOUT_JIRA_WEBHOOK_SECRETS_FILE=str(path)).app.test_client()

    def knock(secret: str) -> int:
        body = b"{}"
        signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature": signed}
        return client.post("/webhooks/jira", data=body, headers=headers, content_type="application/json").status_code

    assert (knock(OLD), knock(NEW)) == (202, 401)
    rotate(path, f"{OLD}\n{NEW}")
    assert (knock(OLD), knock(NEW)) == (202, 202)
    rotate(path, NEW)
    assert (knock(OLD), knock(NEW)) == (401, 202)
