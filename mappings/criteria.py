"""The Trust Services Criteria: their ids, our own short titles, and how an auditor's spelling of them is read.

The AICPA's text of the criteria is theirs and does not stand here; the ids are those of TSP section 100 (2017).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

SECURITY = "Security"
AVAILABILITY = "Availability"
CONFIDENTIALITY = "Confidentiality"
PROCESSING_INTEGRITY = "Processing integrity"
PRIVACY = "Privacy"


@dataclass(frozen=True, slots=True)
class Criterion:
    id: str
    title: str
    """Our own words, a few of them."""
    category: str


@dataclass(frozen=True, slots=True)
class ParsedCriteria:
    """What a text names: `known` ids in the order of the criteria, each once, and the words that name none."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]


_TITLES = {
    SECURITY: {
        "CC1.1": "Integrity and ethics are lived",
        "CC1.2": "The board oversees independently",
        "CC1.3": "Structure and reporting lines",
        "CC1.4": "Hiring, training, keeping people",
        "CC1.5": "People answer for their duties",
        "CC2.1": "Information fit for use",
        "CC2.2": "Telling people inside",
        "CC2.3": "Telling people outside",
        "CC3.1": "Clear objectives",
        "CC3.2": "Risks found and weighed",
        "CC3.3": "Fraud considered",
        "CC3.4": "Changes that bring risk",
        "CC4.1": "Controls are watched",
        "CC4.2": "Weaknesses told and mended",
        "CC5.1": "Controls chosen against risk",
        "CC5.2": "Controls over technology",
        "CC5.3": "Policies put into practice",
        "CC6.1": "Logical access protected",
        "CC6.2": "Accounts given and taken away",
        "CC6.3": "Rights by role, least needed",
        "CC6.4": "Doors and data centres",
        "CC6.5": "Disposal of media and devices",
        "CC6.6": "Defence at the outer boundary",
        "CC6.7": "Data on the move",
        "CC6.8": "Malicious and unapproved software",
        "CC7.1": "Weak settings and flaws found",
        "CC7.2": "Anomalies noticed",
        "CC7.3": "Security events judged",
        "CC7.4": "Incidents handled",
        "CC7.5": "Recovery from incidents",
        "CC8.1": "Changes controlled",
        "CC9.1": "Business disruption softened",
        "CC9.2": "Vendors and partners",
    },
    AVAILABILITY: {
        "A1.1": "Capacity planned",
        "A1.2": "Backups and surroundings",
        "A1.3": "Recovery rehearsed",
    },
    CONFIDENTIALITY: {
        "C1.1": "Confidential data known and kept safe",
        "C1.2": "Confidential data destroyed",
    },
    PROCESSING_INTEGRITY: {
        "PI1.1": "What is processed is defined",
        "PI1.2": "Inputs complete and right",
        "PI1.3": "Processing complete and right",
        "PI1.4": "Outputs delivered right",
        "PI1.5": "Stored data complete and right",
    },
    PRIVACY: {
        "P1.1": "Privacy notice",
        "P2.1": "Choice and consent",
        "P3.1": "Collecting only what is meant",
        "P3.2": "Explicit consent where needed",
        "P4.1": "Use for the stated purpose",
        "P4.2": "How long data is kept",
        "P4.3": "Secure disposal",
        "P5.1": "People can see their data",
        "P5.2": "People can correct their data",
        "P6.1": "Disclosure with consent",
        "P6.2": "Record of disclosures",
        "P6.3": "Record of unauthorised disclosures",
        "P6.4": "Privacy promises of vendors",
        "P6.5": "Vendors report disclosures",
        "P6.6": "Breaches notified",
        "P6.7": "Account of data held and disclosed",
        "P7.1": "Data quality",
        "P8.1": "Privacy complaints and monitoring",
    },
}

CRITERIA: Mapping[str, Criterion] = MappingProxyType(
    {id_: Criterion(id_, title, category) for category, titles in _TITLES.items() for id_, title in titles.items()}
)
"""Every criterion by id, in the order of the criteria."""

_ORDER = {id_: place for place, id_ in enumerate(CRITERIA)}

_STANDARD = (
    r"(?<![a-z0-9])(?:aicpa|soc\s*2|tsc(?:[\s-]*2017)?|tsp(?:\s*100)?|trust services criteria)(?![a-z0-9])[\s_:-]*"
)
_ID = r"(CC|PI|A|C|P)[\s-]*0*(\d)\.0*(\d)"
_SINGLE = re.compile(rf"{_ID}(?![\d.]*\d)", re.IGNORECASE)
_RANGE = re.compile(rf"{_ID}\s*(?:-|to|through|thru)\s*(?:(?:(CC|PI|A|C|P)[\s-]*)?0*(\d)\.)?0*(\d)", re.IGNORECASE)
_BARE = re.compile(r"0*(\d)\.0*(\d)")
_LABEL = re.compile(r"\s*(?:[-:(]|\s)\s*[^\W\d]")
_SEPARATOR = re.compile(r"[,;/\n|&+]|\band\b", re.IGNORECASE)


def parse_criteria(text: str) -> ParsedCriteria:
    """The criteria that `text` names, in any usual spelling: `SOC2_CC6.3`, `cc 6.1`, `CC6.1-CC6.3`, `CC6.1, 6.2`.

    An id may carry its name behind it (`CC6.1 - Logical access`). Whatever names no criterion is `unknown`, as it came.
    """
    known: set[str] = set()
    unknown: list[str] = []
    letters = ""
    for part in _parts(text):
        ids = _ids(part, letters)
        known.update(ids)
        if ids:
            letters = re.sub(r"[\d.]", "", ids[-1])
        else:
            unknown.append(part)
    return ParsedCriteria(tuple(sorted(known, key=_ORDER.__getitem__)), tuple(dict.fromkeys(unknown)))


def _parts(text: str) -> Iterator[str]:
    """The pieces of `text` between separators, without the standard's name; ids apart by blanks alone are split too."""
    flat = re.sub(r"[‐-―−]", "-", unicodedata.normalize("NFKC", text))
    flat = re.sub(_STANDARD, "", flat, flags=re.IGNORECASE)
    for piece in _SEPARATOR.split(flat):
        part = piece.strip(" \t_:.()[]")
        while part:
            match = None if _RANGE.fullmatch(part) else _SINGLE.match(part)
            rest = part[match.end() :].strip() if match else ""
            if match and _SINGLE.match(rest):
                yield match.group()
                part = rest
            else:
                yield part
                part = ""


def _ids(part: str, letters: str) -> tuple[str, ...]:
    """The ids in one piece; `letters` are those of the id before it, for `CC6.1, 6.2`. Empty when it names none."""
    if match := _RANGE.fullmatch(part):
        return _between(*match.groups())
    if (match := _SINGLE.match(part)) and (match.end() == len(part) or _LABEL.match(part, match.end())):
        return _known(match.group(1), match.group(2), match.group(3))
    if letters and (match := _BARE.fullmatch(part)):
        return _known(letters, match.group(1), match.group(2))
    return ()


def _known(letters: str, group: str, number: str) -> tuple[str, ...]:
    id_ = f"{letters.upper()}{group}.{number}"
    return (id_,) if id_ in CRITERIA else ()


def _between(
    letters: str, group: str, number: str, to_letters: str | None, to_group: str | None, to: str
) -> tuple[str, ...]:
    first = _known(letters, group, number)
    last = _known(to_letters or letters, to_group or group, to)
    if not first or not last or letters.upper() != (to_letters or letters).upper():
        return ()
    return tuple(CRITERIA)[_ORDER[first[0]] : _ORDER[last[0]] + 1]
