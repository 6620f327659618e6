"""One measured thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    what: str
    measured: str
    promised: str
    is_kept: bool | None
    """None for what is only reported."""
    facts: Mapping[str, float] = field(default_factory=dict)
    """The same as numbers, for `results/latest.json`."""
