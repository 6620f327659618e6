"""Working days of audits in several countries, and local dates at midnight."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.rules import AuditRule
from mappings.working_days import CalendarProblem, WorkCalendar

FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)


def calendar(zone: str = "UTC", *, holidays: str | None = None, extra_holidays: tuple[date, ...] = ()) -> WorkCalendar:
    return WorkCalendar.of(
        AuditRule(
            name="SOC 2",
            period_start=date(2026, 1, 1),
            period_end=date(2026, 12, 31),
            project="AUD",
            space="AUD",
            coordinator="cora@acme.example",
            auditors=("abe@firm.example",),
            time_zone=zone,
            holidays=holidays,
            extra_holidays=extra_holidays,
        )
    )


@pytest.mark.parametrize(
    ("holidays", "day", "is_working"),
    [
        (None, FRIDAY, True),
        (None, SATURDAY, False),
        (None, date(2026, 12, 25), True),
        ("US", date(2026, 11, 26), False),
        ("us", date(2026, 11, 26), False),
        ("DE", date(2026, 11, 26), True),
        ("DE", date(2026, 3, 8), False),
        ("DE-BE", date(2027, 3, 8), False),
        ("de-be", date(2027, 3, 8), False),
        ("BE-Flemish", FRIDAY, True),
        ("DE", date(2027, 3, 8), True),
        ("IL", FRIDAY, False),
        ("IL", date(2026, 11, 22), True),
    ],
)
def test_working_days_are_those_of_the_country_and_region(holidays: str | None, day: date, is_working: bool) -> None:
    assert calendar(holidays=holidays).is_working_day(day) is is_working


def test_an_audits_own_days_off_are_none() -> None:
    assert not calendar(extra_holidays=(FRIDAY,)).is_working_day(FRIDAY)
    assert calendar(extra_holidays=(FRIDAY,)).add(FRIDAY - timedelta(days=1), 1) == MONDAY


@pytest.mark.parametrize(
    ("day", "days", "wanted"),
    [
        (FRIDAY, 1, MONDAY),
        (FRIDAY, 0, FRIDAY),
        (SATURDAY, 0, SATURDAY),
        (SATURDAY, 1, MONDAY),
        (SATURDAY, -1, FRIDAY),
        (MONDAY, -1, FRIDAY),
        (MONDAY, 5, date(2026, 11, 30)),
        (date.max, 3, date.max),
        (date.min, -3, date.min),
    ],
)
def test_days_are_added_over_weekends(day: date, days: int, wanted: date) -> None:
    assert calendar().add(day, days) == wanted


def test_a_day_off_is_brought_back_to_the_last_working_day() -> None:
    assert calendar().on_or_before(SATURDAY) == FRIDAY
    assert calendar().on_or_before(FRIDAY) == FRIDAY


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(-40, 40), st.sampled_from([None, "US", "IL"]))
def test_counting_undoes_adding(day: date, days: int, country: str | None) -> None:
    work = calendar(holidays=country)
    assert work.count_between(day, work.add(day, days)) == days


@pytest.mark.parametrize(
    ("zone", "wanted"),
    [("UTC", date(2026, 11, 23)), ("America/New_York", date(2026, 11, 22)), ("Pacific/Auckland", date(2026, 11, 23))],
)
def test_the_local_date_is_the_zones(zone: str, wanted: date) -> None:
    assert calendar(zone).local_date(datetime(2026, 11, 23, 2, 0, tzinfo=UTC)) == wanted


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an aware datetime"):
        calendar().local_date(datetime(2026, 11, 23, 2, 0))  # noqa: DTZ001 that it is naive is the point


@pytest.mark.parametrize(
    ("zone", "holidays", "told"),
    [
        ("Nowhere/Land", None, "time_zone 'Nowhere/Land' is not known"),
        ("America", None, "time_zone 'America' is not known"),
        ("/etc/passwd", None, "is not known"),
        ("UTC", "XX", "no country 'XX' is known"),
        ("UTC", "Germany", "no country 'Germany' is known"),
        ("UTC", "DE-ZZ", "DE has no region 'ZZ'; it has BB, BE, "),
    ],
)
def test_unknown_places_are_told_with_what_to_give(zone: str, holidays: str | None, told: str) -> None:
    with pytest.raises(CalendarProblem, match=told):
        calendar(zone, holidays=holidays)
