"""The site as a WSGI application: fault, login, route, handler, answer, log, in this order."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Request

from connector.sandbox import limits, login
from connector.sandbox.accounts import Account
from connector.sandbox.answers import NO_LOGIN, Answer, RefusedError
from connector.sandbox.calls import CallRecord
from connector.sandbox.confluence.routes import ROUTES as CONFLUENCE_ROUTES
from connector.sandbox.control import ROUTES as CONTROL_ROUTES
from connector.sandbox.faults import DroppedError, Fault
from connector.sandbox.jira.control_routes import ROUTES as JIRA_CONTROL_ROUTES
from connector.sandbox.jira.routes import ROUTES as JIRA_ROUTES
from connector.sandbox.oauth import ROUTES as OAUTH_ROUTES
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Route, Routes, refusal, router_of

GATEWAY = "/ex/"
ALIASES = ("/rest/api/2/", "/rest/api/latest/")
SEPARATORS = (",", ":")
TOO_MANY = "Rate limit exceeded."


@dataclass(frozen=True, eq=False)
class _Visit:
    """A request and where it leads once gateway prefix and API version are taken off its path.

    `route` is None where there is none, and `unrouted` then is the refusal.
    """

    request: Request
    path: str
    version: int
    gateway: bool
    route: Route | None
    params: dict[str, str]
    unrouted: RefusedError | None

    @property
    def is_rest(self) -> bool:
        """Whether Atlassian is meant; faults and the call log do not reach the sandbox's own controls and pages."""
        return self.route is None or self.route.product in ("jira", "confluence")


