"""Asking what the site may not answer: that is a note, and the rest is checked all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from connector.checks.catalogue import found
from connector.checks.findings import Finding
from mappings.errors import Forbidden, Gone, Refused, SignInFailed

T = TypeVar("T")
CLOSED = (Forbidden, Gone, SignInFailed)
"""How sites say that something is for administrators: some with a 401, though the token is good (we are signed in)."""


class Asking:
    """Keeps what was not answered, each subject once."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._refused: dict[str, Finding] = {}
        self.cut_short: list[str] = []
        """What was begun and not answered to the end, with the reason: nobody knows how it stands."""

    def of_administrators(self, ask: Callable[[], T], subject: str, without: str) -> T | None:
        """The answer, or None where Tieout's account may not have it. `without` says what that means."""
        if subject in self._refused:
            return None
        try:
            return ask()
        except CLOSED as error:
            self._refuse(subject, error, f"nothing need be done; {without}")
            return None

    def to_the_end(self, subject: str, findings: Iterator[Finding]) -> Iterator[Finding]:
        """The findings on a subject, as far as the site answers."""
        try:
            yield from findings
        except (Forbidden, Gone, Refused) as error:
            self.cut_short.append(f"{subject}: {error}")
            self._refuse(subject, error, "let Tieout's account see it; until then the rest of it is not checked")

    def _refuse(self, subject: str, error: Exception, mend: str) -> None:
        said = str(error).partition(" (")[0]  # without the advice to have it granted
        self._refused[subject] = found("not-asked", self._site, subject=subject, said=said, mend=mend)

    def notes(self) -> list[Finding]:
        return list(self._refused.values())
