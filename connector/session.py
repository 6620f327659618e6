"""One signed-in line to one Atlassian product: what goes out, what comes back, which errors that means.

`atlassian-python-api` carries the requests; its own retries, error texts and redirects are off (it re-sends POSTs).
Nothing that writes is ever sent twice from here. Objects are not for sharing between threads: see `per_thread`.
"""

from __future__ import annotations

import base64
import logging
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote, urlsplit

import requests
from atlassian.rest_client import AtlassianRestAPI
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from connector.multipart import FileForm
from connector.refusals import Asked, Reply, error_for, unanswered, wait_s
from mappings.errors import FarSideError, Refused, Throttled, TryLater
from mappings.limits import PER_ISSUE, Limits, NoLimits

log = logging.getLogger(__name__)

T = TypeVar("T")

QUICK_RETRIES = 2
QUICK_WAIT_S = 0.3
LONGEST_QUICK_WAIT_S = 2.0
UNAVAILABLE = 503
NEAR = "X-RateLimit-NearLimit"
NEAR_FOR_S = 60.0
"""How long a limit is taken to be near where the site does not say when it is filled again."""

Json: TypeAlias = dict[str, Any] | str | None
"""What goes out as JSON: an object, a bare string (watchers), or no body."""

Observer = Callable[[str, str, int, float], None]
"""Called after each request with method, path template, status (0: no answer) and seconds."""


@dataclass(frozen=True)
class Habits:
    """How a wire waits, and who watches it. `jitter` gives numbers from 0 to 1."""

    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic
    """Seconds of any origin, for durations only."""
    observer: Observer | None = None


