"""Confluence's door: `POST /webhooks/confluence`. What it sends points at pages.

Data Center signs as Jira does. The Cloud has no webhook of its own for an integration with an API token; there an
automation rule may send `{"pageId": "{{page.id}}"}` with a secret in the header `X-Tieout-Secret`. The door only
makes things sooner: everything is found by polling too.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from flask import Blueprint

from mappings.records import LinkRole
from sync.database import Database
from sync.keys import POLL_CONFLUENCE
from webhooks.door import Door, Outcome, blueprint
from webhooks.hints import confluence_hint
from webhooks.inbox import Inbox


def open_confluence_door(
    database: Database,
    signing: Sequence[bytes],
    shared: Sequence[bytes],
    spaces: Collection[str],
    now: Callable[[], datetime],
    count: Callable[[Outcome], None],
) -> Blueprint:
    """The door for what is signed with one of `signing` or sent with one of `shared`; `spaces` are the audits'."""
    inbox = Inbox(database, "confluence", (LinkRole.PAGE,), POLL_CONFLUENCE, frozenset(spaces))
    door = Door(inbox, confluence_hint, now, signing=signing, shared=shared, count=count)
    return blueprint("confluence", door)
