"""What can go wrong on a far side, sorted by what the caller does next.

`connector` raises these, `sync` acts on them; neither knows the other. Messages say what was asked, what came back
and, where a person must act, what to do. They never carry a secret.
"""

from __future__ import annotations


class FarSideError(Exception):
    """Any trouble on Jira's or Confluence's side."""


class TryLater(FarSideError):
    """Nothing was done; the same call may work later (connection refused, 5xx before anything was read)."""

    def __init__(self, message: str, *, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


class Throttled(TryLater):
    """429: nothing was done, and no attempt is spent. `after_s` is what the site asked for."""

    def __init__(self, message: str, *, after_s: float, reason: str = "") -> None:
        super().__init__(message, after_s=after_s)
        self.reason = reason


class Unclear(FarSideError):
    """A write whose outcome is unknown (time-out, dropped connection, 5xx): look before doing it again."""


class ReadAgain(FarSideError):
    """409: somebody else wrote in between. Read, decide and render again."""


class Refused(FarSideError):
    """A permanent no (400, 413, 422): the same call will never work. `fields` names what the site complained of."""

    def __init__(self, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class Gone(FarSideError):
    """404: not there, or not visible to Tieout's account."""


class Forbidden(FarSideError):
    """403: there, but Tieout's account may not do this. A person must grant it."""


class SignInFailed(FarSideError):
    """401: the token is wrong, expired or revoked. Everything for this site waits until it is mended."""
