"""CQL, as far as programs use it: fields, comparisons, `in`, `~`, and, or, not, parentheses, date functions, order by.

https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/ and .../cql-functions/. Times are read
in the caller's time zone and to the minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.sandbox.confluence import storage
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import IndexEntry
from connector.sandbox.moments import edge, shifted

Predicate = Callable[[IndexEntry], bool]
Value = str | datetime
Values = tuple[Value, ...]

_LEXER = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<op>!=|>=|<=|!~|=|~|>|<|\(|\)|,)|(?P<word>[^\s"'()=!<>~,]+))"""
)
_WORDS: dict[str, Callable[[IndexEntry], frozenset[str]]] = {
    "type": lambda e: frozenset({e.content_type}),
    "space": lambda e: frozenset({e.space_key.lower()}),
    "title": lambda e: frozenset({e.title.lower()}),
    "label": lambda e: e.labels,
    "id": lambda e: frozenset({e.content_id}),
    "ancestor": lambda e: frozenset(e.ancestors),
    "parent": lambda e: frozenset(e.ancestors[-1:]),
    "container": lambda e: frozenset({e.page_id}),
    "creator": lambda e: frozenset({e.author_id.lower()}),
}
_ALIASES = {"space.key": "space", "content": "id", "content.id": "id"}
_TEXTS: dict[str, Callable[[IndexEntry], str]] = {
    "title": lambda e: e.title,
    "text": lambda e: f"{e.title}\n{storage.plain_text(e.body)}",
    "sitesearch": lambda e: f"{e.title}\n{storage.plain_text(e.body)}",
}
_TIMES: dict[str, Callable[[IndexEntry], datetime]] = {
    "lastmodified": lambda e: e.modified_at,
    "created": lambda e: e.created_at,
}
_OPERATORS = frozenset({"=", "!=", "~", "!~", "<", "<=", ">", ">=", "(", ")", ","})
_INCREMENT = re.compile(r"[+-]?\d+[yMwdhm]")


@dataclass(frozen=True)
class Query:
    """A parsed query: which entries fit, and how they are ordered ((field, descending), or none)."""

    matches: Predicate
    order: tuple[str, bool] | None = None

    def sort(self, entries: list[IndexEntry]) -> list[IndexEntry]:
        """In the order asked for, else by id."""
        ordered = sorted(entries, key=lambda entry: int(entry.content_id.removeprefix("att")))
        if self.order is None:
            return ordered
        field, descending = self.order
        if field in _TIMES:
            return sorted(ordered, key=_TIMES[field], reverse=descending)
        return sorted(ordered, key=lambda entry: entry.title.lower(), reverse=descending)


@dataclass(frozen=True)
class Caller:
    """Who asks, since CQL depends on it: times are in `zone`, currentUser() is `account_id`, empty for nobody."""

    account_id: str
    zone: str
    now: datetime


def parse(text: str, caller: Caller) -> Query:
    """Read a query; InvalidError with a reason when it is not CQL, or uses what the sandbox does not know."""
    return _Parser(text, caller).query()


