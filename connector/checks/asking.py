"""Asking what only administrators may: where the site says no, that is a note and no trouble."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from connector.checks.catalogue import found
from connector.checks.findings import Finding
from mappings.errors import Forbidden, Gone, SignInFailed

T = TypeVar("T")
CLOSED = (Forbidden, Gone, SignInFailed)
"""How sites say that something is for administrators: some with a 401, though the token is good (we are signed in)."""


class Asking:
    """Keeps what was not answered, each subject once."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._refused: dict[str, Finding] = {}

    def of_administrators(self, ask: Callable[[], T], subject: str, without: str) -> T | None:
        """The answer, or None where Tieout's account may not have it. `without` says what that means."""
        if subject in self._refused:
            return None
        try:
            return ask()
        except CLOSED as error:
            said = str(error).partition(" (")[0]  # without the advice to have it granted
            self._refused[subject] = found("not-asked", self._site, subject=subject, said=said, without=without)
            return None

    def notes(self) -> list[Finding]:
        return list(self._refused.values())
