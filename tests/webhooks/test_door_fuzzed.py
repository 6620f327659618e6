"""The doors under anything: damaged payloads, odd headers, forgeries and replays, thousands of them.

What may be answered is said a second time in `tests.webhooks.knocks`; what must hold of the register, of memory and of
the time a verification takes stands here and in `tests.webhooks.fuzz`.
"""

from __future__ import annotations

import ast
import gc
import inspect
import io
import json
import logging
import math
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.database import Database
from sync.keys import record_key
from sync.tidying import tidy
from sync.vault import Vault
from webhooks import signature
from webhooks.door import OLDEST
from webhooks.logs import JsonLines
from webhooks.signature import is_signed, knows_secret

from .doors import (
    NEXT_SECRET,
    NOW,
    SECRET,
    UID,
    add_request,
    client_of,
    due_keys,
    everything,
    issue_updated,
    knock,
    sign,
)
from .fuzz import Fuzz, fuzz_until
from .knocks import new_knock


def test_any_request_is_answered_by_the_law_and_changes_no_more_than_it_may(database: Database) -> None:
    fuzz = Fuzz(database)

    @settings(max_examples=40)
    @given(st.randoms(use_true_random=False))
    def send(chance: Random) -> None:
        fuzz.start_anew()
        for _ in range(chance.randint(1, 5)):
            fuzz.step(chance)
        fuzz.check()

    send()
    assert {f"answered {status}" for status in (202, 401)} <= fuzz.counts.keys()


@pytest.mark.long
def test_thousands_of_requests_are_and_leave_nothing_behind(database_url: str, backend: str) -> None:
    most = 5_200 if backend == "sqlite" else 800
    counts = fuzz_until(math.inf, database_url, seed=2, most=most)
    assert counts["requests at the doors"] == most
    assert {int(what.split()[-1]) for what in counts if what.startswith("answered")} == {
        200,
        202,
        400,
        401,
        405,
        413,
        415,
    }


@pytest.mark.long
@pytest.mark.parametrize("backend", ["sqlite"])
def test_no_request_leaves_an_object_in_memory(database: Database) -> None:
    """The same requests again and again: what each leaves behind makes every round larger. An object has 56 bytes."""
    fuzz, chance = Fuzz(database), Random(3)
    knocks = [new_knock(chance) for _ in range(120)]
    logging.disable(logging.CRITICAL)  # pytest keeps every line that is logged
    tracemalloc.start()
    sizes = []
    for _ in range(5):
        for each in knocks:
            each.send(fuzz.client)
        gc.collect()
        sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    logging.disable(logging.NOTSET)
    grown = [after - before for before, after in pairwise(sizes[1:])]
    assert min(grown) < len(knocks) * 56, sizes


def test_a_seed_sends_the_same_requests_again() -> None:
    first, again = ([repr(new_knock(chance)) for _ in range(50)] for chance in (Random(4), Random(4)))
    assert first == again


# Replays and rotation.


def test_after_a_rotation_only_the_new_secret_opens_and_nothing_sent_meanwhile_is_lost(database: Database) -> None:
    add_request(database)
    before, during, after = (
        client_of(database, jira_secrets=s) for s in ((SECRET,), (SECRET, NEXT_SECRET), (NEXT_SECRET,))
    )
    sent = [(before, SECRET, 202), (before, NEXT_SECRET, 401), (during, SECRET, 202), (during, NEXT_SECRET, 202)]
    sent += [(after, NEXT_SECRET, 202), (after, SECRET, 401)]
    for number, (client, secret, status) in enumerate(sent):
        answer = knock(client, issue_updated(place=number), secret=secret, delivery=f"d-{number}")
        assert answer.status_code == status, number
    assert len(everything(database)["delivery"]) == 4


def test_what_was_refused_in_the_middle_of_a_rotation_is_taken_when_jira_sends_it_again(database: Database) -> None:
    add_request(database)
    too_early = knock(client_of(database, jira_secrets=(SECRET,)), issue_updated(), secret=NEXT_SECRET)
    again = knock(client_of(database, jira_secrets=(SECRET, NEXT_SECRET)), issue_updated(), secret=NEXT_SECRET)
    assert (too_early.status_code, again.status_code) == (401, 202)


