"""A query ready to run: a predicate over issues and an order, for one caller at one moment.

Jira's rules that surprise: a negative operator never finds an issue whose field is empty; NOT is pushed down to the
operators, so that it does not either; EMPTY in a list stands beside the other values.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from typing import Any, cast

from connector.sandbox.jira import shares
from connector.sandbox.jira.index import Document
from connector.sandbox.jira.jql import history, moments, syntax
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.syntax import Both, Clause, Empty, Function, Node, Not, Operand, Word
from connector.sandbox.jira.jql.terms import EQUALITY, Asker, Key, Term, missing, term_for
from connector.sandbox.jira.records import Filter

Predicate = Callable[[Document], bool]

OPPOSITE = {
    "=": "!=",
    "!=": "=",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
    "~": "!~",
    "!~": "~",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "was": "was not",
    "was not": "was",
    "was in": "was not in",
    "was not in": "was in",
    "changed": "not changed",
}
NEGATIVE = frozenset({"!=", "not in", "!~"})
FILTERS = frozenset({"filter", "request", "savedfilter", "searchrequest"})
SPRINTS = {"opensprints": "active", "futuresprints": "future", "closedsprints": "closed"}
_WORDS = re.compile(r"\w+\*?")


@dataclass(frozen=True)
class Query:
    """`matches` for one issue, `sorted` for many. `is_bounded` tells whether anything restricts it."""

    matches: Predicate
    is_bounded: bool
    _orders: tuple[tuple[Callable[[Document], Any], bool], ...]

    @property
    def is_ordered(self) -> bool:
        return bool(self._orders)

    def sorted(self, documents: Iterable[Document]) -> list[Document]:
        """In the order asked for; ties and unordered queries newest first."""
        found = sorted(documents, key=lambda document: document.number, reverse=True)
        for key, descending in reversed(self._orders):
            found.sort(key=key, reverse=descending)
        return found


def prepare(jql: str, asker: Asker) -> Query:
    """Read and resolve a query; JqlError for anything Jira would answer 400 to."""
    parsed = syntax.parse(jql)
    matches = _compile(_pushed(parsed.where), asker) if parsed.where else _always
    orders = tuple(_order(asker, sort) for sort in parsed.sorts)
    return Query(matches, parsed.where is not None, orders)


def _always(_document: Document) -> bool:
    return True


def _pushed(node: Node, *, negate: bool = False) -> Node:
    if isinstance(node, Not):
        return _pushed(node.inner, negate=not negate)
    if isinstance(node, Both):
        return Both(node.is_and != negate, tuple(_pushed(part, negate=negate) for part in node.parts))
    return replace(node, operator=OPPOSITE[node.operator]) if negate else node


def _compile(node: Node, asker: Asker) -> Predicate:
    if isinstance(node, Both):
        parts = [_compile(part, asker) for part in node.parts]
        if node.is_and:
            return lambda document: all(part(document) for part in parts)
        return lambda document: any(part(document) for part in parts)
    if isinstance(node, Not):
        raise TypeError("NOT is pushed down before compiling")
    return _clause(node, asker)


def _clause(clause: Clause, asker: Asker) -> Predicate:
    if clause.field.casefold() in FILTERS:
        return _saved(clause, asker)
    term = term_for(asker, clause.field)
    term = _with_categories(term, clause, asker)
    if clause.operator in history.OPERATORS:
        return _was(clause, term, asker)
    if clause.operator not in term.operators:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    empty = any(isinstance(operand, Empty) for operand in clause.operands)
    if clause.operator in ("is", "is not"):
        wanted = clause.operator == "is"
        return lambda document: (not any(True for _ in term.has(document))) == wanted
    if term.kind == "text":
        return _text(clause, term)
    values = _values(clause, term, asker)
    if clause.operator in ("<", "<=", ">", ">="):
        return _ordered(clause, term, values, asker)
    return _chosen(clause, term, values, empty=empty, asker=asker)


def _was(clause: Clause, term: Term, asker: Asker) -> Predicate:
    def moment(operand: Operand) -> datetime:
        (found,) = _operand(clause.field, term_for(asker, "updated"), operand, asker)
        return cast("datetime", found)

    def people(operand: Operand) -> set[Key]:
        return _operand("by", term_for(asker, "assignee"), operand, asker)

    return history.clause(clause, asker, term, partial(_operand, clause.field, term, asker=asker), people, moment)


def _saved(clause: Clause, asker: Asker) -> Predicate:
    """What the filters of these names or ids find; a filter cannot be asked for inside itself."""
    if clause.operator not in EQUALITY:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    queries = []
    for operand in clause.operands:
        text = operand.text if isinstance(operand, Word) else ""
        found = next((f for f in asker.site.jira.filters.values() if _is_seen(asker, f, text)), None)
        if found is None:
            raise missing(clause.field, text)
        if found.filter_id in asker.within:
            raise JqlError(f"Field '{clause.field}' with value '{text}' matches filter '{found.name}' itself.")
        queries.append(prepare(found.jql, replace(asker, within=asker.within | {found.filter_id})))
    wanted = clause.operator not in NEGATIVE
    return lambda document: any(query.matches(document) for query in queries) == wanted


def _is_seen(asker: Asker, held: Filter, text: str) -> bool:
    named = text in (held.filter_id, f"filter-{held.filter_id}") or text.casefold() == held.name.casefold()
    return named and shares.may_see(asker.site, held.owner_id, held.shares, asker.actor)


def _with_categories(term: Term, clause: Clause, asker: Asker) -> Term:
    """A status category is the status's, which the document knows by id only."""
    if clause.field.casefold() != "statuscategory":
        return term
    statuses = asker.site.jira.statuses
    return replace(term, has=lambda document: (statuses[document.values["status"]].category,))


