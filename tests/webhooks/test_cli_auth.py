"""`tieout auth`: an OAuth app's consent, from the printed address to a site that is kept in step."""

import re
import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.connect import GATEWAY
from connector.oauth import AUTHORITY
from connector.sandbox.oauth import consent
from connector.sandbox.seed import BOT_EMAIL
from connector.sandbox.site import Site
from tests.webhooks.coordinators_desk import Run
from tests.webhooks.installation import LIST, RULES, Installation, acme

pytest.importorskip("cryptography", reason="cryptography is not here; `make install` brings it")

from sync.sealed import new_key

CLIENT, SECRET = "client-1", "the-secret-of-the-app"


@pytest.fixture
def site() -> Site:
    site = acme()
    site.oauth.secrets[CLIENT] = SECRET
    return site


@pytest.fixture
def run(site: Site, tmp_path: Path) -> Run:
    told = f'auth = "oauth"\ncloud_id = "{site.cloud_id}"\nclient_id = "{CLIENT}"'
    installation = Installation(
        tmp_path,
        site,
        RULES.replace(f'user = "{BOT_EMAIL}"', told),
        addresses=(AUTHORITY, GATEWAY),
        TIEOUT_OAUTH_CLIENT_SECRET=SECRET,
        TIEOUT_KEYS=new_key(),
    )
    assert installation.run("db", "upgrade").exit_code == 0
    return installation.run


def consented(site: Site, client_id: str = CLIENT) -> str:
    bot = site.account_by_email(BOT_EMAIL)
    assert bot is not None
    return consent(site, client_id, bot.account_id)


def test_a_pasted_code_signs_in_and_nothing_of_it_stands_in_the_register(run: Run, site: Site, tmp_path: Path) -> None:
    assert "tieout auth login" in run("check").output
    result = run("auth", "login", answer=consented(site) + "\n")
    assert result.exit_code == 0, result.output
    address = re.search(rf"{AUTHORITY}/authorize\S+", result.output)
    assert address is not None
    assert parse_qs(urlsplit(address[0]).query)["redirect_uri"] == ["http://localhost/"]
    check = run("check")
    assert (check.exit_code, "Both sites know Tieout" in check.output) == (0, True)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("tieout.db*"))
    tokens = [*site.oauth.access, *(grant.refresh for grant in site.oauth.grants)]
    assert tokens
    assert not any(token.encode() in kept for token in [*tokens, SECRET])


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("http://localhost/?code=x&state=of-another", "another login"),
        ("http://localhost/?error=access_denied&state=of-another", "another login"),
        ("code-that-nobody-gave", "the code was not taken"),
    ],
)
def test_what_does_not_come_from_this_login_is_refused(run: Run, pasted: str, said: str) -> None:
    result = run("auth", "login", answer=pasted + "\n")
    assert (result.exit_code, said in result.output) == (1, True)


def test_a_consent_for_another_site_is_refused_and_says_which(run: Run, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "tieout.toml"
    file.write_text(file.read_text().replace(site.cloud_id, "another-cloud"))
    result = run("auth", "login", answer=consented(site) + "\n")
    assert (result.exit_code, "another-cloud is not among" in result.output) == (1, True)
    assert site.base_url in result.output


def test_a_grant_that_was_taken_back_pauses_with_words_and_a_new_login_mends_it(run: Run, site: Site) -> None:
    run("auth", "login", answer=consented(site) + "\n")
    site.oauth.grants[0].is_revoked = True
    assert run("check").exit_code == 1
    run("auth", "login", answer=consented(site) + "\n")
    assert run("check").exit_code == 0


def test_a_refused_refresh_pauses_everything_with_one_alert_until_somebody_logs_in(
    run: Run, site: Site, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    run("import", str(tmp_path / "list.csv"), "--audit", "soc2")
    run("auth", "login", answer=consented(site) + "\n")
    site.oauth.grants[0].is_revoked = True
    with sqlite3.connect(tmp_path / "tieout.db") as register:
        register.execute("UPDATE sign_in SET ends_at = '2026-01-01 00:00:00.000000'")
    for _ in range(2):
        run("sync", "--yes")
    status = run("status").output
    assert status.count("tieout auth login") == 1
    assert not site.jira.issues
    run("auth", "login", answer=consented(site) + "\n")
    run("sync", "--yes")
    assert len(site.jira.issues) == 3
    assert "tieout auth login" not in run("status").output


def test_without_a_connection_by_oauth_there_is_nothing_to_log_in_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tieout.toml").write_text(RULES)
    assert 'auth = "oauth"' in run("auth", "login").output


def test_new_keys_are_new(run: Run) -> None:
    first, second = (run("auth", "new-key").output.strip() for _ in range(2))
    assert (len(first), first != second) == (44, True)
