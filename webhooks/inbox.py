"""Where webhooks are kept: stored raw, and the keys they point at marked as due, in one commit."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mappings.records import LinkRole
from sync.database import Database
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, mark
from webhooks.hints import Hint
from webhooks.together import Together


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery as it came. `delivery_id` is the same on each repetition."""

    delivery_id: str
    fingerprint: str
    """A hash that only the same body, sent for the same change, has."""
    body: bytes
    received_at: datetime
    hint: Hint


class Inbox:
    """One sender's part of the register: which of a record's counterparts its ids name, and which poll finds the rest.

    `spaces` are the keys of the spaces Tieout keeps pages in; None for a sender that knows none."""

    def __init__(
        self,
        database: Database,
        sender: str,
        roles: tuple[LinkRole, ...],
        poll_key: str,
        spaces: Collection[str] | None = None,
    ) -> None:
        self.sender = sender
        self._database = database
        self._roles = roles
        self._poll_key = poll_key
        self._spaces = spaces
        self._together: Together[Delivery, bool] = Together(self._keep_all)

    def keep(self, delivery: Delivery) -> bool:
        """Store the delivery and mark what it points at; False when it was here before, and then nothing is done.

        Returns after the commit, which it may share with others. Raises StoreTrouble when nothing could be kept."""
        return self._together.do(delivery)

    def _keep_all(self, deliveries: Sequence[Delivery]) -> list[bool]:
        with self._database.write() as conn:
            store = Store(conn)
            known = store.links.by_remote(self._roles, {id_ for each in deliveries for id_ in each.hint.ids})
            are_new = [self._add(store, delivery) for delivery in deliveries]
            for delivery, is_new in zip(deliveries, are_new, strict=True):
                if is_new:
                    mark(conn, self._keys(delivery.hint, known), lane=LIVE, facets=delivery.hint.facets)
        return are_new

    def _add(self, store: Store, delivery: Delivery) -> bool:
        return store.deliveries.add(
            self.sender, delivery.delivery_id, delivery.fingerprint, delivery.body, delivery.received_at
        )

    def _keys(self, hint: Hint, known: Mapping[str, Sequence[tuple[str, LinkRole]]]) -> set[str]:
        """The records behind the ids; and the poll, for what may be ours and is not known yet."""
        keys = {record_key(uid) for id_ in hint.ids for uid, _ in known.get(id_, ())}
        has_unknown = hint.is_vague or any(id_ not in known for id_ in hint.ids)
        return keys | {self._poll_key} if has_unknown and self._may_be_ours(hint) else keys

    def _may_be_ours(self, hint: Hint) -> bool:
        """Whether a poll could find it: polls see issues with our label, and pages of our spaces."""
        if self._spaces is not None and hint.space is not None and hint.space not in self._spaces:
            return False
        return hint.has_our_label is not False
