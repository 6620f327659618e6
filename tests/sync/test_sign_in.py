"""An OAuth sign-in that several workers share: one renews, no refresh token is used twice, all is sealed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from mappings.errors import FarSideError, Refused, SignInFailed, TryLater, Unclear
from mappings.sign_in import Tokens
from sync.database import Database
from sync.tables import sign_in
from tests.virtual_clock import VirtualClock

pytest.importorskip("cryptography", reason="cryptography is not here; `make install` brings it")

from sync.sealed import Box, new_key
from sync.sign_in import CLAIMED_FOR, EARLY, SharedSignIn

HOUR = timedelta(hours=1)


class Authority:
    """Stands for the token endpoint: each refresh token is good once."""

    def __init__(self) -> None:
        self.number = 1
        self.trouble: FarSideError | None = None
        self.is_lost = False
        self.asked: list[str] = []
        self.during: Callable[[], object] = lambda: None

    def refresh(self, token: str) -> Tokens:
        self.asked.append(token)
        self.during()
        if self.trouble is not None:
            raise self.trouble
        if token != f"refresh-{self.number}":
            raise SignInFailed("the sign-in has ended: run `tieout auth login`")
        self.number += 1
        if self.is_lost:
            raise Unclear("no answer")
        return Tokens(f"access-{self.number}", f"refresh-{self.number}", HOUR.total_seconds())


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def key() -> str:
    return new_key()


@pytest.fixture
def shared(timed_database: Database, authority: Authority, key: str) -> SharedSignIn:
    made = SharedSignIn(timed_database, "app", Box([key]), authority.refresh)
    made.keep(Tokens("access-1", "refresh-1", HOUR.total_seconds()))
    return made


def test_while_a_token_is_good_nobody_asks_for_another(
    shared: SharedSignIn, authority: Authority, clock: VirtualClock
) -> None:
    clock.forward((HOUR - EARLY - timedelta(seconds=1)).total_seconds())
    assert (shared.access_token(), authority.asked) == ("access-1", [])


def test_a_token_is_renewed_early_and_once_while_others_go_on_with_the_old_one(
    shared: SharedSignIn, authority: Authority, clock: VirtualClock
) -> None:
    clock.forward((HOUR - EARLY).total_seconds())
    meanwhile: list[str] = []
    authority.during = lambda: meanwhile.extend(shared.access_token() for _ in range(5))
    assert shared.access_token() == "access-2"
    assert meanwhile == ["access-1"] * 5
    assert shared.access_token() == "access-2"
    assert authority.asked == ["refresh-1"]


def test_of_several_at_the_end_of_a_token_one_renews_and_the_others_come_again(
    shared: SharedSignIn, authority: Authority, clock: VirtualClock
) -> None:
    clock.forward((HOUR).total_seconds())

    def other() -> None:
        with pytest.raises(TryLater):
            shared.access_token()

    authority.during = other
    assert shared.access_token() == "access-2"
    assert authority.asked == ["refresh-1"]


def test_a_lost_answer_is_told_once_and_ends_in_words_that_say_what_to_do(
    shared: SharedSignIn, authority: Authority, clock: VirtualClock
) -> None:
    clock.forward((HOUR - EARLY).total_seconds())
    authority.is_lost = True
    assert shared.access_token() == "access-1"
    assert shared.access_token() == "access-1"
    assert authority.asked == ["refresh-1"]
    clock.forward((EARLY).total_seconds())
    for _ in range(3):
        with pytest.raises(SignInFailed, match="tieout auth login"):
            shared.access_token()
    assert authority.asked == ["refresh-1"] * 2


def test_an_authority_that_allows_a_repeat_costs_nobody_anything(
    shared: SharedSignIn, authority: Authority, clock: VirtualClock
) -> None:
    clock.forward((HOUR).total_seconds())
    authority.trouble = Unclear("503")
    with pytest.raises(TryLater):
        shared.access_token()
    authority.trouble = None
    with pytest.raises(TryLater):
        shared.access_token()
    clock.forward((CLAIMED_FOR + timedelta(seconds=1)).total_seconds())
    assert shared.access_token() == "access-2"


def test_a_worker_that_died_while_it_renewed_holds_the_others_up_for_its_claim_only(
    shared: SharedSignIn, authority: Authority, clock: VirtualClock
) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    clock.forward((HOUR).total_seconds())
    authority.during = die
    with pytest.raises(Killed):
        shared.access_token()
    authority.during = lambda: None
    with pytest.raises(TryLater):
        shared.access_token()
    clock.forward((CLAIMED_FOR + timedelta(seconds=1)).total_seconds())
    assert shared.access_token() == "access-2"


def test_a_new_login_ends_the_trouble_and_an_answer_that_comes_late_does_not_overwrite_it(
    shared: SharedSignIn, authority: Authority, clock: VirtualClock
) -> None:
    clock.forward((HOUR).total_seconds())
    authority.during = lambda: shared.keep(Tokens("fresh", "refresh-fresh", HOUR.total_seconds()))
    shared.access_token()
    assert shared.access_token() == "fresh"


def test_nobody_signed_in_says_what_to_do(timed_database: Database, authority: Authority, key: str) -> None:
    with pytest.raises(SignInFailed, match="tieout auth login"):
        SharedSignIn(timed_database, "app", Box([key]), authority.refresh).access_token()


def test_what_is_kept_is_sealed_and_hidden(timed_database: Database, authority: Authority, key: str) -> None:
    hidden: list[str] = []
    shared = SharedSignIn(timed_database, "app", Box([key]), authority.refresh, hidden.append)
    shared.keep(Tokens("access-1", "refresh-1", HOUR.total_seconds()))
    with timed_database.read() as conn:
        row = conn.execute(select(sign_in)).one()
    assert not any(secret in bytes(row.sealed) for secret in (b"access-1", b"refresh-1"))
    shared.access_token()
    assert {"access-1", "refresh-1"} <= set(hidden)
    assert "access-1" not in repr(Tokens("access-1", "refresh-1", 1))


def test_keys_are_rotated_by_putting_a_new_one_in_front(
    timed_database: Database, authority: Authority, clock: VirtualClock, key: str, shared: SharedSignIn
) -> None:
    newer = new_key()

    def with_keys(*keys: str) -> SharedSignIn:
        return SharedSignIn(timed_database, "app", Box(keys), authority.refresh)

    with pytest.raises(Refused, match="TIEOUT_KEYS"):
        with_keys(newer).access_token()
    clock.forward((HOUR - EARLY).total_seconds())
    assert with_keys(newer, key).access_token() == "access-2"
    assert with_keys(newer).access_token() == "access-2"
    with pytest.raises(Refused, match="TIEOUT_KEYS"):
        with_keys(key).access_token()


@pytest.mark.parametrize("keys", [[], ["short"], ["x" * 44]])
def test_a_key_that_is_none_is_refused_by_its_place(keys: list[str]) -> None:
    with pytest.raises(Refused, match="TIEOUT_KEYS"):
        Box(keys)
