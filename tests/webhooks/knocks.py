"""Requests for the doors' fuzzing: each knows by how it was made what the door may answer, whatever the door thinks.

What is said here of the answers is the law of the door's module, stated a second time and by other means.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from webhooks.door import LARGEST_BODY

from .doors import CONFLUENCE_SECRET, NEXT_SECRET, SECRET, SHARED_SECRET, sign
from .payloads import bases, damaged, dumped

SIGNING = {"jira": (SECRET, NEXT_SECRET), "confluence": (CONFLUENCE_SECRET,)}
OTHERS = (b"", b"\0", b"somebody else's secret", SECRET[:-1], b"\0" + SECRET, SECRET.upper(), SHARED_SECRET)
JSON = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Knock:
    """One request. `is_signed` is the truth about its signature, `is_fresh` that its time stamp was left alone."""

    door: str
    what: str
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = JSON
    method: str = "POST"
    is_signed: bool = False
    is_fresh: bool = False
    delivery_id: str | None = None
    """The id it came with, where that is one that a door takes."""

    def send(self, client: FlaskClient) -> int:
        headers = Headers(list(self.headers))
        path = f"/webhooks/{self.door}"
        answer = client.open(
            path, method=self.method, data=self.body, headers=headers, content_type=self.content_type, buffered=True
        )
        return answer.status_code


def refusal(knock: Knock) -> int | None:
    """The one status with which this request must be refused unread; None for what is to be taken."""
    media_type = (knock.content_type or "").partition(";")[0].strip().lower()
    if knock.method in NO_ROUTE_TAKES:
        return 405
    if len(knock.body) > LARGEST_BODY:
        return 413
    if knock.method != "POST":
        return 405
    if media_type != "application/json":
        return 415
    return None if knock.is_signed else 401


def _hmac(method: str, body: bytes, secret: bytes) -> str:
    return hmac.new(secret, body, method).hexdigest()


FORGERIES = (
    "no signature", "empty", "wrong secret", "of another door", "of another body", "near", "downgraded", "unkeyed",
    "sent twice", "under another name", "endless", "not ascii", "guessed shared secret",
)  # fmt: skip
GUESSES = ("", "guess", SHARED_SECRET.decode()[:-1], SHARED_SECRET.decode() + " x", "ÿ")


def _forgery(name: str, knock: Knock, chance: Random) -> list[tuple[str, str]]:
    """Headers of somebody who knows none of the door's secrets, or has only seen what was sent with them."""
    if name == "no signature":
        return []
    if name == "guessed shared secret":
        return [("X-Tieout-Secret", chance.choice(GUESSES))]
    if name == "sent twice":
        return [("X-Hub-Signature", _right(knock))] * 2
    if name == "under another name":
        return [(chance.choice(["X-Hub-Signature-256", "X-Hub-Signatur", "Authorization"]), _right(knock))]
    return [("X-Hub-Signature", _wrong(name, knock, chance))]


def _wrong(name: str, knock: Knock, chance: Random) -> str:
    match name:
        case "wrong secret":
            return sign(knock.body, chance.choice(OTHERS))
        case "of another door":
            return sign(knock.body, chance.choice(SIGNING["confluence" if knock.door == "jira" else "jira"]))
        case "of another body":
            return sign(knock.body + b" ", SIGNING[knock.door][0])
        case "near":
            return _near(knock, chance)
        case "downgraded":
            return _downgraded(knock, chance)
        case "unkeyed":
            return "sha256=" + hashlib.sha256(knock.body).hexdigest()
        case "endless":
            return "sha256=" + "a" * chance.choice([65, 1_000, 100_000])
        case "not ascii":
            return "sha256=" + "é\x80ÿ\xa0" * 16
        case _:
            return chance.choice(["", "sha256", "sha256=", "="])


def _right(knock: Knock) -> str:
    return sign(knock.body, SIGNING[knock.door][0])


def _near(knock: Knock, chance: Random) -> str:
    """The right signature, but for one thing."""
    method, _, digits = _right(knock).partition("=")
    at = chance.randrange(64)
    other = digits[:at] + ("0" if digits[at] != "0" else "1") + digits[at + 1 :]
    texts = (digits[:at], digits + digits[0], other, digits.upper() + "0", f" {digits}", f"{digits},", f'"{digits}"')
    return f"{method}={chance.choice(texts)}"


def _downgraded(knock: Knock, chance: Random) -> str:
    secret = SIGNING[knock.door][0]
    weak = chance.choice(["sha1", "md5", "sha224", "blake2s", "sha3_256"])
    named = chance.choice(["none", "SHA256", "sha-256", "hmac-sha256", "sha1", "sha512", " sha256", ""])
    return chance.choice(
        [f"{weak}={_hmac(weak, knock.body, secret)}", f"{named}={_hmac('sha256', knock.body, secret)}"]
    )


