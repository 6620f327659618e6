"""Webhooks on their way: headers, retries, losses."""

import hashlib
import hmac
import random
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.sandbox.faults import Faults
from connector.sandbox.outbox import Hook, Outbox, Product, signature
from tests.connector.sandbox.conftest import START

URL = "https://tieout.example/hook"


class Receiver:
    """Answers as it is told and remembers what came."""

    def __init__(self, *statuses: int | None) -> None:
        self._statuses = list(statuses)
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.got.append((url, body, headers))
        status = self._statuses.pop(0) if self._statuses else 200
        if status is None:
            raise ConnectionRefusedError
        return status

    def values(self, header: str) -> list[str | None]:
        return [headers.get(header) for _, _, headers in self.got]


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(Faults(), random.Random(1), threading.RLock())


def send(outbox: Outbox, *, product: Product = "jira", secret: str | None = None, **payload: Any) -> Hook:
    """Queue one webhook to a new hook."""
    hook = Hook(len(outbox.hooks) + 1, product, "hook", URL, ("jira:issue_updated",), secret=secret)
    outbox.hooks[hook.hook_id] = hook
    outbox.queue(hook, "jira:issue_updated", payload or {"a": 1}, now=START)
    return hook


def run(outbox: Outbox, receiver: Receiver, until: timedelta) -> list[datetime]:
    """Pump at every moment something is due; the moments at which something was sent."""
    moments = []
    while (due := outbox.next_due_at()) is not None and due <= START + until:
        outbox.pump(receiver, now=due)
        moments.append(due)
    return moments


def test_the_signature_is_the_documented_one() -> None:
    expected = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    assert signature("It's a Secret to Everybody", b"Hello World!") == expected


def test_a_delivery_is_signed_over_the_bytes_that_are_sent(outbox: Outbox) -> None:
    receiver = Receiver()
    send(outbox, secret="s3cret", text="Grüße")
    outbox.pump(receiver, now=START)
    (url, body, headers) = receiver.got[0]
    assert url == URL
    assert headers["X-Hub-Signature"] == "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert headers["X-Atlassian-Webhook-Flow"] == "Primary"
    assert "X-Atlassian-Webhook-Retry" not in headers


def test_a_hook_without_a_secret_is_not_signed(outbox: Outbox) -> None:
    receiver = Receiver()
    send(outbox)
    outbox.pump(receiver, now=START)
    assert receiver.values("X-Hub-Signature") == [None]


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503, None])
def test_what_may_pass_is_tried_again_under_the_same_identifier(outbox: Outbox, status: int | None) -> None:
    receiver = Receiver(status)
    send(outbox)
    first, second = run(outbox, receiver, timedelta(hours=2))
    assert timedelta(minutes=5) <= second - first <= timedelta(minutes=15)
    assert len(set(receiver.values("X-Atlassian-Webhook-Identifier"))) == 1
    assert receiver.values("X-Atlassian-Webhook-Retry") == [None, "1"]
    assert [attempt.status for attempt in outbox.attempts] == [status, 200]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 413, 422])
def test_a_refusal_is_final(outbox: Outbox, status: int) -> None:
    receiver = Receiver(status)
    send(outbox)
    run(outbox, receiver, timedelta(days=1))
    assert len(receiver.got) == 1


def test_no_more_than_five_retries_and_none_once_a_hook_has_failed_for_half_an_hour(outbox: Outbox) -> None:
    receiver = Receiver(*[503] * 50)
    hook = send(outbox)
    run(outbox, receiver, timedelta(days=1))
    assert 3 <= len(receiver.got) <= 6
    outbox.queue(hook, "jira:issue_updated", {"later": 1}, now=START + timedelta(hours=2))
    before = len(receiver.got)
    run(outbox, receiver, timedelta(days=1))
    assert len(receiver.got) == before + 1


def test_after_a_success_a_hook_is_retried_again(outbox: Outbox) -> None:
    receiver = Receiver(503, 200, 503, 200)
    hook = send(outbox)
    run(outbox, receiver, timedelta(days=1))
    outbox.queue(hook, "jira:issue_updated", {"later": 1}, now=START + timedelta(hours=5))
    run(outbox, receiver, timedelta(days=1))
    assert len(receiver.got) == 4


def test_confluence_does_not_try_again(outbox: Outbox) -> None:
    receiver = Receiver(503)
    send(outbox, product="confluence")
    run(outbox, receiver, timedelta(days=1))
    assert len(receiver.got) == 1


def test_webhooks_can_be_lost_and_doubled_on_demand(outbox: Outbox) -> None:
    receiver = Receiver()
    outbox.faults.webhooks.lose_next = 1
    outbox.faults.webhooks.duplicate_next = 1
    for number in range(3):
        send(outbox, number=number)
    outbox.pump(receiver, now=START)
    assert [body for _, body, _ in receiver.got] == [b'{"number": 1}', b'{"number": 1}', b'{"number": 2}']
    assert len(set(receiver.values("X-Atlassian-Webhook-Identifier"))) == 2
    assert outbox.lost == 1


def test_webhooks_can_be_late_and_out_of_order(outbox: Outbox) -> None:
    receiver = Receiver()
    outbox.faults.webhooks.delay_s = 60
    for number in range(20):
        send(outbox, number=number)
    moments = run(outbox, receiver, timedelta(seconds=60))
    bodies = [body for _, body, _ in receiver.got]
    assert moments[-1] > START
    assert len(bodies) == 20
    assert bodies != sorted(bodies, key=lambda body: int(body[11:-1]))


def test_what_is_due_together_can_be_shuffled(outbox: Outbox) -> None:
    receiver = Receiver()
    outbox.faults.webhooks.reorder = True
    for number in range(20):
        send(outbox, number=number)
    outbox.pump(receiver, now=START)
    bodies = [body for _, body, _ in receiver.got]
    assert len(set(bodies)) == 20
    assert bodies != sorted(bodies, key=lambda body: int(body[11:-1]))


def test_a_receiver_may_ask_the_site_back_from_another_thread(outbox: Outbox) -> None:
    def receive(_url: str, _body: bytes, _headers: dict[str, str]) -> int:
        entered = threading.Event()

        def ask() -> None:
            with outbox.lock:
                entered.set()

        threading.Thread(target=ask, daemon=True).start()
        return 200 if entered.wait(10) else 500

    send(outbox)
    outbox.pump(receive, now=START)
    assert [attempt.status for attempt in outbox.attempts] == [200]
