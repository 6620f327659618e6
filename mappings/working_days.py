"""Working days and the local date of an audit: its time zone, its country's holidays, its own days off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from .rules import AuditRule

_DAY = timedelta(days=1)
_SATURDAY = 5


class CalendarProblem(ValueError):
    """A time zone, country or region of an audit that nobody knows."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Without a country every day from Monday to Friday is a working day."""

    zone: ZoneInfo
    country: str | None = None
    region: str | None = None
    days_off: frozenset[date] = frozenset()

    @classmethod
    def of(cls, audit: AuditRule) -> Self:
        """The calendar of an audit. Raises CalendarProblem."""
        country, region = _place(audit.holidays)
        return cls(_zone(audit.time_zone), country, region, frozenset(audit.extra_holidays))

    def is_working_day(self, day: date) -> bool:
        if day in self.days_off:
            return False
        if self.country is None:
            return day.weekday() < _SATURDAY
        return _year_of(self.country, self.region, day.year).is_working_day(day)

    def add(self, day: date, days: int) -> date:
        """The working day that many working days after `day`, or before it where `days` is negative.

        With 0 the day itself, working or not. Stops at the ends of the calendar: people do type the year 9999."""
        step = _DAY if days > 0 else -_DAY
        end = date.max if days > 0 else date.min
        left = abs(days)
        while left and day != end:
            day += step
            left -= self.is_working_day(day)
        return day

    def on_or_before(self, day: date) -> date:
        """The day itself if it is a working day, else the last one before it."""
        return day if self.is_working_day(day) else self.add(day, -1)

    def count_between(self, start: date, end: date) -> int:
        """How many working days `end` lies after `start`, negative before it: `add(start, n)` lies `n` away."""
        if end < start:
            return -sum(self.is_working_day(start - _DAY * back) for back in range(1, (start - end).days + 1))
        return sum(self.is_working_day(start + _DAY * on) for on in range(1, (end - start).days + 1))

    def local_date(self, now: datetime) -> date:
        """The date in the audit's zone at an aware moment."""
        if now.tzinfo is None:
            raise ValueError(f"expected an aware datetime, got {now!r}, whose zone nobody can tell")
        return now.astimezone(self.zone).date()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CalendarProblem(
            f"time_zone {name!r} is not known: give one of the IANA names, such as Europe/Berlin or America/New_York"
        ) from error


def _place(wanted: str | None) -> tuple[str | None, str | None]:
    if not wanted:
        return None, None
    asked, _, asked_region = wanted.partition("-")
    country, known = asked.upper(), holidays.list_supported_countries()
    if country not in known:
        raise CalendarProblem(
            f"holidays {wanted!r}: no country {asked!r} is known; give a code of two letters, such as US or DE, "
            "with a region behind it where one is wanted, such as DE-BE"
        )
    regions = {region.casefold(): region for region in known[country]}
    if asked_region and asked_region.casefold() not in regions:
        there = ", ".join(known[country]) or "none"
        raise CalendarProblem(f"holidays {wanted!r}: {country} has no region {asked_region!r}; it has {there}")
    return country, regions.get(asked_region.casefold())


@lru_cache(maxsize=512)
def _year_of(country: str, region: str | None, year: int) -> holidays.HolidayBase:
    """One year of a country, never grown afterwards, so that threads may share it."""
    return holidays.country_holidays(country, subdiv=region, years=year, expand=False)
