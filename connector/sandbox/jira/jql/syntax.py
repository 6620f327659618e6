"""Reading JQL: text to a tree of clauses, with Jira's complaints when it cannot be read.

Grammar: https://support.atlassian.com/jira-software-cloud/docs/what-is-advanced-search-in-jira-cloud/ .
"""

from dataclasses import dataclass

from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.words import RESERVED_WORDS, Token, plain, tokens

KEYWORDS = frozenset({"and", "or", "not", "in", "is", "empty", "null", "order", "by"})
QUALIFIERS = ("after", "before", "by", "during", "from", "on", "to")
MAX_SORTS = 7


@dataclass(frozen=True)
class Word:
    """A value written as it is, quoted or not."""

    text: str


@dataclass(frozen=True)
class Function:
    """A value computed when the query runs: `startOfDay("-1d")`."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Empty:
    """The value EMPTY, or NULL."""


Operand = Word | Function | Empty


@dataclass(frozen=True)
class Qualifier:
    """When, by whom, from what or to what: `before "2026-10-01"` behind `was` or `changed`."""

    word: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Clause:
    """One condition: a field, an operator ("=", "not in", "was", ...) and its operands."""

    field: str
    operator: str
    operands: tuple[Operand, ...]
    qualifiers: tuple[Qualifier, ...] = ()


@dataclass(frozen=True)
class Not:
    inner: "Node"


@dataclass(frozen=True)
class Both:
    """AND or OR of two or more."""

    is_and: bool
    parts: tuple["Node", ...]


Node = Clause | Not | Both


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool | None


@dataclass(frozen=True)
class Parsed:
    """A read query; `where` None means that it restricts nothing."""

    where: Node | None
    sorts: tuple[Sort, ...]


def parse(text: str) -> Parsed:
    """Read a query; JqlError says where it stopped making sense."""
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._next = 0

    def parse(self) -> Parsed:
        where = None
        if self._peek() is not None and not self._at("order"):
            where = self._either()
        sorts = self._sorts() if self._at("order") else ()
        if self._peek() is not None:
            raise self._unexpected("either 'OR' or 'AND'")
        return Parsed(where, sorts)

    def _either(self) -> Node:
        return self._joined(is_and=False)

    def _joined(self, *, is_and: bool) -> Node:
        words, sign = (("and",), "&&") if is_and else (("or",), "||")
        parts = [self._negated() if is_and else self._joined(is_and=True)]
        while self._at(*words) or self._at_op(sign):
            self._take()
            parts.append(self._negated() if is_and else self._joined(is_and=True))
        return parts[0] if len(parts) == 1 else Both(is_and, tuple(parts))

    def _negated(self) -> Node:
        if self._at("not") or self._at_op("!"):
            self._take()
            return Not(self._negated())
        if self._at_op("("):
            self._take()
            inner = self._either()
            self._expect_op(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        field = self._name()
        operator = self._operator()
        if operator in ("in", "not in"):
            return Clause(field, operator, self._operands())
        if operator in ("is", "is not"):
            operand = self._operand()
            if not isinstance(operand, Empty):
                raise JqlError(f"The operator '{operator}' can only be used with 'EMPTY' for the field '{field}'.")
            return Clause(field, operator, (operand,))
        if operator == "changed":
            return Clause(field, operator, (), self._qualifiers())
        if operator.startswith("was"):
            operands = self._operands() if operator.endswith("in") else (self._operand(),)
            return Clause(field, operator, operands, self._qualifiers())
        return Clause(field, operator, (self._operand(),))

    def _qualifiers(self) -> tuple[Qualifier, ...]:
        found = []
        while self._at(*QUALIFIERS):
            word = self._take().text.casefold()
            found.append(Qualifier(word, self._operands() if self._at_op("(") else (self._operand(),)))
        return tuple(found)

    def _name(self) -> str:
        token = self._peek()
        if token is None or token.kind == "op" or token.is_word(*KEYWORDS):
            raise self._unexpected("a field name")
        if token.is_word(*RESERVED_WORDS):
            raise _reserved(token)
        self._take()
        return plain(token)

    def _operator(self) -> str:
        token = self._peek()
        if token is not None and token.kind == "op" and token.text in ("=", "!=", "~", "!~", "<", "<=", ">", ">="):
            return self._take().text
        if self._at("in"):
            self._take()
            return "in"
        if self._at("not"):
            self._take()
            self._expect_word("in")
            return "not in"
        if self._at("is"):
            self._take()
            if self._at("not"):
                self._take()
                return "is not"
            return "is"
        if self._at("changed"):
            return self._take().text.casefold()
        if self._at("was"):
            words = [self._take().text.casefold()]
            words += [self._take().text.casefold() for word in ("not", "in") if self._at(word)]
            return " ".join(words)
        raise self._unexpected(
            "operator. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', ..."
        )

    def _operands(self) -> tuple[Operand, ...]:
        if not self._at_op("("):
            operand = self._operand()
            if isinstance(operand, Function):
                return (operand,)
            raise self._unexpected("'(' or a function")
        self._take()
        operands = [self._operand()]
        while self._at_op(","):
            self._take()
            operands.append(self._operand())
        self._expect_op(")")
        return tuple(operands)

    def _operand(self) -> Operand:
        token = self._peek()
        if token is None or token.kind == "op":
            raise self._unexpected("either a value, list or function")
        if token.is_word("empty", "null"):
            self._take()
            return Empty()
        if token.is_word(*RESERVED_WORDS):
            raise _reserved(token)
        self._take()
        if token.kind == "word" and self._at_op("("):
            return Function(token.text, self._arguments())
        return Word(plain(token))

    def _arguments(self) -> tuple[str, ...]:
        self._expect_op("(")
        arguments: list[str] = []
        while not self._at_op(")"):
            token = self._take()
            if token.kind != "op":
                arguments.append(plain(token))
        self._expect_op(")")
        return tuple(arguments)

    def _sorts(self) -> tuple[Sort, ...]:
        self._take()
        self._expect_word("by")
        sorts = [self._sort()]
        while self._at_op(","):
            self._take()
            sorts.append(self._sort())
        if len(sorts) > MAX_SORTS:
            raise JqlError(f"The ORDER BY clause can contain a maximum of {MAX_SORTS} fields.")
        return tuple(sorts)

    def _sort(self) -> Sort:
        field = self._name()
        if self._at("asc", "desc"):
            return Sort(field, self._take().text.casefold() == "desc")
        return Sort(field, None)

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self) -> Token:
        token = self._peek()
        if token is None:
            raise self._unexpected("more")
        self._next += 1
        return token

    def _at(self, *words: str) -> bool:
        token = self._peek()
        return token is not None and token.is_word(*words)

    def _at_op(self, op: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == "op" and token.text == op

    def _expect_op(self, op: str) -> None:
        if not self._at_op(op):
            raise self._unexpected(f"'{op}'")
        self._take()

    def _expect_word(self, word: str) -> None:
        if not self._at(word):
            raise self._unexpected(f"'{word.upper()}'")
        self._take()

    def _unexpected(self, expected: str) -> JqlError:
        token = self._peek()
        if token is None:
            return JqlError(f"Error in the JQL Query: Expecting {expected} before the end of the query.")
        where = f"(line 1, character {token.at + 1})"
        return JqlError(f"Error in the JQL Query: Expecting {expected} but got '{token.text}'. {where}")


def _reserved(token: Token) -> JqlError:
    return JqlError(
        f"Error in the JQL Query: '{token.text}' is a reserved JQL word. You must surround it in quotation "
        f"marks to use it in a query. (line 1, character {token.at + 1})"
    )
