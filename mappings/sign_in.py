"""What an OAuth grant consists of, and which scopes Tieout asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

SCOPES = (
    "read:jira-work",
    "write:jira-work",
    "read:jira-user",
    "read:page:confluence",
    "write:page:confluence",
    "read:comment:confluence",
    "write:comment:confluence",
    "read:attachment:confluence",
    "write:attachment:confluence",
    "read:space:confluence",
    "read:task:confluence",
    "read:user:confluence",
    "offline_access",
)
"""What Tieout's calls need. Without `offline_access` there is no refresh token, and the sign-in ends after an hour."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gives: an access token, and a refresh token that is good for one more time."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lasts_s: float
    """How long the access token is good, from the answer on."""
