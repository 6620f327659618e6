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
from sync.retry import Dead, Later, Next, Pause, Retry
from sync.store import Stale, Taken

RETRY = Retry(first_s=2, cap_s=300, unclear_s=60, most_attempts=100, most_unknown=3)


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
        (TryLater("503"), 100, Dead("given up after 100 attempts; the last: TryLater: 503")),
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
        (KeyError("a mistake of ours"), 2, Later(4, True)),
        (KeyError("x"), 3, Dead("given up after 3 attempts; the last: KeyError: 'x'")),
        (FarSideError("of a new kind"), 3, Dead("given up after 3 attempts; the last: FarSideError: of a new kind")),
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


def test_by_default_a_site_that_is_down_is_tried_for_two_weeks() -> None:
    retry, waited_s, attempts = Retry(), 0.0, 0
    while isinstance(following := retry.after(TryLater("503"), attempts=(attempts := attempts + 1), jitter=0.5), Later):
        waited_s += following.after_s
    assert 13.5 < waited_s / 86_400 < 14.5
