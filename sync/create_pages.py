"""Evidence pages are made, or found where an earlier attempt made them. Titles are unique in a space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from mappings.actions import CreatePage
from mappings.errors import FarSideError, Refused, Unclear
from mappings.far import PageView
from mappings.page_words import said_by_page
from mappings.records import Link, LinkRole, LinkState, Value

from .database import Database
from .intents import Intents, check_settled, keep, look_again
from .sites import Sites
from .store import Store

CLOCKS_DISAGREE = timedelta(minutes=10)
"""By how much the site's clock may be behind ours."""
MADE = 1
"""The version of a page that nobody has written to since it was made."""
TRIES = "tries"
"""In the page's base of an intent: every field as each of the tries said it."""


class PageCreator:
    """Makes pages and keeps each link as soon as its page exists; `keep_alive` as for `Intents`."""

    def __init__(self, db: Database, sites: Sites, keep_alive: Callable[[], None]) -> None:
        self._db = db
        self._confluence = sites.confluence
        self._keep_alive = keep_alive
        self._intents = Intents(db, keep_alive)

    def page(self, action: CreatePage) -> None:
        """Make a request's evidence page, or find the one an earlier attempt made."""
        intent, began_at = self._begin(action)
        page = self._begun_page(action, intent, began_at) if began_at else None
        if page is not None:
            self._keep(intent, action, page, is_found=True)
        elif action.is_wanted:
            self._make(self._intents.wait_anew([_begun(intent, action)])[0] if began_at else intent, action)
        else:
            self._intents.withdraw([intent])

    def _make(self, intent: Link, action: CreatePage) -> None:
        self._keep_alive()
        try:
            page, is_found = self._confluence.create(action.draft), False
        except Unclear:
            self._intents.wait_anew([intent])
            raise
        except FarSideError as error:
            self._intents.withdraw([intent])
            # An earlier try may have taken effect at last: then it is our own page that has the title.
            own = self._own_page(action, intent) if isinstance(error, Refused) else None
            if own is None:
                raise
            page, is_found = own, True
        self._keep(intent, action, page, is_found=is_found)

    def _begun_page(self, action: CreatePage, intent: Link, began_at: datetime) -> PageView | None:
        """The page of an earlier try: people may have given it another title by now, so it is known by what it says.

        Of several it is the oldest: the others are somebody's copies of it."""
        made = self._confluence.made_since(began_at - CLOCKS_DISAGREE, action.draft.space_id)
        pages = [page for page in made if action.record in page.body]
        return pages[-1] if pages else self._own_page(action, intent)

    def _own_page(self, action: CreatePage, intent: Link) -> PageView | None:
        """The page of the title it was begun with or has now; Refused when what has this one is somebody else's."""
        for title in dict.fromkeys((intent.key or action.draft.title, action.draft.title)):
            page = self._confluence.find(action.draft.space_id, title)
            if page is not None and action.record in page.body:
                return page
            if page is not None and title == action.draft.title:
                told = f"a page titled {title!r} that Tieout did not write is in the space"
                raise Refused(f"{told}: rename it, then replay")
        return None

    def _begin(self, action: CreatePage) -> tuple[Link, datetime | None]:
        """Keep the intent. With it when an earlier try began, so long ago that its outcome can be known."""
        record = action.record
        with self._db.write() as conn:
            store, now = Store(conn), self._db.now(conn)
            kept = store.links.of([record]).get((record, LinkRole.PAGE))
            if kept is None or kept.intent_at is None:
                link = kept or Link(record, LinkRole.PAGE, LinkState.PENDING)
                intent = _begun(replace(link, intent_at=now), action)
                store.links.put(intent)
                return intent, None
        check_settled(kept.intent_at, now)
        return kept, kept.intent_at

    def _keep(self, intent: Link, action: CreatePage, page: PageView, *, is_found: bool) -> None:
        link = replace(
            intent,
            state=LinkState.LIVE,
            remote_id=page.id,
            key=page.title,
            url=page.url,
            remote_version=page.version,
        )
        link = _found(link, page) if is_found else link
        said = {field: value for field, value in link.base_theirs.items() if field != TRIES}
        self._keep_alive()
        with self._db.write() as conn:
            keep(conn, replace(link, base_theirs=said), action.reason, self._db.now(conn))
            if is_found:
                look_again(conn, action.record)


def _begun(intent: Link, action: CreatePage) -> Link:
    """With what the page is about to say, its title among it, beside what it would have said by earlier tries."""
    draft = action.draft
    said = said_by_page(draft.title, draft.body)
    tries = tuple(sorted(_tries(intent) | {_told(field, value) for field, value in said.items()}))
    return replace(intent, key=draft.title, base_ours=action.said, base_theirs={**said, TRIES: tries})


def _tries(intent: Link) -> frozenset[str]:
    tries = intent.base_theirs.get(TRIES)
    return frozenset(tries if isinstance(tries, tuple) else ())


def _told(field: str, value: Value) -> str:
    return f"{field}: {value}"


def _found(link: Link, page: PageView) -> Link:
    """Of several tries nobody knows which one made the page. In its first version all that it says is Tieout's; later
    what any of the tries said is, and the rest is people's. Whether it says what it should is looked at, and not
    remembered from what was begun."""
    begun = {name: value for name, value in link.base_ours.items() if name != "rendered"}
    said, tries = said_by_page(page.title, page.body), _tries(link)
    ours = {field: value for field, value in said.items() if page.version == MADE or _told(field, value) in tries}
    return replace(link, remote_version=MADE, base_ours=begun, base_theirs={**link.base_theirs, **ours})