def _values(clause: Clause, term: Term, asker: Asker) -> set[Key]:
    values: set[Key] = set()
    for operand in clause.operands:
        if not isinstance(operand, Empty):
            values |= _operand(clause.field, term, operand, asker)
    return values


def _operand(field: str, term: Term, operand: Operand, asker: Asker) -> set[Key]:
    if isinstance(operand, Function):
        return _function(field, term, operand, asker)
    text = operand.text if isinstance(operand, Word) else ""
    if term.kind == "moments":
        return {moments.literal(text, field, asker.now, asker.zone)}
    if term.kind == "numbers":
        try:
            return {float(text)}
        except ValueError:
            raise JqlError(f"Value '{text}' is not a number for the field '{field}'.") from None
    return term.resolve(asker, text)


def _function(field: str, term: Term, operand: Function, asker: Asker) -> set[Key]:
    name = operand.name.casefold()
    moment = moments.function(operand.name, operand.arguments, asker.now, asker.zone)
    if moment is not None and term.kind == "moments":
        return {moment}
    if name == "currentuser":
        return {asker.actor.account_id} if asker.actor else set()
    if name == "membersof" and operand.arguments:
        group = operand.arguments[0]
        return {account.account_id for account in asker.site.accounts.values() if group in account.groups}
    if name == "linkedissues" and operand.arguments:
        target = next(iter(term.resolve(asker, operand.arguments[0])))
        links = asker.site.jira.links_of(target)
        return {other for link in links for other in (link.source_id, link.target_id) if other != target}
    if name in SPRINTS:
        return {one.sprint_id for one in asker.site.jira.sprints.values() if one.state == SPRINTS[name]}
    if moment is not None:
        raise JqlError(f"The function '{operand.name}' is not supported by the field '{field}'.")
    raise JqlError(f"Unable to find JQL function '{operand.name}({', '.join(operand.arguments)})'.")


def _chosen(clause: Clause, term: Term, values: set[Key], *, empty: bool, asker: Asker) -> Predicate:
    negative = clause.operator in NEGATIVE
    empty = empty or None in values

    def matches(document: Document) -> bool:
        held = [_comparable(term, key, asker) for key in term.has(document)]
        if not held:
            return empty and not negative
        hit = any(key in values for key in held)
        return not hit if negative else hit

    return matches


def _ordered(clause: Clause, term: Term, values: set[Key], asker: Asker) -> Predicate:
    limits = [_rank(term, value, asker) for value in values]

    def matches(document: Document) -> bool:
        held = [_rank(term, key, asker) for key in term.has(document)]
        return any(_compare(clause.operator, key, limit) for key in held for limit in limits)

    return matches


def _compare(operator: str, left: Any, right: Any) -> bool:
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def _rank(term: Term, key: Key, asker: Asker) -> Any:
    if term.kind in ("moments", "numbers"):
        return _comparable(term, key, asker)
    return term.rank(asker.site, key)


def _comparable(term: Term, key: Key, asker: Asker) -> Any:
    """A date (without time) counts as midnight in the caller's zone."""
    if term.kind == "moments" and isinstance(key, str):
        return datetime.combine(date.fromisoformat(key), time(), tzinfo=asker.zone)
    return key


def _text(clause: Clause, term: Term) -> Predicate:
    operand = clause.operands[0]
    wanted = operand.text.casefold() if isinstance(operand, Word) else ""
    phrase = wanted.strip('"') if wanted.startswith('"') and wanted.endswith('"') and len(wanted) > 1 else None
    words = _WORDS.findall(wanted)
    negative = clause.operator == "!~"

    def matches(document: Document) -> bool:
        texts = [str(text).casefold() for text in term.has(document)]
        if not texts:
            return False
        hit = any(_found(text, words, phrase) for text in texts)
        return not hit if negative else hit

    return matches


def _found(text: str, words: list[str], phrase: str | None) -> bool:
    if phrase is not None:
        return phrase in text
    held = set(re.findall(r"\w+", text))
    return all(_has_word(held, word) for word in words)


def _has_word(held: set[str], word: str) -> bool:
    if word.endswith("*"):
        return any(one.startswith(word[:-1]) for one in held)
    return word in held


def _order(asker: Asker, sort: syntax.Sort) -> tuple[Callable[[Document], Any], bool]:
    try:
        term = term_for(asker, sort.field)
    except JqlError:
        raise JqlError(f"Field '{sort.field}' does not exist or you do not have permission to view it.") from None
    term = _with_categories(term, Clause(sort.field, "=", ()), asker)
    descending = sort.descending
    if descending is None:  # dates and priorities come greatest first unless told otherwise
        descending = term.kind == "moments" or sort.field.casefold() == "priority"

    def key(document: Document) -> tuple[int, Any]:
        held = next(iter(term.has(document)), None)
        if held is None:
            return (-1 if descending else 1, 0)
        return (0, _rank(term, held, asker))

    return key, descending
