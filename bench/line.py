"""One measured thing beside the least that is possible and what is promised."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.floors import Floor


@dataclass(frozen=True)
class Line:
    what: str
    measured: str
    promised: str = ""
    is_kept: bool | None = None
    """None for what is only reported."""
    facts: Mapping[str, float] = field(default_factory=dict)
    """The same as numbers, for the file."""
    floor: Floor | None = None
    ratio: float | None = None
    """Measured to floor."""
    has_machine_in_it: bool = False
    """A time: shown beside what is promised, and never a reason to fail."""

    @property
    def verdict(self) -> str:
        if self.is_kept is None:
            return ""
        if self.has_machine_in_it:
            return "ok" if self.is_kept else "slow"
        return "ok" if self.is_kept else "MISS"
