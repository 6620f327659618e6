"""People as lists name them: an e-mail, a name with one behind it in (…) or <…>, or a bare name; one or several."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mappings.records import Person

_EMAIL = r"\w[^\s<>()\[\],;:\"'@]*@[^\s<>()\[\],;:\"'@]+\.[^\s<>()\[\],;:\"'@.]+"
_WITH_EMAIL = re.compile(
    rf"(?:(?P<name>[^<>()\[\]@]*?)(?:[\s,]*[<(\[]\s*|\s+))?(?:mailto:)?(?P<email>{_EMAIL})\s*[>)\]]?"
)
LONGEST = 200
"""Characters of a piece of text that may still be a person; longer ones are prose, and slow to look through."""

_LAST_FIRST = re.compile(r"([^\W\d]+(?:-[^\W\d]+)*), ?([^\W\d]+(?:-[^\W\d]+)*)(?=$|\s*[<(\[])")
_STRONG_SEPARATOR = re.compile(r"[;\n|]")
_SEPARATOR = re.compile(r"[,&]|\s/\s|\s+and\s+", re.IGNORECASE)
_NOBODY = re.compile(r"tb[dac]|n/?a|none|nobody|unassigned|unknown|\?+|to be (?:determined|confirmed|assigned)")


@dataclass(frozen=True, slots=True)
class ParsedPeople:
    """The people a cell names, first to last, and what a coordinator should know of how they were read."""

    people: tuple[Person, ...]
    remarks: tuple[str, ...] = ()


def person(name: str, email: str | None = None) -> Person:
    """A person by e-mail where there is one, else by name; see `Person.key`."""
    if email:
        return Person(key=email.lower(), name=name or email.lower(), email=email.lower())
    return Person(key=f"name:{name.casefold()}", name=name)


def is_nobody(text: str) -> bool:
    """Whether `text` says that nobody is named yet: TBD, N/A, unassigned."""
    return _NOBODY.fullmatch(text.casefold().strip(" .()")) is not None


def known_names(people: Iterable[Person]) -> Mapping[str, Person]:
    """People with an e-mail by name, those alone whose name nobody else has."""
    by_name: dict[str, dict[str, Person]] = {}
    for one in people:
        if one.email and one.name != one.email:
            by_name.setdefault(one.name.casefold(), {})[one.key] = one
    return {name: next(iter(found.values())) for name, found in by_name.items() if len(found) == 1}


def parse_people(text: str, known: Mapping[str, Person]) -> ParsedPeople:
    """The people in a cell. `known` (see `known_names`) gives a bare name its e-mail."""
    chunks = [chunk.strip() for chunk in _STRONG_SEPARATOR.split(text.replace('"', "")) if chunk.strip()]
    people: list[Person] = []
    remarks: list[str] = []
    for chunk in chunks:
        whole = _last_name_first(chunk, known)
        if whole and (whole.email or len(chunks) > 1):
            people.append(whole)
            continue
        pieces = [piece.strip() for piece in _SEPARATOR.split(chunk) if re.search(r"\w", piece)]
        people += [_one(piece, known) for piece in pieces if len(piece) <= LONGEST]
        if whole:
            remarks.append(f"'{chunk}' may be one person, last name first; it is read as two")
        if any(len(piece) > LONGEST for piece in pieces):
            remarks.append("A text too long for a name is left out")
    remarks = [f"'{one.name}' came without an e-mail" for one in people if not one.email] + remarks
    return ParsedPeople(tuple(dict.fromkeys(people)), tuple(dict.fromkeys(remarks)))


def _last_name_first(text: str, known: Mapping[str, Person]) -> Person | None:
    """The one person of `Berg, Tomas` or `Berg, Tomas <e-mail>`; None when the text is not built so."""
    match = _LAST_FIRST.match(text) if len(text) <= LONGEST else None
    return _one(f"{match.group(2)} {match.group(1)}{text[match.end() :]}", known) if match else None


def is_same(one: Person | None, other: Person | None) -> bool:
    """Whether two mean the same person: by e-mail, or by name where one of them has no e-mail."""
    if one is None or other is None:
        return one is other
    if one.email and other.email:
        return one.email.lower() == other.email.lower()
    return one.key == other.key or one.name.casefold() == other.name.casefold()


def _one(text: str, known: Mapping[str, Person]) -> Person:
    match = _WITH_EMAIL.fullmatch(text)
    if match:
        return person(" ".join((match["name"] or "").split()).strip("' -"), match["email"])
    name = " ".join(text.split()).strip("'")
    return known.get(name.casefold()) or person(name)
