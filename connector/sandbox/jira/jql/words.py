"""The words of JQL: strings, operators, names; and what may not stand unquoted."""

import re
from dataclasses import dataclass

from connector.sandbox.jira.jql.errors import JqlError

_RESERVED_WORDS = """
    abort access add after alias all alter and any as asc audit avg before begin between boolean break by byte catch cf
    changed char character check checkpoint collate collation column commit connect continue count create current date
    decimal declare decrement default defaults define delete delimiter desc difference distinct divide do double drop
    else empty encoding end equals escape exclusive exec execute exists explain false fetch field file first float for
    from function go goto grant greater group having identified if immediate in increment index initial inner inout
    input insert int integer intersect intersection into is isempty isnull join last left less like limit lock long max
    min minus mode modify modulo more multiply next noaudit not notin nowait null number object of on option or order
    outer output power previous prior privileges public raise raw remainder rename resource return returns revoke right
    row rowid rownum rows select session set share size sqrt start strict string subtract sum synonym table then to
    trans transaction trigger true uid union unique update user validate values view was when whenever where while with
"""
RESERVED_WORDS = frozenset(_RESERVED_WORDS.split())
"""What may stand in quotes only, as a field or a value; most mean nothing in JQL.
https://support.atlassian.com/jira-software-cloud/docs/what-is-advanced-search-in-jira-cloud/ has the list."""
RESERVED = set("+;?|*/%^$#@[]{}\\`")

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<op>!=|!~|<=|>=|&&|\|\||[=~<>(),!])
      | (?P<word>cf\[\d+\]|[^\s"'=~<>(),!&|+;?*/%^$\#@\[\]{}\\`]+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A word, its kind ("string", "op" or "word") and where it begins."""

    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.casefold() in words


def tokens(text: str) -> list[Token]:
    """The words of a query with their places; JqlError at the first that is none."""
    found: list[Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind = str(match.lastgroup)
        found.append(Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return found


def _unreadable(text: str, at: int) -> JqlError:
    at += len(text[at:]) - len(text[at:].lstrip())
    letter = text[at]
    if letter in RESERVED or letter in "&|":
        return JqlError(
            f"Error in the JQL Query: The character '{letter}' is a reserved JQL character. You must enclose it in a "
            f"string or use the escape '\\u{ord(letter):04x}' instead. (line 1, character {at + 1})"
        )
    return JqlError(
        f"Error in the JQL Query: The quoted string starting here is not closed. (line 1, character {at + 1})"
    )


def plain(token: Token) -> str:
    """What a word says, without its quotes and escapes."""
    if token.kind != "string":
        return token.text
    inner = token.text[1:-1]
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, inner)


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    return {"n": "\n", "t": "\t", "r": "\r"}.get(code, code)
