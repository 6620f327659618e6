"""What a program beside the site has to say about one thing on it, for the panel at the side of the pages.

Nobody on a real site sees such a panel: it is for who plays all roles and wants to watch. Whoever serves the site may
set `Site.companion`; without one there is no panel.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class SideTold:
    """One side of what is mirrored: where it stands. `href` leads there, where it is on this site."""

    name: str
    says: str
    href: str | None = None
    agreed_at: datetime | None = None
    """When it was last made the same as the register, or found to be."""
    trouble: str = ""
    """Why it is not in step; empty when it is."""


@dataclass(frozen=True)
class Deed:
    """One line of what was done. `record` is the number of what it was done to."""

    at: datetime
    who: str
    record: str
    what: str
    why: str = ""


@dataclass(frozen=True)
class Report:
    """Everything for the panel. `agreed_at` is when the last of the sides came to agree; None while one does not."""

    program: str
    title: str
    sides: tuple[SideTold, ...]
    deeds: tuple[Deed, ...]
    """Newest first."""
    wanted: tuple[str, ...] = ()
    """What waits for a person, and how to settle it."""
    waiting: int = 0
    """How much is still to be done, of everything."""

    @property
    def is_in_step(self) -> bool:
        return not self.waiting and not any(side.trouble for side in self.sides)

    @property
    def agreed_at(self) -> datetime | None:
        times = [side.agreed_at for side in self.sides if side.agreed_at]
        return max(times) if times and self.is_in_step else None


Subject = Literal["issue", "page", "site"]
Companion = Callable[[Subject, str], Report | None]
"""From what is looked at, with the site's id of it, to the panel; None when it is none of the program's business."""
