"""How far each audit is, on its home page and the index pages below it, kept up to date where they were provisioned.

One call an hour where nothing changed: the pages are known by id. What is remembered of them is not touched here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from mappings.errors import Gone, ReadAgain
from mappings.evidence_page import Overview
from mappings.evidence_page.page import brought_up_to_date
from mappings.far import PageView
from mappings.provision import Made, ThingKind
from mappings.provision.pages import is_page_name, regions_of
from mappings.records import LinkRole, Person
from mappings.rules import AuditRule
from mappings.storage import NotStorage
from mappings.working_days import WorkCalendar

from .database import Database
from .planner import held_roles
from .ports import Confluence
from .sites import Sites
from .store import Store

log = logging.getLogger(__name__)


def overview_of(store: Store, key: str, audit: AuditRule, people: Mapping[str, Person], now: datetime) -> Overview:
    """The audit's requests as the register has them now."""
    requests = store.records.requests(key)
    return Overview(key, requests, WorkCalendar.of(audit).local_date(now), people, audit.provision.index_pages)


class Overviews:
    """The pages that say how far audits are."""

    def __init__(self, db: Database, sites: Sites) -> None:
        self._db, self._sites = db, sites

    def refresh(self) -> int:
        """Write those pages that say something older; returns how many. Those in the trash are left there."""
        with self._db.read() as conn:
            store = Store(conn)
            audits = self._sites.rules.audit
            held = {key for key, roles in held_roles(store, audits).items() if LinkRole.PAGE in roles}
            kept = [each for each in store.provisioned.all().values() if _is_kept(each)]
            made = {each.remote_id: each for each in kept if _audit_of(each) not in held}
            if not made:
                return 0
            people, now = self._sites.people(store.people.all()), self._db.now(conn)
            overviews = {
                key: overview_of(store, key, audits[key], people, now)
                for key in {_audit_of(each) for each in made.values()} & audits.keys()
            }
        pages = self._sites.confluence.fetch([id_ for id_ in made if id_ is not None]).found
        written = 0
        for id_, page in pages.items():
            overview = overviews.get(_audit_of(made[id_]))
            if overview is not None:
                written += _refreshed(self._sites.confluence, page, made[id_], audits[overview.audit_key], overview)
        return written


def _is_kept(made: Made) -> bool:
    return made.kind is ThingKind.PAGE and made.remote_id is not None and is_page_name(made.name)


def _audit_of(made: Made) -> str:
    return made.name.partition("/")[0]


def _refreshed(confluence: Confluence, page: PageView, made: Made, audit: AuditRule, overview: Overview) -> bool:
    regions = regions_of(made.name, audit, overview)
    if not any(name in page.body for name in regions):
        return False  # people took all of it away, or what has this id on another site is another page
    try:
        body = brought_up_to_date(page.body, regions)
        if body is None:
            return False
        confluence.update(page.id, title=page.title, body=body, version=page.version, message="Brought up to date")
    except (ReadAgain, Gone, NotStorage) as error:
        log.info("overview page not written", extra={"page": page.id, "reason": str(error)})
        return False
    return True
