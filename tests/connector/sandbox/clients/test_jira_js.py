"""`jira.js` (npm) goes through `day.mjs`; it checks every answer against schemas of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from tests.connector.sandbox.clients.conftest import Served

LIBRARY = Path(sys.prefix) / "node" / "node_modules" / "jira.js" / "dist" / "index.js"
OLDEST_NODE = 20


def node() -> str:
    """The node to run; skips where there is none, or it is too old, or the library is not there."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no node on this machine")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30).stdout
    if int(said.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        pytest.skip(f"node {said.strip()} is too old for jira.js")
    if not LIBRARY.is_file():
        pytest.skip(f"jira.js is not installed: npm install --prefix {sys.prefix}/node jira.js")
    return found


def test_a_days_work_in_javascript(served: Served) -> None:
    script = Path(__file__).with_name("day.mjs")
    command = [node(), str(script), str(LIBRARY), served.url, BOT_EMAIL, BOT_TOKEN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr[-3000:]
