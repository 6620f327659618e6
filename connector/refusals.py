"""What an answer that is not a success means for the caller: one place that sorts status codes into errors.

Words come from all shapes Atlassian uses: Jira's `errorMessages`/`errors`, Confluence v2's `errors[].title`,
Confluence v1's and the gateway's `message`. The law: after a write, whatever leaves its outcome open is `Unclear`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from mappings.errors import (
    FarSideError,
    Forbidden,
    Gone,
    ReadAgain,
    Refused,
    SignInFailed,
    Throttled,
    TryLater,
    Unclear,
)

DEFAULT_WAIT_S = 5.0
"""What Atlassian advises as the first wait where a 429 names none."""
LEAST_WAIT_S = 1.0
"""After a 429 that asks for no wait, or for one that is over by clocks that differ: it spends no attempt, so nothing
else would keep us from calling again and again."""
LONGEST_WAIT_S = 86_400.0
"""More than any quota takes to be filled again: what asks for more is a slip, and must not stop an audit for a year."""
MOST_WORDS = 500
LOGIN_FAILED = {"AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"}
LOGIN_PAGE = re.compile(r"id\.atlassian\.com|log[ -]?in|sign[ -]?in", re.IGNORECASE)


class SiteRefused(Refused):
    """A refusal with the body it came in, for calls that find more in it than words."""

    def __init__(self, message: str, *, fields: dict[str, str], body: object) -> None:
        super().__init__(message, fields=fields)
        self.body = body


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `body` is parsed JSON, or None where there is none; `text` is what stood there instead."""

    status: int
    headers: Mapping[str, str]
    """Without regard to case."""
    body: Any
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: `what` for messages (`PUT /rest/api/3/issue/{issue} on acme.atlassian.net`)."""

    what: str
    is_write: bool


def error_for(asked: Asked, reply: Reply) -> FarSideError | None:
    """The error an answer stands for, None for a success."""
    if is_anonymous(reply.headers):
        return _sign_in_failed(asked, reply)
    if 200 <= reply.status < 300:
        return _not_json(asked, reply) if reply.text else None
    if 300 <= reply.status < 400:
        return SignInFailed(_redirected(asked, reply))
    if reply.status >= 500 or reply.status == 408:
        return _no_answer(asked, f"{asked.what} answered {reply.status}{_colon(words(reply))}", wait_s(reply))
    return _client_error(asked, reply)


def is_anonymous(headers: Mapping[str, str]) -> bool:
    """Whether Jira says that it did not take our sign-in and answered as if nobody had asked."""
    return headers.get("X-Seraph-LoginReason", "").split(",")[0] in LOGIN_FAILED


def unanswered(asked: Asked, reason: str, *, sent: bool) -> FarSideError:
    """The error for a request that got no answer; `sent` false when it cannot have left."""
    if not sent:
        return TryLater(f"{asked.what} was not sent: {reason}")
    return _no_answer(asked, f"{asked.what} got no answer: {reason}", None)


def words(reply: Reply) -> str:
    """The site's own words on one line, empty when it said nothing."""
    said = list(_said(reply.body)) or [_title(reply.text)]
    return "; ".join(dict.fromkeys(" ".join(part.split()) for part in said if part))[:MOST_WORDS]


def fields_of(body: object) -> dict[str, str]:
    """What the site complained of, by field."""
    errors = body.get("errors") if isinstance(body, dict) else None
    return {str(name): str(said) for name, said in errors.items()} if isinstance(errors, dict) else {}


def wait_s(reply: Reply) -> float | None:
    """How long the site asked to wait, in seconds by its own clock; None when it did not say."""
    after = reply.headers.get("Retry-After")
    if after and after.strip().isdecimal():
        return min(float(after), LONGEST_WAIT_S)
    until = _moment(after) or _moment(reply.headers.get("X-RateLimit-Reset"))
    now = _moment(reply.headers.get("Date"))
    return min(max(0.0, (until - now).total_seconds()), LONGEST_WAIT_S) if until and now else None


def answered_at(reply: Reply) -> datetime | None:
    """When the site says it answered, to the second."""
    return _moment(reply.headers.get("Date"))


def _client_error(asked: Asked, reply: Reply) -> FarSideError:
    message = f"{asked.what} answered {reply.status}{_colon(words(reply))}"
    match reply.status:
        case 401:
            return _sign_in_failed(asked, reply)
        case 403:
            return Forbidden(f"{message} (Tieout's account lacks a permission here; an administrator must grant it)")
        case 404 if reply.body is None and reply.text:
            # A product says 404 in JSON. A web page with 404 comes from the edge (site suspended, wrong address)
            # and must not pass for a deleted object.
            return TryLater(f"{message} (a web page instead of JSON: is the site there, and its address right?)")
        case 410:
            # No object is answered for like this. An API that is to be taken away is, at first for some hours.
            return TryLater(f"{message} (the site takes this API away: is there a newer version of Tieout?)")
        case 404:
            unless = " (or Tieout's account may not do this there)" if asked.is_write else ""
            return Gone(message + unless)
        case 409:
            return ReadAgain(message)
        case 425:
            return TryLater(message)
        case 429:
            asked_s = wait_s(reply)
            after_s = DEFAULT_WAIT_S if asked_s is None else max(asked_s, LEAST_WAIT_S)
            return Throttled(message, after_s=after_s, reason=reply.headers.get("RateLimit-Reason", ""))
        case _:
            return SiteRefused(message, fields=fields_of(reply.body), body=reply.body)


def _sign_in_failed(asked: Asked, reply: Reply) -> SignInFailed:
    hint = "check user, token, its expiry and scopes, and that `auth` fits the kind of token"
    return SignInFailed(f"{asked.what} was not signed in ({reply.status}{_colon(words(reply))}): {hint}")


def _no_answer(asked: Asked, message: str, after_s: float | None) -> FarSideError:
    if asked.is_write:
        return Unclear(f"{message} (it may have been done: look before doing it again)")
    return TryLater(message, after_s=after_s)


def _not_json(asked: Asked, reply: Reply) -> FarSideError:
    if LOGIN_PAGE.search(reply.text):
        return SignInFailed(f"{asked.what} answered a login page: check user, token and address")
    return _no_answer(asked, f"{asked.what} answered {reply.status} without JSON{_colon(words(reply))}", None)


def _redirected(asked: Asked, reply: Reply) -> str:
    where = reply.headers.get("Location", "nowhere").split("?")[0]
    return f"{asked.what} was redirected to {where}: sign-in is needed there, or the site has another address now"


def _said(body: object) -> Iterator[str]:
    """Messages in a body, whichever shape it has, general ones first."""
    if not isinstance(body, dict):
        return
    for name in ("errorMessages", "message", "title", "detail", "translation"):
        yield from _texts(body.get(name))
    errors = body.get("errors")
    if isinstance(errors, dict):
        yield from (f"{name}: {text}" for name, text in errors.items())
    elif isinstance(errors, list):
        for error in errors:
            yield from _said(error.get("elementErrors", error) if isinstance(error, dict) else {"message": error})
    yield from _said(body.get("data"))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (str(part) for part in value)
    elif isinstance(value, dict):
        yield from _said(value)


def _title(text: str) -> str:
    found = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return found.group(1).strip() if found else text.strip()[:100]


def _colon(said: str) -> str:
    return f": {said}" if said else ""


def _moment(text: str | None) -> datetime | None:
    """An HTTP date or an ISO 8601 time as an aware datetime, None for anything else."""
    if not text:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
