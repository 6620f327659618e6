"""Brakes: a side that shows most of its objects gone or emptied is left alone, whole, until a person has looked.

While a brake is pulled nothing is written to its side, nothing there is taken for gone, and what says nothing is not
taken in. What the side does say is, and the other side goes on. Time alone releases no brake. See
`docs/decisions/0006-brakes.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mappings.brakes import (
    FEW,
    RECENTLY,
    SIDES,
    Sign,
    brake_name,
    came_without_body,
    is_too_many,
    issue_says_nothing,
    page_says_nothing,
    told,
)
from mappings.errors import TryLater
from mappings.records import Link, LinkRole, LinkState
from mappings.strangers import without_strangers

from . import journal
from .database import Database
from .facets import ALL
from .keys import record_key
from .scene import FarSides
from .sites import Sites
from .store import Brake, Store
from .work import SWEEP, mark

LOOKS_AT = 100
"""How many others of a side are looked at when one of it is gone: one call."""

Links = Mapping[tuple[str, LinkRole], Link]
Suspects = dict[tuple[LinkRole, Sign], list[Link]]


@dataclass(frozen=True, slots=True)
class Affected:
    """What a brake is about, as a side shows it now."""

    brake: Brake
    links: tuple[Link, ...]
    there: int
    """How many counterparts should be there in all."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A side that shows too much of it gone or emptied, and whose brake is not pulled yet."""

    role: LinkRole
    sign: Sign
    links: tuple[Link, ...]
    there: int

    @property
    def name(self) -> str:
        return brake_name(self.role, self.sign)

    @property
    def text(self) -> str:
        return told(self.role, self.sign, [link.key or link.remote_id or "" for link in self.links], self.there)


class Brakes:
    """Pulls them, looks whether they may be released, and releases them."""

    def __init__(self, db: Database, sites: Sites) -> None:
        self._db = db
        self._sites = sites

    def believed(self, links: Links, far: FarSides) -> FarSides:
        """What of `far` may be taken in. Pulls a brake when too much of a side is gone or says nothing.

        One that is gone has a hundred others of its side looked at, so that no run is too small to see it."""
        with self._db.read() as conn:
            brakes = Store(conn).brakes.all()
        believed, broken = self._judged(links, far, brakes)
        for each in broken:
            self._pull(each)
        self._forgive(links, far, brakes)
        return believed

    def foreseen(self, links: Links, far: FarSides) -> tuple[FarSides, list[Broken]]:
        """The same for a plan: with what would be pulled, and nothing is."""
        with self._db.read() as conn:
            brakes = Store(conn).brakes.all()
        return self._judged(links, far, brakes)

    def _judged(self, links: Links, far: FarSides, brakes: Mapping[str, Brake]) -> tuple[FarSides, list[Broken]]:
        suspects = _suspects(links.values(), far, brakes)
        pulled = {name for name, brake in brakes.items() if brake.is_pulled}
        new = [
            broken
            for (role, sign), found in suspects.items()
            if brake_name(role, sign) not in pulled and (broken := self._broken(role, sign, found, brakes)) is not None
        ]
        pulled |= {each.name for each in new}
        held = {key: found for key, found in suspects.items() if brake_name(*key) in pulled}
        return _without_blanks(_without(far, held), links), new

    def _broken(self, role: LinkRole, sign: Sign, found: list[Link], brakes: Mapping[str, Brake]) -> Broken | None:
        with self._db.read() as conn:
            store, now = Store(conn), self._db.now(conn)
            there = store.links.counts().get((role, LinkState.LIVE), 0)
            lately = _lately(store, role, now) if sign is Sign.GONE else 0
            others = [link for link in store.links.live(role, LOOKS_AT) if link not in found]
        if not is_too_many(len(found) + lately, there + lately):
            looked = {(link.record, link.role): link for link in others}
            found = found + _suspects(others, self._fetch(role, looked), brakes).get((role, sign), [])
        return Broken(role, sign, tuple(found), there) if is_too_many(len(found) + lately, there + lately) else None

    def _fetch(self, role: LinkRole, links: Links) -> FarSides:
        ids = [link.remote_id for link in links.values() if link.remote_id]
        if not ids:
            return FarSides()
        if role is LinkRole.ISSUE:
            issues = without_strangers(self._sites.jira.fetch(ids), links.values())
            troubles = {id_: TryLater(why) for id_, why in issues.unread.items()}
            missing = {(LinkRole(role), id_): why for id_, why in issues.missing.items()}
            return FarSides(issues=issues.found, missing=missing, troubles=troubles)
        pages = without_strangers(self._sites.confluence.fetch(ids), links.values())
        return FarSides(pages=pages.found, missing={(role, id_): why for id_, why in pages.missing.items()})

    def _pull(self, broken: Broken) -> None:
        name, text, found = broken.name, broken.text, broken.links
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            before = store.brakes.all().get(name)
            if before is not None and before.is_pulled:
                return
            ids = tuple(sorted(link.remote_id or "" for link in found))
            store.brakes.put(
                Brake(name, broken.role, broken.sign, ids, text, now, spared=before.spared if before else ())
            )
            store.alerts.raise_once(f"brake:{name}", text, now)
            _journal(
                conn, "tieout", f"brake {name} pulled", None, [link.key or link.remote_id for link in found], text, now
            )

    def _forgive(self, links: Links, far: FarSides, brakes: Mapping[str, Brake]) -> None:
        """What was spared and says something again is spared no more."""
        there = [
            link
            for link in links.values()
            if link.remote_id in (far.issues if link.role is LinkRole.ISSUE else far.pages)
        ]
        bare = _suspects(there, far, {})
        for brake in brakes.values():
            silent = {link.remote_id for link in bare.get((brake.role, brake.sign), ())}
            well = {link.remote_id for link in there if link.role is brake.role} - silent
            if well & set(brake.spared):
                with self._db.write() as conn:
                    now_ = Store(conn).brakes.all()[brake.name]
                    Store(conn).brakes.put(replace(now_, spared=tuple(id_ for id_ in now_.spared if id_ not in well)))

    def look_again(self, role: LinkRole) -> None:
        """Release what holds a side that shows its objects again; say again what still holds it."""
        with self._db.read() as conn:
            brakes = Store(conn).brakes.all()
        for brake in brakes.values():
            if brake.role is role and brake.is_pulled:
                self._look_again(brake)

    def _look_again(self, brake: Brake) -> None:
        with self._db.read() as conn:
            live = {link.remote_id: link for link in Store(conn).links.live(brake.role)}
        some = [live[id_] for id_ in brake.seen if id_ in live][:LOOKS_AT]
        far = self._fetch(brake.role, {(link.record, link.role): link for link in some})
        left = _suspects(some, far, {}).get((brake.role, brake.sign), [])
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            held = store.brakes.all()[brake.name]
            if not held.is_pulled:
                return
            if len(left) >= FEW or far.troubles:
                store.alerts.raise_once(f"brake:{brake.name}", brake.text, now)
                return
            self._let_go(conn, replace(held, released_at=now, released_by="tieout"), "the side shows its objects again")

    def affected(self, name: str) -> Affected | None:
        """What the pulled brake of that name is about, asked of the side now; None when none of that name is pulled."""
        with self._db.read() as conn:
            store = Store(conn)
            brake = store.brakes.all().get(name)
            if brake is None or not brake.is_pulled:
                return None
            live = store.links.live(brake.role)
        far = self._fetch(brake.role, {(link.record, link.role): link for link in live})
        found = _suspects(live, far, {}).get((brake.role, brake.sign), [])
        return Affected(brake, tuple(found), len(live))

    def release(self, affected: Affected, *, by: str, reason: str) -> bool:
        """On a person's word what is affected is meant to be so, from now on. False when somebody was faster."""
        ids = {link.remote_id or "" for link in affected.links}
        with self._db.write() as conn:
            now = self._db.now(conn)
            held = Store(conn).brakes.all()[affected.brake.name]
            if not held.is_pulled:
                return False
            spared = tuple(sorted(ids | set(held.spared)))
            self._let_go(conn, replace(held, released_at=now, released_by=by, spared=spared), reason)
        return True

    def _let_go(self, conn: Connection, released: Brake, why: str) -> None:
        """With everything of that side due: what was held is to be made up for."""
        store = Store(conn)
        store.brakes.put(released)
        store.alerts.clear(f"brake:{released.name}")
        what, at = f"brake {released.name} released", released.released_at
        _journal(conn, released.released_by, what, None, len(released.spared), why, at or self._db.now(conn))
        mark(conn, [record_key(uid) for uid in store.records.uids()], lane=SWEEP, facets=ALL)


