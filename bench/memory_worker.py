"""The process whose memory is measured: told on standard input where things are, it works and prints what it took."""

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bench.peak import peak_bytes
from connector.connect import connect_confluence, connect_jira
from mappings.rules import Rules
from sync.database import open_database
from sync.polls import Polls
from sync.retry import Retry
from sync.sites import Sites
from sync.sweep import Sweeps
from sync.vault import Vault
from sync.worker import Worker


class _Led(HTTPAdapter):
    """Leads calls for the site to the address where it is served."""

    def __init__(self, site: str, address: str) -> None:
        super().__init__()
        self._site, self._address = site, address

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = (request.url or "").replace(self._site, self._address, 1)
        return super().send(request, *args, **more)


def main() -> None:
    """Look at every record with all parts of its page, mirror what is not mirrored, and poll."""
    told = json.load(sys.stdin)
    session = requests.Session()
    session.trust_env = False
    session.mount(told["site"], _Led(told["site"], told["address"]))
    rules, now = Rules.model_validate_json(told["rules"]), datetime.fromisoformat(told["now"])
    jira = connect_jira(rules.jira, told["token"], session=session)
    sites = Sites(jira, connect_confluence(rules.confluence, told["token"], session=session), rules)
    db = open_database(told["database"], clock=lambda: now, is_durable=False)
    bare = peak_bytes()
    with tempfile.TemporaryDirectory() as folder:
        Sweeps(db, sites).everything()
        worker = Worker(db, sites, Vault(Path(folder)), name="bench", retry=Retry(), chance=lambda: 0.5)
        worker.run_until_quiet()
        polls = Polls(db, sites)
        polls.jira()
        polls.confluence()
        worker.run_until_quiet()
    print(json.dumps({"peak": peak_bytes(), "bare": bare}))


if __name__ == "__main__":
    main()
