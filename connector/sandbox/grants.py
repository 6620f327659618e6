"""What people let apps do on a site: grants, with the tokens that they come as."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

LEEWAY_S = 600.0
"""So long a refresh token that was used is taken once more."""


@dataclass(eq=False)
class Grant:
    """What one person let one app do. `used` are refresh tokens with when they were traded in."""

    client_id: str
    account_id: str
    refresh: str = ""
    used: dict[str, datetime] = field(default_factory=dict)
    is_revoked: bool = False


@dataclass(eq=False)
class OAuthDesk:
    """The apps of a site, and what was given to them."""

    secrets: dict[str, str] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)
    access: dict[str, tuple[Grant, datetime]] = field(default_factory=dict)
    leeway_s: float = LEEWAY_S