def signed(knock: Knock, chance: Random) -> Knock:
    """With a signature that is right, in one of the ways in which it can be."""
    secret, method = chance.choice(SIGNING[knock.door]), chance.choice(["sha256"] * 6 + ["sha384", "sha512"])
    header = ("X-Hub-Signature", f"{method}={_hmac(method, knock.body, secret)}")
    if knock.door == "confluence" and chance.random() < 0.2:
        header = ("X-Tieout-Secret", SHARED_SECRET.decode())
    if chance.random() < 0.2:
        header = (chance.choice([str.lower, str.upper])(header[0]), header[1])
    return replace(knock, headers=(*knock.headers, header), is_signed=True, what=f"{knock.what}, signed")


def forged(knock: Knock, chance: Random) -> Knock:
    name = chance.choice(FORGERIES)
    return replace(knock, headers=(*knock.headers, *_forgery(name, knock, chance)), what=f"{knock.what}, {name}")


ODD_IDS = ("", " ", "two words", "x" * 129, "x" * 10_000, "é", "a\tb", "'; drop table delivery; --", "\x7f", "d-1, d-1")
OTHER_TYPES = (
    None, "", "text/plain", "application/xml", "application/json-patch+json", "application/jsonp", "*/*", ";", "/",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "é/é", "application/json/x",
)  # fmt: skip
JSON_TYPES = (
    "application/json", "APPLICATION/JSON", "application/json;", "application/json; charset=latin-1",
    "application/json; charset=utf-16", 'application/json; boundary="', "application/json ;a=" + "b" * 5_000,
)  # fmt: skip
NO_ROUTE_TAKES = ("PROPFIND", "BREW")
METHODS = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", *NO_ROUTE_TAKES)


def with_odd_id(knock: Knock, chance: Random) -> Knock:
    return replace(knock, headers=(*knock.headers, ("X-Atlassian-Webhook-Identifier", chance.choice(ODD_IDS))))


def with_id(knock: Knock, chance: Random) -> Knock:
    given = f"d-{chance.randrange(10**9)}"
    return replace(knock, headers=(*knock.headers, ("X-Atlassian-Webhook-Identifier", given)), delivery_id=given)


def with_junk(knock: Knock, chance: Random) -> Knock:
    """Headers beside the point, or that promise of the body what is not so."""
    junk: tuple[Any, ...] = (
        (("Content-Encoding", "gzip"),),
        (("Content-Encoding", "deflate, br"), ("Accept-Encoding", "identity;q=0")),
        tuple((f"X-Junk-{number}", "y") for number in range(500)),
        (("Cookie", "a=" + "b" * 50_000),),
        (("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "gopher"), ("Host", "evil.example")),
        (("Range", "bytes=0-0,-1"), ("If-None-Match", "*"), ("X-HTTP-Method-Override", "DELETE")),
        (("X-Atlassian-Webhook-Retry", "é"), ("X-Atlassian-Webhook-Flow", "Tertiary")),
    )
    return replace(knock, headers=(*knock.headers, *chance.choice(junk)))


def new_knock(chance: Random) -> Knock:
    """Any request: two of three signed, so that most get to what is behind the signature."""
    door = chance.choice(["jira", "jira", "confluence"])
    if chance.random() < 0.1:
        knock = Knock(door, "as it comes", dumped(chance.choice(bases(door))), is_fresh=True)
    else:
        knock = Knock(door, *damaged(door, chance))
    knock = (with_odd_id if chance.random() < 0.1 else with_id)(knock, chance)
    if chance.random() < 0.15:
        knock = with_junk(knock, chance)
    if chance.random() < 0.15:
        knock = replace(knock, content_type=chance.choice(OTHER_TYPES + JSON_TYPES))
    if chance.random() < 0.05:
        knock = replace(knock, method=chance.choice(METHODS))
    return signed(knock, chance) if chance.random() < 0.66 else forged(knock, chance)


def replayed(old: Knock, chance: Random) -> Knock:
    """An earlier request again: as it was, under a new id, with a new body under its id, or at the other door."""
    plain = replace(old, headers=(), is_signed=False, delivery_id=None)
    if not old.is_signed or chance.random() < 0.3:
        return replace(old, what=f"again: {old.what}")
    if chance.random() < 0.4:
        return signed(with_id(replace(plain, what="again under a new id"), chance), chance)
    if chance.random() < 0.5 and old.delivery_id:
        header = ("X-Atlassian-Webhook-Identifier", old.delivery_id)
        again = Knock(old.door, "another body under its id", old.body + b" ", (header,), delivery_id=old.delivery_id)
        return signed(again, chance)
    other = "confluence" if old.door == "jira" else "jira"
    kept = tuple(header for header in old.headers if header[0].lower() != "x-tieout-secret")
    return replace(old, door=other, headers=kept, is_signed=False, what=f"at the other door: {old.what}")
