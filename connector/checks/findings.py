"""What a check found: its name, how much it matters, and what a person does about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """`error`: something will not work until it is mended. `warning`: it works less well, or not for long. `note`: good
    to know, nothing to do at once."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding; the texts have `{words}` that each finding fills in."""

    severity: Severity
    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know. `name` is stable: machines, alerts and docs/when-check-says.md go by it."""

    name: str
    severity: Severity
    what: str
    where: str
    why: str
    how_to_mend: str

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "is_error": self.is_error}
