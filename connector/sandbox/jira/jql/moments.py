"""Dates in JQL: absolute ones of minute resolution in the caller's zone, relative ones, epoch ms, and functions."""

import re
from datetime import UTC, datetime, tzinfo

from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.moments import edge, shifted

FORMATS = ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")
_EPOCH = re.compile(r"^-?\d{5,}$")


def literal(text: str, field: str, now: datetime, zone: tzinfo) -> datetime:
    """A moment from what was written; JqlError when it is none."""
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    moved = shifted(text, now.astimezone(zone))
    if moved is not None:
        return moved
    for pattern in FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=zone)
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def function(name: str, arguments: tuple[str, ...], now: datetime, zone: tzinfo) -> datetime | None:
    """The moment of a date function in the caller's zone; None when there is no such function."""
    local = now.astimezone(zone)
    if name.casefold() == "now":
        return local
    try:
        return edge(name, local, arguments[0] if arguments else "")
    except ValueError:
        raise JqlError(
            f"Date value '{arguments[0]}' for function '{name}' is invalid. Use a period such as '-1d'."
        ) from None
