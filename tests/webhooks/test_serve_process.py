"""`tieout serve` as a process: it starts, keeps a webhook, and ends cleanly when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sync.database import open_database
from sync.migrations import upgrade

from .doors import everything, sign
from .mapping_files import GOOD

SECRET = "a secret that is long enough"
COMMAND = [sys.executable, "-c", "from webhooks.cli import main; main()", "serve"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Settings of an installation whose sites do not answer."""
    nobody = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "tieout.toml").write_text(GOOD.replace("https://acme.atlassian.net", nobody))
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")},
        "TIEOUT_CONFIG": str(tmp_path / "tieout.toml"),
        "TIEOUT_DATABASE_URL": f"sqlite:///{tmp_path}/tieout.db",
        "TIEOUT_EVIDENCE_DIR": str(tmp_path / "evidence"),
        "TIEOUT_JIRA_TOKEN": "a-token-that-opens-nothing",
        "TIEOUT_JIRA_WEBHOOK_SECRETS": SECRET,
        "TIEOUT_LISTEN": f"127.0.0.1:{free_port()}",
    }


@pytest.fixture
def process(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    database = open_database(environ["TIEOUT_DATABASE_URL"])
    upgrade(database)
    database.dispose()
    with subprocess.Popen(COMMAND, env=environ, stderr=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


def wait_for(url: str, process: subprocess.Popen[str]) -> requests.Response:
    for _ in range(300):
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)  # another process: there is no clock of ours to turn
    raise AssertionError(f"{url} does not answer")


def test_a_served_webhook_is_kept_and_sigterm_ends_the_process_cleanly(
    process: subprocess.Popen[str], environ: dict[str, str]
) -> None:
    here = f"http://{environ['TIEOUT_LISTEN']}"
    assert wait_for(f"{here}/readyz", process).status_code == 200
    body = json.dumps({"timestamp": int(time.time() * 1000), "issue": {"id": "1"}}).encode()
    headers = {"Content-Type": "application/json", "X-Hub-Signature": sign(body, SECRET.encode())}
    assert requests.post(f"{here}/webhooks/jira", body, headers=headers, timeout=10).status_code == 202
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    lines = [json.loads(line) for line in log.splitlines()]
    assert any(line["event"] == "webhook" and line["outcome"] == "kept" for line in lines)
    assert SECRET not in log
    assert environ["TIEOUT_JIRA_TOKEN"] not in log
    database = open_database(environ["TIEOUT_DATABASE_URL"])
    rows = everything(database)
    database.dispose()
    assert len(rows["delivery"]) == 1
    assert [row for row in rows["work"] if row[10] is not None] == [], "no lease is left behind"


def test_an_address_in_use_ends_with_1_and_says_so(environ: dict[str, str]) -> None:
    database = open_database(environ["TIEOUT_DATABASE_URL"])
    upgrade(database)
    database.dispose()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ["TIEOUT_LISTEN"] = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = subprocess.run(COMMAND, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert f"cannot listen on {environ['TIEOUT_LISTEN']}" in ended.stderr
    assert "Traceback" not in ended.stderr
