from __future__ import annotations

import pytest

from mappings.errors import (
    FarSideError,
    Forbidden,
    Gone,
    ReadAgain,
    Refused,
    SignInFailed,
    Throttled,
    TryLater,
    Unclear,
)
from sync.database import StoreTrouble
from sync.intents import SETTLES_AFTER_S
from sync.retry import Dead, Later, Next, Pause, Retry
from sync.store import Stale, Taken

DAY = 86_400
RETRY = Retry(first_s=2, cap_s=300, unclear_s=60, tried_for_s=14 * DAY, least_attempts=100, most_faults=3)


@pytest.mark.parametrize(
    ("error", "attempts", "expected"),
    [
        (TryLater("503"), 1, Later(2, True)),
        (TryLater("503"), 2, Later(4, True)),
        (TryLater("503"), 5, Later(32, True)),
        (TryLater("503"), 9, Later(300, True)),
        (TryLater("503"), 99, Later(300, True)),
        (TryLater("503", after_s=90), 1, Later(90, True)),
        (TryLater("503", after_s=1), 3, Later(8, True)),
        (TryLater("503"), 10_000, Later(300, True)),
        (Throttled("429", after_s=7), 1, Later(7, False)),
        (Throttled("429", after_s=1000), 5000, Later(1000, False)),
        (Unclear("lost"), 1, Later(60, True)),
        (Unclear("lost"), 8, Later(256, True)),
        (ReadAgain("409"), 1, Later(2, True)),
        (Stale("version"), 1, Later(2, True)),
        (Taken("number"), 1, Later(2, True)),
        (StoreTrouble("locked"), 3, Later(8, False)),
        (StoreTrouble("locked"), 10**6, Later(300, False)),
        (Refused("400"), 1, Dead("Refused: 400")),
        (Gone("404"), 1, Dead("Gone: 404")),
        (Forbidden("403"), 1, Dead("Forbidden: 403")),
        (SignInFailed("401"), 1, Pause("https://acme.example")),
    ],
)  # fmt: skip
def test_what_follows_an_error(error: Exception, attempts: int, expected: Next) -> None:
    assert RETRY.after(error, attempts=attempts, jitter=0, site="https://acme.example") == expected


@pytest.mark.parametrize(
    ("error", "least_s", "most_s"),
    [
        (TryLater("503"), 1, 2),
        (TryLater("503", after_s=90), 90, 90),
        (Throttled("429", after_s=10), 10, 11),
        (Unclear("lost"), 60, 60),
    ],
)
def test_chance_spreads_keys_and_never_shortens_what_was_asked(error: Exception, least_s: float, most_s: float) -> None:
    waits = [RETRY.after(error, attempts=1, jitter=n / 10) for n in range(11)]
    seconds = [each.after_s for each in waits if isinstance(each, Later)]
    assert len(seconds) == 11
    assert (min(seconds), max(seconds)) == (least_s, most_s)


def test_every_error_of_a_far_side_is_sorted() -> None:
    """A new kind of error must be given its place here and in the table above."""
    kinds = {kind for base in (FarSideError, TryLater) for kind in base.__subclasses__()}
    assert kinds == {TryLater, Throttled, Unclear, ReadAgain, Refused, Gone, Forbidden, SignInFailed}


@pytest.mark.parametrize(
    ("failing_s", "attempts", "is_dead"),
    [
        (14 * DAY - 1, 10_000, False),
        (14 * DAY, 100, True),
        (14 * DAY, 99, False),
        (90 * DAY, 3, False),
    ],
)
def test_what_passes_by_itself_is_given_up_by_the_clock_and_not_for_days_in_which_nobody_tried(
    failing_s: float, attempts: int, is_dead: bool
) -> None:
    following = RETRY.after(TryLater("503"), attempts=attempts, jitter=0, failing_s=failing_s)
    if is_dead:
        assert following == Dead(f"given up after 14 days and {attempts} attempts; the last: TryLater: 503")
    else:
        assert isinstance(following, Later)


@pytest.mark.parametrize("error", [Throttled("429", after_s=7), StoreTrouble("locked")])
def test_being_asked_to_wait_is_never_given_up(error: Exception) -> None:
    assert isinstance(RETRY.after(error, attempts=10_000, jitter=0, failing_s=365 * DAY), Later)


@pytest.mark.parametrize("error", [KeyError("x"), FarSideError("of a new kind")])
def test_a_mistake_of_ours_gets_a_few_tries_however_many_attempts_a_site_that_was_down_took_before(
    error: Exception,
) -> None:
    assert RETRY.after(error, attempts=500, jitter=0, faults=2) == Later(300, True, is_fault=True)
    given_up = f"given up after 3 attempts; the last: {type(error).__name__}: {error}"
    assert RETRY.after(error, attempts=3, jitter=0, faults=3) == Dead(given_up)


def test_by_default_a_write_of_unknown_outcome_waits_until_it_can_be_known() -> None:
    assert Retry().after(Unclear("lost"), attempts=1, jitter=1) == Later(SETTLES_AFTER_S, spends_attempt=True)


def test_by_default_a_site_that_is_down_is_tried_for_two_weeks() -> None:
    retry, waited_s, attempts = Retry(), 0.0, 0
    while True:
        attempts += 1
        following = retry.after(TryLater("503"), attempts=attempts, jitter=0.5, failing_s=waited_s)
        if not isinstance(following, Later):
            break
        waited_s += following.after_s
    assert 14 <= waited_s / DAY < 14.01
