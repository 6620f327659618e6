"""Many threads, one commit: whoever's turn it is does the work of all who wait, and each gets its own answer.

A commit costs a wait for the disk however much is in it. Under load the webhooks of several senders so share one; a
lone webhook is committed at once, as without this.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class _Ticket(Generic[T, R]):
    def __init__(self, item: T) -> None:
        self.item = item
        self.answer: R
        self.error: Exception | None = None
        self.is_done = False


class Together(Generic[T, R]):
    """`do_all` takes the items of one round and gives their answers in that order; an error of it is everybody's."""

    def __init__(self, do_all: Callable[[Sequence[T]], Sequence[R]]) -> None:
        self._do_all = do_all
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Ticket[T, R]] = []

    def do(self, item: T) -> R:
        """The answer for `item`, once the round it was in is done. Raises what `do_all` raised."""
        ticket: _Ticket[T, R] = _Ticket(item)
        with self._guard:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.is_done:
                self._do_round()
        if ticket.error is not None:
            raise ticket.error
        return ticket.answer

    def _do_round(self) -> None:
        with self._guard:
            tickets, self._waiting = self._waiting, []
        try:
            for ticket, answer in zip(tickets, self._do_all([ticket.item for ticket in tickets]), strict=True):
                ticket.answer = answer
        except Exception as error:  # noqa: BLE001  handed on to everyone who waits for it
            for ticket in tickets:
                ticket.error = error
        finally:
            for ticket in tickets:
                ticket.is_done = True
