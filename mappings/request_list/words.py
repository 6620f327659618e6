"""The words of lists for states, priorities and types of request. A word that is not here is never guessed at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from mappings.records import Priority, RequestStatus

from .synonyms import Column


def _table(lines: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({word: meaning for meaning, words in lines.items() for word in words.split("|")})


def word_key(text: str) -> str:
    """A word as it is compared: lower case, dashes and underscores as blanks, no full stop or brackets."""
    return " ".join(re.sub(r"[-_‐-―\s]+", " ", text.casefold().strip(" .!()[]")).split())


STATUSES = _table(
    {
        RequestStatus.DRAFT: "draft|pending|not sent|planned",
        RequestStatus.OPEN: (
            "open|new|outstanding|requested|sent|not started|to do|todo|assigned|needs evidence|not ready|no|false"
            "|past due|overdue|late"
        ),
        RequestStatus.IN_PROGRESS: "in progress|started|working|wip|pending client|partially submitted|partial",
        RequestStatus.NEEDS_CLARIFICATION: "needs clarification|question|on hold|blocked|waiting on auditor",
        RequestStatus.INTERNAL_REVIEW: "internal review|under internal review|in internal review",
        RequestStatus.SUBMITTED: (
            "submitted|provided|uploaded|delivered|received|prepared|ready for audit|audit ready|submitted to auditor"
            "|done|yes|true"
        ),
        RequestStatus.RETURNED: (
            "returned|rejected|needs revision|revision requested|changes requested|flagged|follow up|resubmit"
            "|additional info needed|incomplete"
        ),
        RequestStatus.ACCEPTED: "accepted|approved|audited|complete|completed|closed|satisfied|cleared",
        RequestStatus.NOT_APPLICABLE: "n/a|na|not applicable|not relevant|does not apply|dismissed",
        RequestStatus.WITHDRAWN: "withdrawn|cancelled|canceled|removed|void|deleted",
    }
)

_REVIEW_WORDS = ("in review", "under review", "ready for review")

STATUSES_BY_COLUMN: Mapping[Column, Mapping[str, str]] = MappingProxyType(
    {
        Column.STATUS: STATUSES,
        # The company's own word: whoever reviews is a colleague, and done is done by the owner.
        Column.INTERNAL_STATUS: MappingProxyType(
            {**STATUSES, **dict.fromkeys((*_REVIEW_WORDS, "done"), RequestStatus.INTERNAL_REVIEW.value)}
        ),
        # The auditor's word: what is in review there has been handed over.
        Column.AUDITOR_STATUS: MappingProxyType(
            {**STATUSES, **dict.fromkeys(_REVIEW_WORDS, RequestStatus.SUBMITTED.value)}
        ),
    }
)

PRIORITIES = _table(
    {
        Priority.HIGHEST: "critical|highest|p1|urgent|very high",
        Priority.HIGH: "high|p2|h",
        Priority.MEDIUM: "medium|normal|moderate|p3|med|m",
        Priority.LOW: "low|p4|l",
        Priority.LOWEST: "lowest|p5|very low",
    }
)

REQUEST_TYPES = _table(
    {
        "population": "population|pop|listing|list|full list|p",
        "sample": "sample|samples|selection|selections|testing|s",
        "policy": "policy|policies|document|documentation|procedure",
        "configuration": "configuration|config|screenshot|screenshots|setting|settings",
        "walkthrough": "walkthrough|walk through|inquiry|narrative|interview|meeting",
        "other": "other|report|log|ticket|general|misc|miscellaneous",
    }
)


def meaning(words: Mapping[str, str], text: str) -> str | None:
    """What a word means, or None. `2 - High` and `P2 (High)` are read where their parts do not contradict."""
    key = word_key(text)
    if key in words:
        return words[key]
    parts = [word_key(part) for part in re.split(r"[-:.()/–]+", text)]
    found = {words[part] for part in parts if part in words}
    rest = [part for part in parts if part and part not in words and not part.isdigit()]
    return found.pop() if len(found) == 1 and not rest else None
