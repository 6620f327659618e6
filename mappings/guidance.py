"""What good evidence of each kind looks like, in two or three lines for somebody who has never seen an audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .records import EMPTY

OTHER: Final = "other"

GUIDANCE: Final[Mapping[str, tuple[str, ...]]] = {
    "population": (
        "The complete list for the whole period, straight from the system, not a selection and not retyped.",
        "Show that it is complete: the query or filter, the number of rows, who ran it and when.",
        "If there was nothing in the period, say so and attach the empty result of the same query.",
    ),
    "sample": (
        "One set of documents for each item the auditor selected, named by the item's number.",
        "Each must show who did what and when: request, approval and completion, with dates inside the period.",
        "If an item lacks a step, say so and why; do not fill it in afterwards.",
    ),
    "policy": (
        "The version that was in force in the period, with its number, its owner, and who approved it and when.",
        "If it changed during the period, attach each version. A link alone does not hold the wording still.",
    ),
    "configuration": (
        "A screenshot or export of the setting as it is, with the system's name, the date and who took it in view.",
        "Show the whole screen or file, not a cut-out, and say which systems it covers.",
        "Blank out secrets and personal data that are not asked for, and say that you did.",
    ),
    "walkthrough": (
        "One real case from beginning to end: who does each step, in which system, and what it leaves behind.",
        "Name somebody who can show it and answer questions, and attach what the case left at each step.",
    ),
    OTHER: (
        "Say what it is, which period it covers, where it comes from, who made it and when.",
        "Attach the original, whole and readable, and blank out secrets and personal data that are not asked for.",
    ),
}


def guidance_for(request_type: str, overrides: Mapping[str, tuple[str, ...]] = EMPTY) -> tuple[str, ...]:
    """The lines for a type of request, a company's own words first; an unknown type gets those for `other`."""
    kind = request_type.strip().casefold()
    own = {name.casefold(): lines for name, lines in overrides.items()}
    return tuple(own.get(kind) or GUIDANCE.get(kind) or own.get(OTHER) or GUIDANCE[OTHER])
