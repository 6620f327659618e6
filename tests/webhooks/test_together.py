"""Work done together: everybody gets their own answer, and nobody waits for a round that began without them."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from webhooks.together import Together


class Rounds:
    """Does rounds, and can be held in the middle of the first."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.entered, self.leave = threading.Event(), threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.seen.append(list(items))
        if len(self.seen) == 1:
            self.entered.set()
            assert self.leave.wait(10)
        if -1 in items:
            raise OSError("the disk is full")
        return [item * 10 for item in items]


def wait_until_queued(together: Together[int, int], count: int) -> None:
    look = threading.Event()
    for _ in range(1000):
        if len(together._waiting) == count:
            return
        look.wait(0.01)
    raise AssertionError(f"expected {count} to wait, {len(together._waiting)} do")


def test_those_who_come_during_a_round_share_the_next(pool: ThreadPoolExecutor) -> None:
    rounds = Rounds()
    together = Together(rounds)
    first = pool.submit(together.do, 1)
    assert rounds.entered.wait(10)
    others = [pool.submit(together.do, item) for item in (2, 3, 4)]
    wait_until_queued(together, 3)
    rounds.leave.set()
    assert [first.result(10), *(other.result(10) for other in others)] == [10, 20, 30, 40]
    assert [sorted(items) for items in rounds.seen] == [[1], [2, 3, 4]]


def test_an_error_is_everybody_s_in_that_round_and_nobody_else_s(pool: ThreadPoolExecutor) -> None:
    rounds = Rounds()
    together = Together(rounds)
    first = pool.submit(together.do, 1)
    assert rounds.entered.wait(10)
    others = [pool.submit(together.do, item) for item in (-1, 3)]
    wait_until_queued(together, 2)
    rounds.leave.set()
    assert first.result(10) == 10
    for other in others:
        with pytest.raises(OSError, match="disk is full"):
            other.result(10)
    assert together.do(5) == 50


def test_of_very_many_everyone_gets_their_own_answer(pool: ThreadPoolExecutor) -> None:
    together: Together[int, int] = Together(lambda items: [item * 10 for item in items])
    assert list(pool.map(together.do, range(500))) == [item * 10 for item in range(500)]


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8)
