"""Which characters may leave the house: legal ones, on one line where a line is wanted, and not too many.

Jira and Confluence count length in UTF-16 units, as Java does, so that an emoji counts twice.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINKED = frozenset({"http", "https", "mailto"})


def legal(text: str) -> str:
    """`text` without the characters that XML forbids; line ends become a plain newline."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """`text` on one line, each run of white space as one space."""
    return " ".join(legal(text).split())


def units(text: str) -> int:
    """The length that Atlassian counts, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """`text` within `limit` UTF-16 units; what is too long ends in an ellipsis."""
    if units(text) <= limit:
        return text
    head = text.encode("utf-16-le", "surrogatepass")[: 2 * (limit - 1)]
    return head.decode("utf-16-le", "ignore").rstrip() + "…"


def is_web_address(address: str) -> bool:
    """Whether a link may point there: the web or mail, never `javascript:` or a file."""
    try:
        return urlsplit(address.strip()).scheme.lower() in _LINKED
    except ValueError:
        return False
