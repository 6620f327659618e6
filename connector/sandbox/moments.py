"""Moments that the queries of both products name alike: periods (`-4w`) and edges (`startOfWeek("-1w")`)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

_PERIOD = re.compile(r"^([+-]?)((?:\d+[yMwdhm]\s*)+)$")
_PART = re.compile(r"(\d+)([yMwdhm])")
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


def shifted(text: str, local: datetime) -> datetime | None:
    """The moment moved by a period such as `-5d` or `4w 2d`; None when the text is none."""
    match = _PERIOD.match(text.strip())
    if match is None:
        return None
    sign = -1 if match.group(1) == "-" else 1
    for amount, unit in _PART.findall(match.group(2)):
        local = _add(local, sign * int(amount), unit)
    return local


def edge(name: str, local: datetime, by: str = "") -> datetime | None:
    """The moment a date function names, seen from `local` moved by a period; None when there is no such function.

    A period without a unit is in the function's own: weeks for startOfWeek. ValueError when it is no period.
    """
    if name.casefold() not in EDGES:
        return None
    start, unit = EDGES[name.casefold()]
    moved = shifted(by if by[-1:].isalpha() else by + unit, local) if by else local
    if moved is None:
        raise ValueError(by)
    return start(moved)


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


EDGES: dict[str, tuple[Callable[[datetime], datetime], str]] = {
    "startofday": (_day, "d"),
    "startofweek": (_week, "w"),
    "startofmonth": (_month, "M"),
    "startofyear": (_year, "y"),
    "endofday": (_end(_day, 1, "d"), "d"),
    "endofweek": (_end(_week, 1, "w"), "w"),
    "endofmonth": (_end(_month, 1, "M"), "M"),
    "endofyear": (_end(_year, 1, "y"), "y"),
}
