"""One measured thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    what: str
    measured: str
    promised: str
    is_kept: bool
