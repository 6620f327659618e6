"""The webhook door: what every delivery passes, in this order, before Tieout answers.

1. size (413), 2. method and type (405, 415), 3. signature over the raw bytes (401), 4. age of the body (400),
5. seen before: 200 and nothing, 6. stored raw and its keys marked in one commit: 202. When the store cannot keep it:
503, so that the sender tries again; a 4xx is answered only where trying again cannot help. What a body says is a hint
where to look and never data, so a doubled, late or reordered delivery can change nothing but the moment of a read.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flask import Blueprint, Request, Response, request

from sync.database import StoreTrouble
from webhooks.hints import Hint
from webhooks.inbox import Delivery, Inbox
from webhooks.signature import is_signed, knows_secret

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes. A recorded body of a busy issue has 13 kB. What is larger is refused unread, and the poll finds the change."""

OLDEST = timedelta(hours=24)
"""Jira repeats a delivery for about 75 minutes. What is older is a replay."""
FURTHEST_AHEAD = timedelta(minutes=5)
RETRY_AFTER_S = 30
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
DELIVERY_ID = re.compile(r"[!-~]{1,128}")

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How a delivery ended, for log and metrics."""

    KEPT = "kept"
    UNREADABLE = "kept_unreadable"
    SEEN = "seen_before"
    TOO_LARGE = "too_large"
    WRONG_METHOD = "wrong_method"
    WRONG_TYPE = "wrong_type"
    UNSIGNED = "unsigned"
    STALE = "stale"
    NOT_STORED = "not_stored"


STATUS = {
    Outcome.KEPT: 202,
    Outcome.UNREADABLE: 202,
    Outcome.SEEN: 200,
    Outcome.TOO_LARGE: 413,
    Outcome.WRONG_METHOD: 405,
    Outcome.WRONG_TYPE: 415,
    Outcome.UNSIGNED: 401,
    Outcome.STALE: 400,
    Outcome.NOT_STORED: 503,
}
HEADERS = {Outcome.WRONG_METHOD: {"Allow": "POST"}, Outcome.NOT_STORED: {"Retry-After": str(RETRY_AFTER_S)}}


@dataclass(frozen=True)
class Door:
    """One sender's door. `signing` are the secrets it signs with, `shared` those it sends as they are.

    `now` is the clock that a body's age is measured by; `count` is told each outcome."""

    inbox: Inbox
    hint: Callable[[bytes], Hint]
    now: Callable[[], datetime]
    signing: Sequence[bytes] = field(default=(), repr=False)
    shared: Sequence[bytes] = field(default=(), repr=False)
    largest_body: int = LARGEST_BODY
    count: Callable[[Outcome], None] = lambda _: None

    def __post_init__(self) -> None:
        secrets = (*self.signing, *self.shared)
        if not secrets or not all(secret.strip(b"\0") for secret in secrets):  # to an HMAC, NULs are the empty key
            raise ValueError("a door without a secret, or with an empty one, is open to anyone: expected a secret")

    def receive(self, sent: Request) -> Response:
        """Take one delivery and say what became of it. Answers with a word, and none about why a signature failed."""
        outcome, facts = self._received(sent)
        self.count(outcome)
        level = logging.WARNING if outcome is Outcome.NOT_STORED else logging.INFO
        log.log(level, "webhook", extra={"sender": self.inbox.sender, "outcome": outcome.value, **facts})
        return Response(outcome.value, STATUS[outcome], HEADERS.get(outcome), mimetype="text/plain")

    def _received(self, sent: Request) -> tuple[Outcome, dict[str, object]]:
        body = _read(sent, self.largest_body)
        if body is None:
            return Outcome.TOO_LARGE, {}
        if sent.method != "POST":
            return Outcome.WRONG_METHOD, {}
        if sent.mimetype != "application/json":
            return Outcome.WRONG_TYPE, {}
        if not self._is_from_sender(sent, body):
            return Outcome.UNSIGNED, {}
        hint, received_at = self.hint(body), self.now()
        delivery = _delivery(sent, body, hint, received_at)
        facts: dict[str, object] = {"delivery": delivery.delivery_id, "said": hint.event}
        if not _is_timely(hint, received_at):
            return Outcome.STALE, facts
        try:
            return self._kept(delivery), facts
        except StoreTrouble as trouble:
            return Outcome.NOT_STORED, facts | {"error": str(trouble)}

    def _is_from_sender(self, sent: Request, body: bytes) -> bool:
        is_signed_right = is_signed(body, sent.headers.get("X-Hub-Signature", ""), self.signing)
        return is_signed_right or knows_secret(sent.headers.get("X-Tieout-Secret", ""), self.shared)

    def _kept(self, delivery: Delivery) -> Outcome:
        if not self.inbox.keep(delivery):
            return Outcome.SEEN
        return Outcome.KEPT if delivery.hint.is_readable else Outcome.UNREADABLE


def blueprint(sender: str, door: Door) -> Blueprint:
    """The route of a door. It takes every method, as the size of what is sent is looked at before the method."""
    routes = Blueprint(f"door_{sender}", __name__)

    @routes.route(f"/webhooks/{sender}", methods=ALL_METHODS, provide_automatic_options=False)
    def receive() -> Response:
        return door.receive(request)

    return routes


def _read(sent: Request, largest: int) -> bytes | None:
    """The raw body, or None when it is larger than allowed. Never more is read, whatever the headers say."""
    if (sent.content_length or 0) > largest:
        return None
    pieces: list[bytes] = []
    left = largest + 1
    while left and (piece := sent.stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces) if left else None


def _delivery(sent: Request, body: bytes, hint: Hint, received_at: datetime) -> Delivery:
    """The delivery under the sender's id, which stays the same when it is repeated, and the fingerprint of its body.

    The id stands in an unsigned header, so a replay may change it; the body's time stamp makes its hash one of a kind.
    Where there is no time stamp (an automation rule, a hook that leaves the body out) the same few bytes come for
    every change: then the id counts, and without an id each delivery does."""
    header = sent.headers.get("X-Atlassian-Webhook-Identifier", "")
    given = header if DELIVERY_ID.fullmatch(header) else None
    fingerprint = hashlib.sha256(body).hexdigest()
    if hint.sent_at_ms is None:
        fingerprint = hashlib.sha256(f"{fingerprint} {given or received_at.isoformat()}".encode()).hexdigest()
    return Delivery(given or fingerprint, fingerprint, body, received_at, hint)


def _is_timely(hint: Hint, received_at: datetime) -> bool:
    """Whether a body is neither a replay from long ago nor from the future. One without a time stamp always is."""
    if hint.sent_at_ms is None:
        return True
    now_ms = received_at.timestamp() * 1000
    oldest, newest = now_ms - OLDEST / timedelta(milliseconds=1), now_ms + FURTHEST_AHEAD / timedelta(milliseconds=1)
    return oldest <= hint.sent_at_ms <= newest