class SandboxApp:
    """The WSGI callable. A dropped connection leaves it as `DroppedError`, which the adapter and server act out."""

    def __init__(self, site: Site, tables: Iterable[Routes]) -> None:
        self.site = site
        self._router = router_of(*tables)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        answer = self._answer(request)
        body = _body_of(answer)
        start_response(f"{answer.status} {_phrase(answer.status)}", self._headers(answer, body))
        return () if request.method == "HEAD" else body

    def _answer(self, request: Request) -> Answer:
        """What to say to one request, or DroppedError when a fault takes the answer."""
        visit = self._visit(request)
        _read_body(request)
        with self.site.lock:
            self.site.settle()
            fault = self.site.faults.take(request.method, visit.path) if visit.is_rest else None
            if fault is None:
                return self._apply(visit)
            return self._answer_faulty(visit, fault)

    def _visit(self, request: Request) -> _Visit:
        path = request.path
        starts = [f"{GATEWAY}{name}/{self.site.cloud_id}" for name in ("jira", "confluence")]
        gateway = path.startswith(tuple(start + "/" for start in starts))
        for start in starts if gateway else ():
            path = path.removeprefix(start)
        version, routed = 3, path
        for alias in ALIASES:
            if path.startswith(alias):
                version, routed = 2, "/rest/api/3/" + path.removeprefix(alias)
        try:
            route, params = self._router.find(request.method, routed)
        except RefusedError as refused:
            return _Visit(request, path, version, gateway, None, {}, refused)
        return _Visit(request, path, version, gateway, route, params, None)

    def _answer_faulty(self, visit: _Visit, fault: Fault) -> Answer:
        if fault.kind in ("drop_before", "timeout_before", "status"):
            self._log(visit, None, fault.status if fault.kind == "status" else 0, applied=False)
        elif fault.kind == "late":
            self.site.apply_later(fault.delay_s, partial(self._apply, visit, hidden=True))
        else:
            self._apply(visit, hidden=True)
        if fault.kind in ("status", "status_after"):
            return self._fault_answer(visit, fault)
        raise DroppedError(timed_out=fault.kind not in ("drop_before", "drop_after"))

    def _apply(self, visit: _Visit, *, hidden: bool = False) -> Answer:
        """Run the handler; `hidden` logs status 0, as nobody saw the answer."""
        actor: Account | None = None
        try:
            call = self._call(visit)
            actor = call.actor
            answer = call.route.handler(self.site, call)
            left = self.site.faults.limits.left(call.route.method, call.route.template)
            answer = replace(answer, headers={**left, **answer.headers}) if left else answer
        except RefusedError as refused:
            answer = refused.answer
        except DroppedError:  # a handler that stopped half way
            self._log(visit, actor, 0)
            raise
        self._log(visit, actor, 0 if hidden else answer.status)
        return answer

    def _call(self, visit: _Visit) -> Call:
        route = visit.route
        if route is None:
            raise visit.unrouted or refusal(None, visit.path, 404, "Not Found")
        call = Call(self.site, visit.request, route, visit.params, None, visit.path, visit.version, visit.gateway)
        if visit.is_rest:
            self._admit(call)
        return call

    def _admit(self, call: Call) -> None:
        """Log the caller in; refuse wrong credentials, missing scopes, strangers, and too many at once."""
        site, route = self.site, call.route
        call.actor = login.log_in(site, call.request.authorization, gateway=call.gateway, refusal=call.refusal)
        login.check_seat(call.actor, product=route.product)
        login.check_scope(call.actor if call.gateway else None, product=route.product, writes=route.is_write)
        if call.actor is None and not route.anonymous:
            raise call.refusal(401, NO_LOGIN)
        excess = site.faults.limits.request(route.method, route.template, site.now())
        if excess:
            refused = call.refusal(429, TOO_MANY)
            raise RefusedError(Answer(429, refused.answer.body, limits.headers(excess, site.now())))

    def _fault_answer(self, visit: _Visit, fault: Fault) -> Answer:
        status, retry_after_s = fault.status, fault.retry_after_s
        if status == 429:
            excess = limits.Excess(fault.reason, 100, retry_after_s or 1)
            body = refusal(None, visit.path, 429, TOO_MANY).answer.body
            return Answer(429, body, limits.headers(excess, self.site.now(), fault.form))
        headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
        phrase = HTTPStatus(status).phrase
        if status in (502, 503, 504):  # these come from the edge, which knows nothing of JSON
            page = f"<html><head><title>{status} {phrase}</title></head><body>{phrase}</body></html>"
            return Answer(status, headers=headers, raw=page.encode(), content_type="text/html")
        return Answer(status, refusal(None, visit.path, status, phrase).answer.body, headers)

    def _headers(self, answer: Answer, body: Iterable[bytes]) -> list[tuple[str, str]]:
        with self.site.lock:
            headers = [("Content-Type", answer.content_type), ("Date", _date(self.site.now().replace(microsecond=0)))]
            headers.append(("atl-traceid", self.site.next_trace()))
        if isinstance(body, list) and answer.status != 204:
            headers.append(("Content-Length", str(sum(map(len, body)))))
        if self.site.faults.limits.is_near:
            headers += limits.NEAR.items()
        for name, value in answer.headers.items():
            headers.append((name, iri_to_uri(value) if name == "Location" else value))
        return headers

    def _log(self, visit: _Visit, actor: Account | None, status: int, *, applied: bool = True) -> None:
        if not visit.is_rest:
            return
        route, method = visit.route, visit.request.method
        is_write = route.is_write if route else method not in ("GET", "HEAD", "OPTIONS")
        template = route.template if route else visit.path
        actor_id = actor.account_id if actor else None
        now = self.site.now()
        self.site.calls.add(CallRecord(method, template, visit.path, status, actor_id, is_write, now, applied))


def create_app(site: Site, extra: Iterable[Routes] = ()) -> SandboxApp:
    """The application of a site; `extra` are further route tables, such as pages for people."""
    return SandboxApp(site, [JIRA_ROUTES, CONFLUENCE_ROUTES, CONTROL_ROUTES, JIRA_CONTROL_ROUTES, OAUTH_ROUTES, *extra])


def _body_of(answer: Answer) -> Iterable[bytes]:
    """A list of what is at hand, or the pieces of a file as they come."""
    if answer.raw is not None:
        return [answer.raw] if isinstance(answer.raw, bytes) else answer.raw
    if answer.body is None:
        return []
    return [json.dumps(answer.body, ensure_ascii=False, separators=SEPARATORS).encode()]


@lru_cache(maxsize=256)
def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


@lru_cache(maxsize=64)
def _date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _read_body(request: Request) -> None:
    """Take the body off the wire before the lock is taken; files go to spooled temporary ones."""
    try:
        if request.mimetype == "multipart/form-data":
            request.files  # noqa: B018  parsing happens on access
        else:
            request.get_data(cache=True)
    except HTTPException as error:
        raise DroppedError(timed_out=False) from error
