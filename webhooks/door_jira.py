"""Jira's door: `POST /webhooks/jira`, signed. What it sends points at issues."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Blueprint

from mappings.records import LinkRole
from sync.database import Database
from sync.keys import POLL_JIRA
from webhooks.door import Door, Outcome, blueprint
from webhooks.hints import jira_hint
from webhooks.inbox import Inbox


def open_jira_door(
    database: Database, secrets: Sequence[bytes], now: Callable[[], datetime], count: Callable[[Outcome], None]
) -> Blueprint:
    """The door for admin webhooks that are signed with one of `secrets`."""
    inbox = Inbox(database, "jira", (LinkRole.ISSUE, LinkRole.ESCALATION_ISSUE, LinkRole.TWIN), POLL_JIRA)
    return blueprint("jira", Door(inbox, jira_hint, now, signing=secrets, count=count))