@dataclass(eq=False)
class Wire:
    """Sends requests for paths under `base_url` and returns parsed answers, or raises what `mappings.errors` has.

    Paths are templates: `get("/rest/api/3/issue/{issue}", path={"issue": "10001"})`; values are percent-encoded.
    """

    base_url: str
    client: AtlassianRestAPI = field(repr=False)
    secrets: Collection[str] = field(repr=False, default=())
    """Strings that must not appear in any message."""
    habits: Habits = field(repr=False, default_factory=Habits)
    limits: Limits = field(repr=False, default_factory=NoLimits)

    def get(
        self, template: str, *, path: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """The JSON body of a GET, tried again quickly when the site stumbles."""
        return self.read("GET", template, path=path, params=params).body

    def ask(self, template: str, *, json: Json) -> Any:
        """The JSON body of a POST that only reads."""
        return self.read("POST", template, json=json).body

    def post(self, template: str, *, path: Mapping[str, str] | None = None, json: Json = None) -> Any:
        return self.send("POST", template, path=path, json=json).body

    def put(self, template: str, *, path: Mapping[str, str] | None = None, json: Json = None) -> Any:
        return self.send("PUT", template, path=path, json=json).body

    def read(
        self,
        method: str,
        template: str,
        *,
        path: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Json = None,
    ) -> Reply:
        """A call that changes nothing: at most `QUICK_RETRIES` more tries, none after a 429 or a long wait asked."""
        return self.persist(lambda: self.send(method, template, path=path, params=params, json=json, is_write=False))

    def persist(self, call: Callable[[], T]) -> T:
        """Make a call that changes nothing, again where it stumbles; for reads only."""
        for tried in range(QUICK_RETRIES):
            try:
                return call()
            except TryLater as error:
                if isinstance(error, Throttled) or (error.after_s or 0) > LONGEST_QUICK_WAIT_S:
                    raise
                self.habits.sleep(self._quick_wait_s(error.after_s, tried))
        return call()

    def _quick_wait_s(self, asked_s: float | None, tried: int) -> float:
        """Never less than was asked for."""
        if asked_s is not None:
            return asked_s * (1 + 0.3 * self.habits.jitter())
        return QUICK_WAIT_S * (tried + 1) * (0.7 + 0.6 * self.habits.jitter())

    def send(
        self,
        method: str,
        template: str,
        *,
        path: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Json = None,
        is_write: bool = True,
    ) -> Reply:
        """One request, sent once."""

        def call() -> requests.Response:
            return self.client.request(
                method, fill(template, path), params=dict(params or {}), json=json, allow_redirects=False
            )

        issue = (path or {}).get("issue") if is_write else None
        return self._exchange(method, template, call, is_write=is_write, issue=issue)

    def upload(
        self, method: str, template: str, *, path: Mapping[str, str], body: FileForm, headers: Mapping[str, str]
    ) -> Any:
        """Send a body that is read piece by piece; the client's own `request` would take it into memory."""

        def call() -> requests.Response:
            url = self.base_url + fill(template, path)
            sent = {"Accept": "application/json", **headers}
            return self.client.session.request(
                method, url, data=body, headers=sent, timeout=self.client.timeout, allow_redirects=False
            )

        return self._exchange(method, template, call, is_write=True).body

    def asked(self, method: str, template: str, *, is_write: bool) -> Asked:
        """What messages call this request."""
        return Asked(f"{method} {template} on {urlsplit(self.base_url).hostname}", is_write)

    def _exchange(
        self,
        method: str,
        template: str,
        call: Callable[[], requests.Response],
        *,
        is_write: bool,
        issue: str | None = None,
    ) -> Reply:
        asked = self.asked(method, template, is_write=is_write)
        reply = reply_of(self.transmit(asked, method, template, call, issue=issue))
        error = error_for(asked, reply)
        if isinstance(error, Throttled) and issue is not None and PER_ISSUE in error.reason:
            self.limits.refused(issue, error.after_s or 0)
        if error is not None:
            raise self.cleaned(error)
        return reply

    def transmit(
        self,
        asked: Asked,
        method: str,
        template: str,
        call: Callable[[], requests.Response],
        *,
        issue: str | None = None,
    ) -> requests.Response:
        """Make the call, if the limits allow it, and tell those who watch. Raises only when there is no answer."""
        self.limits.ask(issue)
        begun = self.habits.clock()
        status = 0
        try:
            response = call()
            status = response.status_code
        except ValueError as error:
            # A header or address that is none; the cause would quote it, and with it the token.
            raise Refused(f"{asked.what} cannot be sent: {type(error).__name__}") from None
        except (OSError, requests.RequestException) as error:
            raise unanswered(asked, type(error).__name__, sent=_may_have_been_sent(error)) from error
        finally:
            self._observe(method, template, status, self.habits.clock() - begun)
        self._heed(status, response.headers)
        return response

    def _heed(self, status: int, headers: Mapping[str, str]) -> None:
        """Tell the limits what an answer says of them. Of a download's answer the body is the file."""
        asked_s = wait_s(Reply(status, headers, None))
        if headers.get(NEAR, "").strip().lower() == "true":
            self.limits.is_near(NEAR_FOR_S if asked_s is None else asked_s)
        if status == UNAVAILABLE and asked_s:
            self.limits.is_down(asked_s)

    def cleaned(self, error: FarSideError) -> FarSideError:
        """The error with every secret cut out of what it says."""
        error.args = (self._cut(str(error)),)
        if isinstance(error, Refused):
            error.fields = {name: self._cut(said) for name, said in error.fields.items()}
        return error

    def _cut(self, said: str) -> str:
        for secret in self.secrets:
            said = said.replace(secret, "***")
        return said

    def _observe(self, method: str, template: str, status: int, elapsed_s: float) -> None:
        facts = {"method": method, "template": template, "status": status, "elapsed_s": round(elapsed_s, 3)}
        log.debug("atlassian call", extra=facts)
        if self.habits.observer is not None:
            self.habits.observer(method, template, status, elapsed_s)


def fill(template: str, path: Mapping[str, str] | None) -> str:
    """A path template with its values in, each percent-encoded so that none can change the path."""
    return template.format_map({name: quote(str(value), safe="") for name, value in (path or {}).items()})


def basic_secrets(user: str, secret: str) -> tuple[str, ...]:
    """The forms in which a basic sign-in could show up in what a site or proxy says."""
    return (secret, base64.b64encode(f"{user}:{secret}".encode()).decode())


def reply_of(response: requests.Response) -> Reply:
    """An answer with its body parsed; `text` is kept only where that was no JSON."""
    if not response.content:
        return Reply(response.status_code, response.headers, None)
    try:
        return Reply(response.status_code, response.headers, response.json())
    except (ValueError, RecursionError):
        return Reply(response.status_code, response.headers, None, response.text[:5000] or "?")


def _may_have_been_sent(error: Exception) -> bool:
    """False only where it is certain that no byte of the request left: no route, no name, no connection."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return False
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return False
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return not isinstance(reason, NewConnectionError | NameResolutionError)