class _Parser:
    def __init__(self, text: str, caller: Caller) -> None:
        self._caller = caller
        self._text = text
        self._tokens = list(_lex(text))
        self._at = 0

    def query(self) -> Query:
        if not self._tokens:
            raise InvalidError("Could not parse cql : ")
        matches: Predicate = (lambda _entry: True) if self._peek() == "order" else self._any()
        order = self._order() if self._take_word("order") else None
        if self._peek() is not None:
            raise self._broken()
        return Query(matches, order)

    def _any(self) -> Predicate:
        parts = [self._all()]
        while self._take_word("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda entry: any(part(entry) for part in parts)

    def _all(self) -> Predicate:
        parts = [self._one()]
        while self._take_word("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda entry: all(part(entry) for part in parts)

    def _one(self) -> Predicate:
        if self._take_word("not"):
            inner = self._one()
            return lambda entry: not inner(entry)
        if self._take_word("("):
            inside = self._any()
            self._expect(")")
            return inside
        field = self._next().lower()
        return self._clause(_ALIASES.get(field, field))

    def _clause(self, field: str) -> Predicate:
        operator = self._next().lower()
        if operator == "not":
            self._expect("in")
            operator = "not in"
        values = self._list() if operator in ("in", "not in") else (self._value(),)
        if field in _TIMES:
            return _compare_times(field, operator, self._time(values[0]))
        words = tuple(value for value in values if isinstance(value, str))
        if words != values and field in {*_TEXTS, *_WORDS}:
            raise InvalidError(f"The field '{field}' is compared with no date")
        if field in _TEXTS and operator in ("~", "!~"):
            return _compare_text(field, operator, words[0])
        if field in _WORDS:
            return _compare_words(field, operator, words)
        known = ", ".join(sorted({*_WORDS, *_TEXTS, *_TIMES}))
        raise InvalidError(f"No field exists with the name: '{field}'\nDid you mean one of : {known}")

    def _list(self) -> Values:
        self._expect("(")
        values = [self._value()]
        while self._take_word(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Value:
        if self._peek() in _OPERATORS:
            raise self._broken()
        value = self._next()
        if not self._take_word("("):
            return value
        argument = "" if self._peek() == ")" else self._next()
        self._expect(")")
        return self._called(value, argument)

    def _called(self, name: str, argument: str) -> Value:
        if name.lower() == "currentuser":
            if not self._caller.account_id:
                raise InvalidError("currentUser() can only be used by logged-in users")
            return self._caller.account_id
        if argument and not _INCREMENT.fullmatch(argument):
            raise InvalidError(f"'{argument}' is no increment such as -4w, for {name}()")
        local = self._caller.now.astimezone(ZoneInfo(self._caller.zone))
        moment = shifted(argument or "0d", local) if name.lower() == "now" else edge(name, local, argument)
        if moment is None:
            raise InvalidError(f"The sandbox knows the date functions and currentUser(), not {name}()")
        return moment.astimezone(UTC)

    def _time(self, value: Value) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            read = datetime.fromisoformat(value.replace("/", "-"))
        except ValueError:
            raise InvalidError(f"Could not parse cql : '{value}' is not a date") from None
        local = read if read.tzinfo else read.replace(tzinfo=ZoneInfo(self._caller.zone))
        return local.astimezone(UTC).replace(second=0, microsecond=0)

    def _order(self) -> tuple[str, bool]:
        self._expect("by")
        field = self._next().lower()
        if field not in _TIMES and field != "title":
            raise InvalidError(f"The sandbox orders by title, created and lastmodified, not by {field}")
        descending = self._take_word("desc")
        if not descending:
            self._take_word("asc")
        return field, descending

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> str:
        token = self._peek()
        if token is None:
            raise self._broken()
        self._at += 1
        return token.removeprefix("\0")

    def _take_word(self, word: str) -> bool:
        token = self._peek()
        if token is None or token.lower() != word:
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._take_word(word):
            raise self._broken()

    def _broken(self) -> InvalidError:
        return InvalidError(f"Could not parse cql : {self._text}")


def _lex(text: str) -> list[str]:
    """Tokens of a query; a quoted string is marked with a NUL, so that it is never taken for a keyword."""
    tokens, at = [], 0
    while text[at:].strip():
        found = _LEXER.match(text, at)
        if found is None:
            raise InvalidError(f"Could not parse cql : {text}")
        string = found["string"]
        tokens.append("\0" + re.sub(r"\\(.)", r"\1", string[1:-1]) if string else found["op"] or found["word"])
        at = found.end()
    return tokens


def _compare_words(field: str, operator: str, values: tuple[str, ...]) -> Predicate:
    wanted = {value.lower() for value in values}
    held = _WORDS[field]
    if operator in ("=", "in"):
        return lambda entry: bool(held(entry) & wanted)
    if operator in ("!=", "not in"):
        return lambda entry: not held(entry) & wanted
    raise InvalidError(f"The field '{field}' does not support the operator '{operator}'")


def _compare_text(field: str, operator: str, value: str) -> Predicate:
    """All words are there, in any order; a trailing * stands for the rest of a word."""
    patterns = [re.escape(word).replace(r"\*", r"\w*") for word in re.findall(r"[\w*]+", value.lower())]
    read = _TEXTS[field]

    def holds(entry: IndexEntry) -> bool:
        text = read(entry).lower()
        return all(re.search(rf"\b{pattern}\b", text) for pattern in patterns)

    return holds if operator == "~" else lambda entry: not holds(entry)


def _compare_times(field: str, operator: str, bound: datetime) -> Predicate:
    read = _TIMES[field]
    tests: dict[str, Predicate] = {
        ">": lambda entry: read(entry) > bound,
        ">=": lambda entry: read(entry) >= bound,
        "<": lambda entry: read(entry) < bound,
        "<=": lambda entry: read(entry) <= bound,
        "=": lambda entry: bound <= read(entry) < bound + timedelta(minutes=1),
        "!=": lambda entry: not bound <= read(entry) < bound + timedelta(minutes=1),
    }
    if operator not in tests:
        raise InvalidError(f"The field '{field}' does not support the operator '{operator}'")
    return tests[operator]
