"""Saying on a request's page whether its records are in step, apart from everything else that is written there.

It is work of its own, under a key of its own, because what it tells of is that the record's work does not get done.
Only the words about being in step are written, and only over a version that was taken in whole. Where the page itself
is what fails there is no other page to say it on: `tieout status` and `tieout request show` do.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from mappings.brakes import came_without_body
from mappings.context import Family
from mappings.errors import TryLater
from mappings.evidence_page import say_step
from mappings.far import PageView
from mappings.out_of_step import LONG, Trouble, sentence
from mappings.page_intake import version_read
from mappings.records import Link, LinkRole, LinkState

from . import journal
from .database import Database
from .planner import held_roles
from .scene import live, load_families
from .sites import Sites
from .store import Store
from .stuck import standings

WAITS_S = 60
"""How long to wait for the record's own run to take in what people wrote on the page."""


def troubles_of(conn: Connection, family: Family, now: datetime) -> list[Trouble]:
    """Those of a family's records that its page should not pass over."""
    records = {record.uid: record for record in family.records}
    return [
        Trouble(records[uid].number, records[uid].kind, standing.error, standing.failing_since, standing.is_dead)
        for uid, standing in standings(conn, records).items()
        if standing.failing_since and (standing.is_dead or now - standing.failing_since >= LONG)
    ]


class Teller:
    def __init__(self, db: Database, sites: Sites) -> None:
        self._db = db
        self._sites = sites

    def tell(self, uid: str) -> None:
        """Write the words on the page of the request `uid`, if they are others than it has. Raises what Confluence
        answers; TryLater where the page is not to be written just now."""
        with self._db.read() as conn:
            store, now = Store(conn), self._db.now(conn)
            family = load_families(store, [uid]).get(uid)
            link = live(store.links.of([uid]), uid, LinkRole.PAGE)
            if family is None or link is None:
                return
            said = step_said(link)
            wanted = sentence(troubles_of(conn, family, now), said)
            audit = family.request.audit
            is_held = LinkRole.PAGE in held_roles(store, [audit])[audit]
        if wanted == said:
            return
        if is_held:
            raise TryLater("Confluence is held: `tieout status` says by what", after_s=WAITS_S)
        self._write(link, wanted, now)

    def _write(self, link: Link, wanted: str, now: datetime) -> None:
        page = self._sites.confluence.fetch([link.remote_id or ""]).found.get(link.remote_id or "")
        if page is None:
            return  # its record's own run finds that out, and says it
        body = say_step(page.body, link.record, wanted, now)
        if body is None:
            self._remember(link, wanted, None)
            return
        if page.version > version_read(link) or came_without_body(page, link):
            raise TryLater("somebody wrote on the page, which is to be taken in first", after_s=WAITS_S)
        message = "Not in step" if wanted else "In step again"
        page = self._sites.confluence.update(
            page.id, title=page.title, body=body, version=page.version, message=message
        )
        self._remember(link, wanted, page)

    def _remember(self, link: Link, wanted: str, written: PageView | None) -> None:
        with self._db.write() as conn:
            store = Store(conn)
            there = store.links.of([link.record])[link.record, LinkRole.PAGE]
            if (there.state, there.remote_id) != (LinkState.LIVE, link.remote_id):
                return
            version = max(written.version if written else 0, there.remote_version)
            store.links.put(replace(there, remote_version=version, base_ours={**there.base_ours, "step": wanted}))
            if written is not None:
                why = "a record of it is not in step" if wanted else "all of it is in step again"
                now = self._db.now(conn)
                what, where = "page written", written.title
                journal.append(
                    conn, who="tieout", what=what, record=link.record, before=None, after=where, why=why, at=now
                )


def step_said(link: Link) -> str:
    """Why its page says that it is out of step; empty when it says that it is in step."""
    return str(link.base_ours.get("step") or "")
