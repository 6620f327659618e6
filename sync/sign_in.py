"""An OAuth sign-in that all workers share: one of them fetches new tokens, all use them.

A refresh token is good once, so the fetching is claimed in the database first; who comes second goes on with the access
token as long as it is good. It begins early enough for that. When the answer is lost the same refresh token is tried
again, which Atlassian allows for some minutes; when it is refused in the end, the sign-in is marked as ended, nobody
asks any more, and every call says what a person must do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, or_, select, update

from mappings.errors import SignInFailed, TryLater, Unclear
from mappings.sign_in import Tokens

from .database import Database, now
from .sealed import Box
from .tables import sign_in
from .upsert import Upsert

EARLY = timedelta(minutes=10)
"""So long before an access token ends the next one is fetched."""
LAST = timedelta(seconds=30)
"""So long before its end an access token is not used any more: the call has to arrive."""
CLAIMED_FOR = timedelta(seconds=45)
"""Longer than a call to the token endpoint may take. After a lost answer nobody tries again before it is over."""

_c = sign_in.c
_READ = select(sign_in).where(_c.name == bindparam("named"))
_CLAIM = (
    update(sign_in)
    .where(_c.name == bindparam("named"), _c.version == bindparam("read"))
    .where(or_(_c.claimed_until.is_(None), _c.claimed_until < bindparam("moment")))
    .values(claimed_until=bindparam("until"))
)
_KEEP = update(sign_in).where(_c.name == bindparam("named"), _c.version == bindparam("read"))
_PUT = Upsert(
    sign_in,
    ("name",),
    lambda old, new: {
        "sealed": new.sealed,
        "ends_at": new.ends_at,
        "version": old.c.version + 1,
        "claimed_until": None,
        "ended": "",
    },
)


@dataclass(frozen=True)
class SharedSignIn:
    """The sign-in called `name`. `refresh` trades a refresh token for the next tokens; `hide` is told each secret."""

    db: Database
    name: str
    box: Box
    refresh: Callable[[str], Tokens]
    hide: Callable[[str], None] = lambda _: None

    def keep(self, tokens: Tokens) -> None:
        """Begin anew with tokens that a person's consent brought."""
        with self.db.write() as conn:
            _PUT.run(conn, [{"name": self.name, "version": 1, "ended": "", **self._sealed(tokens, now(conn))}])

    def access_token(self) -> str:
        """An access token that is good now. SignInFailed says what a person must do; TryLater, that another worker is
        fetching one."""
        with self.db.read() as conn:
            row, moment = conn.execute(_READ, {"named": self.name}).first(), now(conn)
        if row is None:
            raise SignInFailed("nobody has signed in yet: run `tieout auth login`")
        kept = self._opened(row)
        if moment < row.ends_at - EARLY:
            return kept.access
        is_good = moment < row.ends_at - LAST
        if row.ended:
            if is_good:
                return kept.access
            raise SignInFailed(row.ended)
        if self._claim(row, moment):
            return self._fetched(row, kept, is_good=is_good)
        if is_good:
            return kept.access
        raise TryLater("another worker is fetching a new access token, or could not: it is tried again soon", after_s=2)

    def _claim(self, row: Row[tuple[object, ...]], moment: datetime) -> bool:
        asked = {"named": self.name, "read": row.version, "moment": moment, "until": moment + CLAIMED_FOR}
        with self.db.write() as conn:
            return conn.execute(_CLAIM, asked).rowcount == 1

    def _fetched(self, row: Row[tuple[object, ...]], kept: Tokens, *, is_good: bool) -> str:
        try:
            tokens = self.refresh(kept.refresh)
        except SignInFailed as refused:
            self._note(row, {"ended": str(refused)})
            if is_good:
                return kept.access
            raise
        except (Unclear, TryLater) as error:
            # The claim stays until its time is over, so that not every call asks again.
            if is_good:
                return kept.access
            raise TryLater(str(error), after_s=CLAIMED_FOR.total_seconds()) from error
        self.hide(tokens.access)
        self.hide(tokens.refresh)
        with self.db.write() as conn:
            changes = {**self._sealed(tokens, now(conn)), "version": row.version + 1, "claimed_until": None}
            conn.execute(_KEEP.values(changes), {"named": self.name, "read": row.version})
        return tokens.access

    def _note(self, row: Row[tuple[object, ...]], changes: dict[str, object]) -> None:
        with self.db.write() as conn:
            conn.execute(_KEEP.values(changes), {"named": self.name, "read": row.version})

    def _sealed(self, tokens: Tokens, moment: datetime) -> dict[str, object]:
        text = json.dumps({"access": tokens.access, "refresh": tokens.refresh})
        return {"sealed": self.box.seal(text), "ends_at": moment + timedelta(seconds=tokens.lasts_s)}

    def _opened(self, row: Row[tuple[object, ...]]) -> Tokens:
        kept = json.loads(self.box.open(row.sealed))
        self.hide(kept["access"])
        self.hide(kept["refresh"])
        return Tokens(kept["access"], kept["refresh"], 0)
