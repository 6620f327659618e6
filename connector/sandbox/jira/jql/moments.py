"""Dates in JQL: absolute ones of minute resolution in the caller's zone, relative ones, epoch ms, and functions."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from connector.sandbox.jira.jql.errors import JqlError

FORMATS = ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")
_PERIOD = re.compile(r"^([+-]?)((?:\d+[yMwdhm]\s*)+)$")
_PART = re.compile(r"(\d+)([yMwdhm])")
_EPOCH = re.compile(r"^-?\d{5,}$")
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def literal(text: str, field: str, now: datetime, zone: tzinfo) -> datetime:
    """A moment from what was written; JqlError when it is none."""
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    moved = _shift(text, now.astimezone(zone))
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
    edge = _EDGES.get(name.casefold())
    if edge is None:
        return None
    start, unit = edge
    if arguments:
        local = _moved_by(arguments[0], local, name, unit)
    return start(local)


def _moved_by(argument: str, local: datetime, name: str, unit: str) -> datetime:
    text = argument if argument[-1:].isalpha() else argument + unit
    moved = _shift(text, local)
    if moved is None:
        raise JqlError(f"Date value '{argument}' for function '{name}' is invalid. Use a period such as '-1d'.")
    return moved


def _shift(text: str, local: datetime) -> datetime | None:
    match = _PERIOD.match(text.strip())
    if match is None:
        return None
    sign = -1 if match.group(1) == "-" else 1
    for amount, unit in _PART.findall(match.group(2)):
        local = _add(local, sign * int(amount), unit)
    return local


def _add(local: datetime, amount: int, unit: str) -> datetime:
    if unit in _UNITS:
        return local + amount * _UNITS[unit]
    months = local.year * 12 + local.month - 1 + amount * (12 if unit == "y" else 1)
    return local.replace(year=months // 12, month=months % 12 + 1, day=min(local.day, 28))


def _day(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _week(local: datetime) -> datetime:
    """Weeks begin on Sunday, as on a site with the default locale."""
    return _day(local) - timedelta(days=(local.weekday() + 1) % 7)


def _month(local: datetime) -> datetime:
    return _day(local).replace(day=1)


def _year(local: datetime) -> datetime:
    return _month(local).replace(month=1)


def _end(start: Callable[[datetime], datetime], amount: int, unit: str) -> Callable[[datetime], datetime]:
    return lambda local: _add(start(local), amount, unit) - timedelta(milliseconds=1)


_EDGES: dict[str, tuple[Callable[[datetime], datetime], str]] = {
    "startofday": (_day, "d"),
    "startofweek": (_week, "w"),
    "startofmonth": (_month, "M"),
    "startofyear": (_year, "y"),
    "endofday": (_end(_day, 1, "d"), "d"),
    "endofweek": (_end(_week, 1, "w"), "w"),
    "endofmonth": (_end(_month, 1, "M"), "M"),
    "endofyear": (_end(_year, 1, "y"), "y"),
}