def _suspects(links: Iterable[Link], far: FarSides, brakes: Mapping[str, Brake]) -> Suspects:
    """The live counterparts that are gone or say nothing, but for those that were spared."""
    found: Suspects = {}
    for link in links:
        sign = _sign(link, far)
        if sign is None:
            continue
        brake = brakes.get(brake_name(link.role, sign))
        if brake is None or link.remote_id not in brake.spared:
            found.setdefault((link.role, sign), []).append(link)
    return found


def _sign(link: Link, far: FarSides) -> Sign | None:
    id_ = link.remote_id or ""
    if link.state is not LinkState.LIVE or link.role not in SIDES:
        return None
    if (link.role, id_) in far.missing:
        return Sign.GONE
    issue = far.issues.get(id_) if link.role is LinkRole.ISSUE else None
    page = far.pages.get(id_) if link.role is LinkRole.PAGE else None
    if (issue and issue_says_nothing(issue, link)) or (page and page_says_nothing(page, link)):
        return Sign.EMPTIED
    return None


def _without(far: FarSides, held: Suspects) -> FarSides:
    """The same as if what is held had not been asked for."""
    ids = {(link.role, link.remote_id) for found in held.values() for link in found}
    return replace(
        far,
        issues={id_: issue for id_, issue in far.issues.items() if (LinkRole.ISSUE, id_) not in ids},
        pages={id_: page for id_, page in far.pages.items() if (LinkRole.PAGE, id_) not in ids},
        missing={key: why for key, why in far.missing.items() if key not in ids},
    )


def _without_blanks(far: FarSides, links: Links) -> FarSides:
    """With a trouble for each page that came blank though nobody changed it: written over, its text would be lost."""
    of_pages = [link for link in links.values() if link.role is LinkRole.PAGE and link.remote_id in far.pages]
    there = {link.record: (link, far.pages[link.remote_id or ""]) for link in of_pages}
    blank = {uid: page for uid, (link, page) in there.items() if came_without_body(page, link)}
    troubles = {
        uid: TryLater(f"page {page.id} came without its body, and nobody changed it") for uid, page in blank.items()
    }
    ids = {page.id for page in blank.values()}
    pages = {id_: page for id_, page in far.pages.items() if id_ not in ids}
    return replace(far, pages=pages, troubles={**far.troubles, **troubles}) if blank else far


def _lately(store: Store, role: LinkRole, now: datetime) -> int:
    """How many were detached not long ago and are so still."""
    return sum(
        alert.name.startswith("detached:") and alert.name.endswith(f":{role}") and now - alert.raised_at < RECENTLY
        for alert in store.alerts.current()
    )


def _journal(conn: Connection, who: str, what: str, before: object, after: object, why: str, at: datetime) -> None:
    journal.append(conn, who=who, what=what, record=None, before=before, after=after, why=why, at=at)
