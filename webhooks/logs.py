"""The log: one event, one line of JSON, constant text, the facts as fields. Known secrets are cut from every line."""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TextIO

CUT = "[secret]"
NOT_FACTS = {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a log record as one JSON object; what was given as `extra` becomes its fields."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__()
        self._ordinary = {*vars(logging.makeLogRecord({})), *NOT_FACTS}
        self._secrets: list[str] = []
        for secret in secrets:
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """From now on cut this secret, too, out of every line."""
        # As they stand inside JSON; the longest first, so that no part of one survives another's cutting.
        known = {*self._secrets, json.dumps(secret)[1:-1]} - {""}
        self._secrets = sorted(known, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"at": at, "level": record.levelname, "logger": record.name, "event": record.getMessage()}
        facts = {name: value for name, value in vars(record).items() if name not in self._ordinary}
        line = head | facts | head  # the head first to a reader's eye, and no fact in its place
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        text = json.dumps(line, default=str)
        for secret in self._secrets:
            text = text.replace(secret, CUT)
        return text


def log_to(stream: TextIO, level: str, secrets: Sequence[str] = ()) -> Callable[[str], None]:
    """Send everything that is logged to `stream`. Replaces what an earlier call set up. Returns what is to be told
    every secret that is learned later."""
    handler = logging.StreamHandler(stream)
    lines = JsonLines(secrets)
    handler.setFormatter(lines)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("alembic", "apscheduler", "atlassian", "urllib3"):  # `atlassian` would write out whole bodies
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns of every request that has to wait its turn
    return lines.hide
