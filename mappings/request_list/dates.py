"""Dates as lists write them. Whether day or month comes first is decided from whole columns, never from one cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .table import Cell, cell_text

EXPECTED = "a date such as 2026-12-31"


class DateOrder(StrEnum):
    """Which comes first in `03/04/2026`."""

    DMY = "dmy"
    MDY = "mdy"


class NotADate(ValueError):
    """The text is no date, or one that no calendar has. The message says which."""


class TwoWays(NotADate):
    """Day and month can change places, and nothing says which comes first."""


@dataclass(frozen=True, slots=True)
class OrderDecision:
    """The order in each column, by index; where nothing decides it, an example of a date that can be read twice."""

    orders: Mapping[int, DateOrder]
    undecided: tuple[str, ...] = ()
    contradicting: tuple[str, ...] = ()
    """Two dates of one column that cannot have the same order."""


_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})|(\d{1,2})([./])(\d{1,2})\6(\d{2})")
_DAY_NAME_YEAR = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s.-]+([a-z]{3,9})\.?[\s,-]+(\d{4}|\d{2})")
_NAME_DAY_YEAR = re.compile(r"([a-z]{3,9})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?[\s,-]+(\d{4})")
_TIME = re.compile(r"[ t]\d{1,2}:\d{2}.*$")
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+")
_NO_DATE = re.compile(
    r"tb[dac]|asap|n/?a|none|\?+|ongoing|unknown|immediately|rolling|continuous|not set|as soon as possible"
    r"|to be (?:determined|confirmed|agreed|announced)|(?:up)?on request"
)
_BETWEEN = re.compile(r"\s+(?:to|until|till|through|thru|-+)\s+")
_ISO_PAIR = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})\s*[-/]+\s*(\d{4}-\d{1,2}-\d{1,2})")
_YEAR_LAST_PAIR = re.compile(r"(\d{1,2}[./]\d{1,2}[./]\d{4})-(\d{1,2}[./]\d{1,2}[./]\d{4})")


def is_no_date_yet(text: str) -> bool:
    """Whether `text` says that the date is not known: TBD, ASAP and their like."""
    return _NO_DATE.fullmatch(text.casefold().strip(" .()")) is not None


def parse_date(cell: Cell, order: DateOrder | None) -> date:
    """The date in a cell. `order` is that of its column; dates with dots are day first unless it says otherwise.

    Raises `NotADate` for anything else, impossible dates among it.
    """
    if isinstance(cell, date):
        return _plausible(cell.date() if isinstance(cell, datetime) else cell)
    text = _plain(cell_text(cell))
    if match := _ISO.fullmatch(text):
        return _date(text, *match.groups())
    if match := _NUMERIC.fullmatch(text):
        first, separator, second, year = (group for group in match.groups() if group is not None)
        if order is None and separator != "." and _is_ambiguous(text):
            raise TwoWays("day and month can be read both ways")
        is_month_first = order == DateOrder.MDY or (order is None and separator != "." and int(second) > 12)
        day, month = (second, first) if is_month_first else (first, second)
        return _date(text, year, month, day)
    if match := _DAY_NAME_YEAR.fullmatch(text):
        return _date(text, match.group(3), match.group(2), match.group(1))
    if match := _NAME_DAY_YEAR.fullmatch(text):
        return _date(text, match.group(3), match.group(1), match.group(2))
    if re.fullmatch(r"[3-5]\d{4}(\.0+)?", text):
        raise NotADate("it looks like the number by which Excel counts days; give the column a date format")
    raise NotADate("it is not a date")


def parse_period(cell: Cell, order: DateOrder | None) -> tuple[date, date]:
    """First and last day of a period: two dates, one (`as of`), a year, or a quarter. Raises `NotADate`."""
    if isinstance(cell, date):
        return (parse_date(cell, order),) * 2
    text = re.sub(r"^(?:as of|period|from|for)[\s:]+", "", cell_text(cell).casefold().strip())
    ends = period_ends(text)
    if len(ends) == 2:
        return parse_date(ends[0], order), parse_date(ends[1], order)
    if match := re.fullmatch(r"(?:cy\s*|calendar year\s*)?(20\d{2})", text):
        return date(int(match.group(1)), 1, 1), date(int(match.group(1)), 12, 31)
    if match := re.fullmatch(r"(?:q([1-4])[\s/-]*(20\d{2}))|(?:(20\d{2})[\s/-]*q([1-4]))", text):
        quarter, year = int(match.group(1) or match.group(4)), int(match.group(2) or match.group(3))
        return date(year, 3 * quarter - 2, 1), date(year, 3 * quarter, 30 if quarter in (2, 3) else 31)
    return (parse_date(text, order),) * 2


def period_ends(text: str) -> list[str]:
    """The two dates of `1 Jan 2026 - 31 Dec 2026`, or the whole text alone."""
    flat = re.sub(r"[‐-―−→]", "-", text.casefold()).strip()
    if pair := _ISO_PAIR.fullmatch(flat) or _YEAR_LAST_PAIR.fullmatch(flat):
        return [pair.group(1), pair.group(2)]
    ends = _BETWEEN.split(flat)
    return ends if len(ends) == 2 else [flat]


def decide_orders(columns: Mapping[int, Sequence[Cell]], told: Mapping[int, DateOrder]) -> OrderDecision:
    """The order of each column of dates. A column decides itself by a day above 12; one that does not, by the others.

    `told` are orders known beforehand (from the heading, or the caller).
    """
    orders: dict[int, DateOrder] = dict(told)
    ambiguous: dict[int, str] = {}
    for index, cells in columns.items():
        if index in told:
            continue
        seen = {order: text for text in _texts(cells) for order in _only_order(text)}
        if len(seen) == 2:
            return OrderDecision(orders, contradicting=(seen[DateOrder.DMY], seen[DateOrder.MDY]))
        if seen:
            orders[index] = next(iter(seen))
        elif examples := [text for text in _texts(cells) if _is_ambiguous(text)]:
            ambiguous[index] = examples[0]
    if ambiguous and len(set(orders.values())) == 1:
        orders |= dict.fromkeys(ambiguous, next(iter(orders.values())))
        ambiguous = {}
    return OrderDecision(orders, undecided=tuple(ambiguous.values()))


def order_in_heading(header: str) -> DateOrder | None:
    """The order that a heading itself tells: `Due (DD/MM/YYYY)`."""
    if not (found := re.search(r"\b([dm])\1?[./-]([dm])\2?[./-]yy", header.casefold())):
        return None
    return {"dm": DateOrder.DMY, "md": DateOrder.MDY}.get(found.group(1) + found.group(2))


def is_date_pattern(text: str) -> bool:
    """Whether `text` shows how to write a date (`dd/mm/yyyy`) instead of being one."""
    return re.fullmatch(r"[dmyj]{1,4}[./ -][dmy]{1,4}[./ -][dmyj]{1,4}", text.casefold().strip(" ()")) is not None


def _texts(cells: Iterable[Cell]) -> Iterator[str]:
    for cell in cells:
        if isinstance(cell, str):
            yield from (_plain(end) for end in period_ends(cell_text(cell)))


def _only_order(text: str) -> tuple[DateOrder, ...]:
    """The one order in which a date can be meant, if there is only one. Dots put the day first everywhere."""
    if not (match := _NUMERIC.fullmatch(text)):
        return ()
    first, separator, second, _ = (group for group in match.groups() if group is not None)
    if int(second) > 12 >= int(first):
        return (DateOrder.MDY,)
    return (DateOrder.DMY,) if int(first) > 12 >= int(second) or (separator == "." and first != second) else ()


def _is_ambiguous(text: str) -> bool:
    match = _NUMERIC.fullmatch(text)
    if not match:
        return False
    first, _, second, _ = (group for group in match.groups() if group is not None)
    return int(first) != int(second) and max(int(first), int(second)) <= 12


def _plain(text: str) -> str:
    return _WEEKDAY.sub("", _TIME.sub("", re.sub(r"[‐-―−]", "-", text.casefold())).strip()).strip()


def _date(text: str, year: str, month: str, day: str) -> date:
    """The day, of a month by number or English name; two digits of a year are of this century."""
    number = int(month) if month.isdigit() else _month(month)
    try:
        return _plausible(date(int(year) + 2000 if len(year) == 2 else int(year), number, int(day)))
    except NotADate:
        raise
    except ValueError as error:
        raise NotADate(f"no calendar has the day {text}") from error


def _month(word: str) -> int:
    for number, name in enumerate(_MONTHS, 1):
        if name.startswith(word) or (word, name) == ("sept", "september"):
            return number
    raise NotADate("it is not a date")


def _plausible(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise NotADate(f"the year {day.year} cannot be meant")
    return day
