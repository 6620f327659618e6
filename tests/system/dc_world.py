"""The company with its Jira on servers of its own; Confluence stays where it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.adapter import SandboxAdapter, WsgiApp
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_TOKEN
from connector.session import Habits
from mappings.rules import Auth, Connection, Flavour, Rules
from sync.database import Database
from sync.sites import Sites
from tests.system.world import World

JIRA = "https://jira.acme.example"


def user_name(email: str) -> str:
    return email.partition("@")[0]


def data_center(rules: Rules) -> Rules:
    """The mapping file with Jira on Data Center, where people of the company are known by user name."""
    people = tuple(
        person.model_copy(update={"account_id": user_name(person.email)})
        if person.email.endswith("acme.example")
        else person
        for person in rules.people
    )
    jira = Connection(url=JIRA, flavour=Flavour.DC, auth=Auth.PAT)
    return rules.model_copy(update={"jira": jira, "people": people})


class DcWorld(World):
    """A world whose Jira is `app`, a WSGI application."""

    def __init__(self, db: Database, clock: ManualClock, root: Path, app: WsgiApp, **audit_changes: Any) -> None:
        self._lines = [requests.Session() for _ in range(2)]  # Tieout's, which is signed in, and everybody else's
        for line in self._lines:
            line.mount(JIRA, SandboxAdapter(app))
        super().__init__(db, clock, root, routes=(), **audit_changes)

    def new_sites(self) -> Sites:
        self.rules = data_center(self.rules)
        habits = Habits(sleep=lambda _: None, jitter=lambda: 0.5)
        jira = connect_jira(self.rules.jira, BOT_TOKEN, session=self._lines[0], habits=habits)
        confluence = connect_confluence(self.rules.confluence, BOT_TOKEN, session=self.session, habits=habits)
        return Sites(jira, confluence, self.rules)

    def jira_call(self, email: str, method: str, path: str, **more: Any) -> Any:
        """One call to Jira by a person, with their personal access token."""
        headers = {"Authorization": f"Bearer {user_name(email)}", **more.pop("headers", {})}
        answer = self._lines[1].request(method, f"{JIRA}/rest/api/2{path}", headers=headers, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def issue(self, key: str) -> dict[str, Any]:
        fields: dict[str, Any] = self.jira_call("dana.kim@acme.example", "GET", f"/issue/{key}")["fields"]
        return fields

    def move(self, email: str, key: str, status: str) -> None:
        """By the transition that leads there."""
        offered = self.jira_call(email, "GET", f"/issue/{key}/transitions")["transitions"]
        way = next(way["id"] for way in offered if way["to"]["name"] == status)
        self.jira_call(email, "POST", f"/issue/{key}/transitions", json={"transition": {"id": way}})
