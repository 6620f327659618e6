"""Where a webhook is kept: stored raw, and the keys it points at marked as due, in one commit."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from mappings.records import LinkRole
from sync.database import Database
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, mark
from webhooks.hints import Hint


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery as it came. `delivery_id` is the same on each repetition."""

    delivery_id: str
    fingerprint: str
    """A hash that only the same body, sent for the same change, has."""
    body: bytes
    received_at: datetime


@dataclass(frozen=True)
class Inbox:
    """One sender's part of the register: which of a record's counterparts its ids name, and which poll finds the rest.

    `spaces` are the keys of the spaces Tieout keeps pages in; None for a sender that knows none."""

    database: Database
    sender: str
    roles: tuple[LinkRole, ...]
    poll_key: str
    spaces: Collection[str] | None = None

    def keep(self, delivery: Delivery, hint: Hint) -> bool:
        """Store the delivery and mark what it points at; False when it was here before, and then nothing is done.

        Raises StoreTrouble when nothing could be kept."""
        with self.database.write() as conn:
            store = Store(conn)
            is_new = store.deliveries.add(
                self.sender, delivery.delivery_id, delivery.fingerprint, delivery.body, delivery.received_at
            )
            if is_new:
                keys = self._keys(store, hint)
                mark(conn, keys, lane=LIVE, facets=hint.facets)
        return is_new

    def _keys(self, store: Store, hint: Hint) -> list[str]:
        """The records behind the ids; and the poll, for what may be ours and is not known yet."""
        known = store.links.by_remote(self.roles, hint.ids)
        keys = sorted({record_key(uid) for owners in known.values() for uid, _ in owners})
        has_unknown = hint.is_vague or len(known) < len(hint.ids)
        return [*keys, self.poll_key] if has_unknown and self._may_be_ours(hint) else keys

    def _may_be_ours(self, hint: Hint) -> bool:
        """Whether a poll could find it: polls see issues with our label, and pages of our spaces."""
        if self.spaces is not None and hint.space is not None and hint.space not in self.spaces:
            return False
        return hint.has_our_label is not False