def test_a_replay_is_refused_by_its_age_before_its_delivery_is_forgotten(database: Database, tmp_path: Path) -> None:
    """Whatever `tidy` forgets is older than anything the door takes: no gap opens for a replay between the two."""
    add_request(database)
    now = [NOW]
    client = client_of(database, now=lambda: now[0])
    assert knock(client, issue_updated()).status_code == 202
    for days in (0, 1, 2, 29, 31, 400):
        now[0] = NOW + timedelta(days=days)
        answer = knock(client, issue_updated(), delivery=f"replayed after {days} days".replace(" ", "-"))
        assert answer.status_code == (200 if days * timedelta(days=1) <= OLDEST else 400), days
        tidy(Database(database.engine, clock=lambda: now[0]), Vault(tmp_path), most_bytes=0)


# How long a verification takes.


def steps_of(verify: Callable[[], bool]) -> tuple[bool, int]:
    """The answer, and how many instructions of Python it took."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        answer = verify()
    finally:
        sys.settrace(before)
    return answer, count


def test_a_verification_takes_the_same_steps_however_near_the_guess() -> None:
    body, secrets = b"Hello World!", [SECRET, NEXT_SECRET]
    right = sign(body, SECRET).removeprefix("sha256=")
    wrong = "".join("0" if digit != "0" else "1" for digit in right)
    guesses = [right[:near] + wrong[near:] for near in range(65)] + [sign(body, NEXT_SECRET)[7:], "", "a" * 1_000]
    taken = [steps_of(partial(is_signed, body, f"sha256={guess}", secrets)) for guess in guesses]
    assert [answer for answer, _ in taken] == [False] * 64 + [True, True, False, False]
    assert len({count for _, count in taken}) == 1
    shared = [steps_of(partial(knows_secret, guess, secrets)) for guess in ("", "jira", SECRET.decode())]
    assert [answer for answer, _ in shared] == [False, False, True]
    assert len({count for _, count in shared}) == 1


def test_secrets_are_compared_by_compare_digest_alone_and_all_of_them() -> None:
    """`==`, `in`, `startswith` end at the first difference, and a generator in `any` at the first match."""
    tree = ast.parse(inspect.getsource(signature))
    compares = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    assert compares == ["digest is None"]
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert "hmac.compare_digest" in called
    assert not [name for name in called if name.split(".")[-1] in {"startswith", "endswith", "find", "index", "__eq__"}]
    assert [node for node in ast.walk(tree) if isinstance(node, ast.GeneratorExp)] == []
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        (listed,) = (node for node in ast.walk(function) if isinstance(node, ast.ListComp))
        assert ast.unparse(listed.elt).startswith("hmac.compare_digest(")
        assert [ast.unparse(test) for each in listed.generators for test in each.ifs] == []


# What is said of it, and what a flood leaves.


@pytest.mark.parametrize("event", ["\ud800", "\0", "a\nb\r\n", "\u202e\u2028", "é" * 500, '", "level": "x', "\x1b[31m"])
def test_a_delivery_is_one_line_of_the_log_whatever_it_says(database: Database, event: str) -> None:
    add_request(database)
    stream = io.StringIO()
    handler, logger = logging.StreamHandler(stream), logging.getLogger("webhooks")
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        assert knock(client_of(database), issue_updated(webhookEvent=event)).status_code == 202
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line)["said"] == event[:60]
    assert line.isascii()
    assert line.isprintable()


def flood(database: Database, size: int) -> None:
    """So many signed webhooks for one issue, over eight threads."""
    add_request(database)
    app = client_of(database).application

    def send(number: int) -> int:
        return knock(app.test_client(), issue_updated(place=number), delivery=f"d-{number}").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(size))) == {202}


@pytest.mark.parametrize(
    ("backend", "size"),
    [
        ("sqlite", 200),
        ("postgres", 200),
        pytest.param("sqlite", 10_000, marks=pytest.mark.long),
        pytest.param("postgres", 2_000, marks=pytest.mark.long),
    ],
)
def test_a_flood_for_one_issue_is_one_row_of_work_and_a_bounded_store(
    database: Database, size: int, tmp_path: Path
) -> None:
    flood(database, size)
    assert due_keys(database) == {record_key(UID): 0}
    tables = everything(database)
    assert (len(tables["work"]), len(tables["delivery"])) == (1, size)
    body = len(json.dumps(issue_updated(place=size - 1)))
    tidy(Database(database.engine, clock=lambda: NOW), Vault(tmp_path), most_bytes=50 * body)
    assert sum(len(row[3]) for row in everything(database)["delivery"]) <= 50 * body
    tidy(Database(database.engine, clock=lambda: NOW + timedelta(days=31)), Vault(tmp_path))
    assert everything(database)["delivery"] == []
