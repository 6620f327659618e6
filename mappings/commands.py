"""The commands that stand first in a comment: `accept`, `return: reason`, `due 2026-12-01` and the like.

Only exact forms count. A decision that nobody made is worse than one that has to be written again, so whatever could
be ordinary talk ("Accept my apologies", "Return to sender") is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from .typing_marks import typed_plainly


class Verb(StrEnum):
    ACCEPT = "accept"
    RETURN = "return"
    NOT_APPLICABLE = "not applicable"
    QUESTION = "question"
    ANSWER = "answer"
    DUE = "due"
    ESCALATE = "escalate"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"


@dataclass(frozen=True, slots=True)
class Command:
    """What a comment asks for. `text` is the reason, question or remark; `due_on` the date of a `due`, or the new one
    that a `return` ends with; `days` the working days of a `snooze`."""

    verb: Verb
    text: str = ""
    due_on: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class BadCommand:
    """Plainly meant as a command, but it cannot be carried out. `why` says how to write it."""

    verb: Verb
    why: str


HOW_TO_DECIDE: Final = (
    "To decide, write a comment on this page that begins with one of these words:",
    "accept – the evidence answers the request.",
    "return: reason – something is missing or wrong; a new date may follow on a line of its own, as due 2026-12-01.",
    "not applicable: reason – the request does not apply.",
    "question: … – ask the owner.",
    "answer: … – answer the owner's question, and the work goes on.",
    "due 2026-12-01 – set the date (year-month-day).",
    "escalate: reason – tell the coordinator and the owners now.",
)
"""For the evidence page, a line each; the first introduces the others."""

MOST_SNOOZED_DAYS: Final = 20

_VERBS: Final[Mapping[str, Verb]] = {
    "accept": Verb.ACCEPT,
    "accepted": Verb.ACCEPT,
    "return": Verb.RETURN,
    "returned": Verb.RETURN,
    "not applicable": Verb.NOT_APPLICABLE,
    "n/a": Verb.NOT_APPLICABLE,
    "na": Verb.NOT_APPLICABLE,
    "question": Verb.QUESTION,
    "answer": Verb.ANSWER,
    "due": Verb.DUE,
    "escalate": Verb.ESCALATE,
    "acknowledge": Verb.ACKNOWLEDGE,
    "snooze": Verb.SNOOZE,
}

_KEYWORD = re.compile(
    r"""
    (?P<slash>/)? [ ]?
    (?P<open>["'“”„«`*_]{0,3})
    (?P<word>accepted|accept|returned|return|not[ ]+applicable|n/a|na|question|answer|due|escalate|acknowledge|snooze)
    (?P<close>["'“”»`*_]{0,3})
    (?P<rest>.*)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SEPARATOR = re.compile(r"[ ]*(?::[*_]{0,3}|(?<=[ ])-(?=[ \n])|[–—]|\n)\s*")
_END = re.compile(r"[.!]?[ ]*(?:\n|\Z)|!+[ ]*(?:\n|\Z)|[.!](?=[ ])")
_MENTION = re.compile(r"(?:\[~[^\]\n]*\]|@[\w.:-]*\w[,:]?)\s+")
_FULL_NAMES = tuple(
    re.compile(rf"@\w[\w.'-]*(?: [A-ZÀ-Þ][\w.'-]*){{{more}}}(?P<end>[,:]?)(?P<space>\s+)") for more in (1, 2, 3)
)
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?![\w-])[.!,;:]?\s*", re.ASCII)
_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_LIKE_A_DATE = re.compile(
    rf"\d{{1,4}}[./-]\d|\d{{6,8}}\b|\d{{1,2}}(?:st|nd|rd|th)?\.? (?:{_MONTH})|(?:{_MONTH})[a-z]*\.? \d|"
    r"(?:by |on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|today\b|tomorrow\b|asap\b|next (?:week|month)\b|in \d+ ",
    re.IGNORECASE | re.ASCII,
)
_DATE_FORM = "Write the date as year-month-day, for example “due 2026-12-01”."
_REASON_FORM = "Say {what} behind a colon, in the same comment: “{verb}: …”."
_WIDE_IN_DATE = re.compile("(?<=[0-9])[–—](?=[0-9])")
_NEW_DUE = re.compile(r"/?due(?: *: *| +)(\d{4}-\d{2}-\d{2})[.!]?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class _Said:
    """A comment that begins with a keyword; `after` is everything behind that word."""

    verb: Verb
    after: str
    has_slash: bool
    today: date

    @property
    def separated(self) -> str | None:
        """What stands behind a colon, dash or line break, or behind a slash command; None where nothing parts it."""
        found = _SEPARATOR.match(self.after)
        if found:
            return self.after[found.end() :].strip()
        if not self.after.strip() or (self.has_slash and self.after.startswith(" ")):
            return self.after.strip()
        return None


def read_command(text: str, *, today: date) -> Command | BadCommand | None:
    """What a comment asks for, or None when it is ordinary talk. `today` is local to the audit; never raises.

    The keyword stands first, in any case, with or without a slash; mentions and quoted lines before it are passed
    over. A BadCommand was plainly meant, and says how to write it."""
    body = _begin(text)
    while mention := _MENTION.match(body):
        rest = body[mention.end() :]
        name = None if _cut(rest, today) else _full_name(body, today)
        if name and not name["end"] and "\n" not in name["space"]:
            return _told_to_begin(body[name.end() :], today)
        body = body[name.end() :] if name else rest
    return _read(body, today)


def is_talk(text: str, *, today: date) -> bool:
    """Whether a comment is a question or ordinary talk, which whoever reads a copy of it may want to answer."""
    command = read_command(text, today=today)
    return command is None or command.verb is Verb.QUESTION


def _read(body: str, today: date) -> Command | BadCommand | None:
    said = _cut(body, today)
    return _READERS[said.verb](said) if said else None


def _full_name(body: str, today: date) -> re.Match[str] | None:
    """A mention of several words with a keyword behind it."""
    names = (pattern.match(body) for pattern in _FULL_NAMES)
    return next((name for name in names if name and _cut(body[name.end() :], today)), None)


def _told_to_begin(body: str, today: date) -> BadCommand | None:
    """What stands before the keyword may not be a name ("@Jane Never accept"), so nothing is done, but that is said."""
    asked = _read(body, today)
    if asked is None:
        return None
    return BadCommand(asked.verb, f"Nothing was done, for a name stands first: begin the comment with “{asked.verb}”.")


def _begin(text: str) -> str:
    """The text in plain characters, from its first line that is not a quotation."""
    lines = typed_plainly(text).split("\n")
    while lines and (not lines[0].strip() or lines[0].lstrip().startswith(">")):
        del lines[0]
    return "\n".join(lines).strip()


def _cut(body: str, today: date) -> _Said | None:
    found = _KEYWORD.match(body)
    if not found or re.match(r"\w", found["rest"]):
        return None
    is_marked = found["open"].strip("*_") == "" and re.match(r":[*_]", found["rest"])
    if bool(found["open"]) != bool(found["close"]) and not is_marked:
        return None
    verb = _VERBS[" ".join(found["word"].lower().split())]
    return _Said(verb, found["rest"].rstrip(), bool(found["slash"]), today)


def _read_bare(said: _Said) -> Command | None:
    """`accept` and `acknowledge`: alone, closed by a full stop, or with a remark behind a colon, dash or line break."""
    end = _END.match(said.after)
    if end:
        return Command(said.verb, said.after[end.end() :].strip())
    remark = said.separated
    return None if remark is None else Command(said.verb, remark)


def _read_reasoned(said: _Said) -> Command | BadCommand | None:
    """`return`, `question`, `answer`, `not applicable`: nothing without words behind the colon."""
    reason = said.separated
    if reason is None and not re.fullmatch(r"[.!]+", said.after):
        return None
    if not reason or not re.search(r"\w", reason):
        what = "what you ask" if said.verb is Verb.QUESTION else "your answer" if said.verb is Verb.ANSWER else "why"
        return BadCommand(said.verb, _REASON_FORM.format(what=what, verb=said.verb))
    return _with_new_date(said, reason) if said.verb is Verb.RETURN else Command(said.verb, reason)


def _with_new_date(said: _Said, reason: str) -> Command | BadCommand:
    """A return may end with a line that sets the new date."""
    head, _, last = reason.rpartition("\n")
    found = _NEW_DUE.fullmatch(last.strip())
    if not found:
        return Command(said.verb, reason)
    due_on = _read_date(found[1], said)
    if isinstance(due_on, BadCommand):
        return due_on
    if not head.strip():
        return BadCommand(said.verb, _REASON_FORM.format(what="why", verb=said.verb))
    return Command(said.verb, head.strip(), due_on=due_on)


def _read_due(said: _Said) -> Command | BadCommand | None:
    wanted = said.separated
    is_meant = wanted is not None
    wanted = _WIDE_IN_DATE.sub("-", said.after.strip() if wanted is None else wanted)
    found = _ISO.match(wanted)
    if not found:
        return BadCommand(said.verb, _DATE_FORM) if is_meant or _LIKE_A_DATE.match(wanted) else None
    due_on = _read_date(found[1], said)
    return (
        due_on if isinstance(due_on, BadCommand) else Command(said.verb, wanted[found.end() :].strip(), due_on=due_on)
    )


def _read_date(iso: str, said: _Said) -> date | BadCommand:
    try:
        due_on = date.fromisoformat(iso)
    except ValueError:
        return BadCommand(said.verb, f"{iso} is not a day of the calendar. {_DATE_FORM}")
    if due_on < said.today:
        return BadCommand(said.verb, f"{iso} is past: today is {said.today}. Give a date that is still to come.")
    return due_on


def _read_escalate(said: _Said) -> Command | None:
    """A reason is welcome and not required; without a colon or slash, talk about escalating is talk."""
    if re.fullmatch(r"[.!]+", said.after):
        return Command(said.verb)
    reason = said.separated
    return None if reason is None else Command(said.verb, reason)


def _read_snooze(said: _Said) -> Command | BadCommand | None:
    wanted = said.separated
    found = re.match(
        r"(\d{1,4})\s*(?:working |business )?(?:days?|d)?[.!]?(?=\s|\Z)", wanted or said.after.strip(), re.ASCII
    )
    if not found and wanted is None:
        return None
    days = int(found[1]) if found else 0
    if not 1 <= days <= MOST_SNOOZED_DAYS:
        return BadCommand(
            said.verb, f"Say for how many working days, from 1 to {MOST_SNOOZED_DAYS}, for example “snooze 3”."
        )
    return Command(said.verb, days=days)


_READERS: Final[Mapping[Verb, Callable[[_Said], Command | BadCommand | None]]] = {
    Verb.ACCEPT: _read_bare,
    Verb.RETURN: _read_reasoned,
    Verb.NOT_APPLICABLE: _read_reasoned,
    Verb.QUESTION: _read_reasoned,
    Verb.ANSWER: _read_reasoned,
    Verb.DUE: _read_due,
    Verb.ESCALATE: _read_escalate,
    Verb.ACKNOWLEDGE: _read_bare,
    Verb.SNOOZE: _read_snooze,
}
