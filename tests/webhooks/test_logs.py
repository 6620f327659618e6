"""The log: one event is one line of JSON, and no secret is ever in it."""

import io
import json
import logging
import sys
from typing import Any

from webhooks.logs import JsonLines


def logged(message: str, secrets: tuple[str, ...] = (), **kwargs: Any) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(secrets))
    logger = logging.Logger("tieout.test", "DEBUG")
    logger.addHandler(handler)
    logger.info(message, **kwargs)
    return stream.getvalue()


def test_facts_are_fields_beside_a_constant_text() -> None:
    line = json.loads(logged("webhook", extra={"delivery": "d-1", "attempts": 3}))
    assert (line["event"], line["delivery"], line["attempts"], line["level"]) == ("webhook", "d-1", 3, "INFO")
    assert line["at"].endswith("+00:00")


def test_a_fact_cannot_take_the_place_of_what_every_line_has() -> None:
    line = json.loads(logged("webhook", extra={"event": "forged", "at": "never", "level": "forged"}))
    assert (line["event"], line["level"]) == ("webhook", "INFO")
    assert list(line)[:4] == ["at", "level", "logger", "event"]


def test_text_from_outside_cannot_begin_a_line_of_its_own() -> None:
    text = logged("webhook", extra={"title": 'x"}\n{"event": "forged\u2028'})
    assert text.count("\n") == 1
    assert len(text.splitlines()) == 1


def test_an_error_is_told_in_the_same_line() -> None:
    try:
        raise ValueError("boom")
    except ValueError:
        text = logged("failed", exc_info=sys.exc_info())
    assert "ValueError: boom" in json.loads(text)["error"]
    assert text.count("\n") == 1


def test_a_secret_is_cut_wherever_it_stands() -> None:
    secret = 'p"ss\\word-é'
    text = logged(f"sent {secret}", (secret, ""), extra={"url": f"https://u:{secret}@h", "odd": object()})
    assert secret not in json.loads(text)["event"] + json.loads(text)["url"]
    assert text.count("[secret]") == 2
