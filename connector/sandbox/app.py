"""The site as a WSGI application: fault, login, route, handler, answer, log, in this order."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from connector.sandbox import limits, login
from connector.sandbox.answers import NO_LOGIN, Answer, RefusedError
from connector.sandbox.calls import CallRecord
from connector.sandbox.confluence.routes import ROUTES as CONFLUENCE_ROUTES
from connector.sandbox.control import ROUTES as CONTROL_ROUTES
from connector.sandbox.faults import DroppedError, Fault
from connector.sandbox.jira.control_routes import ROUTES as JIRA_CONTROL_ROUTES
from connector.sandbox.jira.routes import ROUTES as JIRA_ROUTES
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Route, Routes, refusal, router_of

GATEWAY = "/ex/"
SEPARATORS = (",", ":")


@dataclass(frozen=True)
class _Target:
    """Where a request goes once gateway prefix and API version are taken off its path."""

    path: str
    route_path: str
    version: int
    gateway: bool


class SandboxApp:
    """The WSGI callable. A dropped connection leaves it as `DroppedError`, which the adapter and server act out."""

    def __init__(self, site: Site, tables: Iterable[Routes]) -> None:
        self.site = site
        self._router = router_of(*tables)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        response = self.respond(request)
        return response(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Answer one request, or raise DroppedError when a fault takes the answer."""
        target = self._target(request.path)
        _read_body(request)
        with self.site.lock:
            self.site.settle()
            fault = None if _is_control(target.path) else self.site.faults.take(request.method, target.path)
            if fault is None:
                return self._response(self._apply(request, target))
            return self._respond_faulty(request, target, fault)

    def _respond_faulty(self, request: Request, target: _Target, fault: Fault) -> Response:
        if fault.kind in ("drop_before", "timeout_before", "status"):
            self._log(request, target, None, None, 0 if fault.kind != "status" else fault.status, applied=False)
        elif fault.kind == "late":
            self.site.apply_later(fault.delay_s, lambda: self._apply_quietly(request, target))
        else:
            self._apply(request, target, hidden=True)
        if fault.kind in ("status", "status_after"):
            return self._response(self._fault_answer(fault, target))
        raise DroppedError(timed_out=fault.kind not in ("drop_before", "drop_after"))

    def _apply_quietly(self, request: Request, target: _Target) -> None:
        self._apply(request, target, hidden=True)

    def _apply(self, request: Request, target: _Target, *, hidden: bool = False) -> Answer:
        """Run the handler; `hidden` logs status 0, as nobody saw the answer."""
        route: Route | None = None
        call: Call | None = None
        try:
            route, params = self._router.find(request.method, target.route_path)
            call = self._call(request, target, route, params)
            answer = route.handler(self.site, call)
        except RefusedError as refused:
            answer = refused.answer
        actor_id = call.actor.account_id if call and call.actor else None
        self._log(request, target, route, actor_id, 0 if hidden else answer.status)
        return answer

    def _call(self, request: Request, target: _Target, route: Route, params: dict[str, str]) -> Call:
        site = self.site
        call = Call(site, request, route, params, None, target.path, target.version, target.gateway)
        if route.product in ("control", "pages"):
            return call
        call.actor = login.log_in(site, request.authorization, gateway=target.gateway)
        login.check_seat(call.actor, product=route.product)
        login.check_scope(call.actor if target.gateway else None, product=route.product, writes=route.is_write)
        if call.actor is None and not route.anonymous:
            raise call.refusal(401, NO_LOGIN)
        excess = site.faults.limits.request(route.method, route.template, site.now())
        if excess:
            refused = call.refusal(429, "Rate limit exceeded.")
            raise RefusedError(Answer(429, refused.answer.body, limits.headers(excess, site.now())))
        return call

    def _target(self, path: str) -> _Target:
        prefix_jira, prefix_wiki = (f"{GATEWAY}{name}/{self.site.cloud_id}" for name in ("jira", "confluence"))
        gateway = path.startswith((prefix_jira + "/", prefix_wiki + "/"))
        if gateway:
            path = path.removeprefix(prefix_jira).removeprefix(prefix_wiki)
        for alias in ("/rest/api/2/", "/rest/api/latest/"):
            if path.startswith(alias):
                return _Target(path, "/rest/api/3/" + path.removeprefix(alias), 2, gateway)
        return _Target(path, path, 3, gateway)

    def _fault_answer(self, fault: Fault, target: _Target) -> Answer:
        status = fault.status
        now = self.site.now()
        if status == 429:
            excess = limits.Excess(fault.reason, 100, fault.retry_after_s or 1)
            body = refusal(None, target.path, 429, "Rate limit exceeded.").answer.body
            return Answer(429, body, limits.headers(excess, now))
        headers = {"Retry-After": str(fault.retry_after_s)} if fault.retry_after_s is not None else {}
        phrase = HTTPStatus(status).phrase
        if status in (502, 503, 504):  # these come from the edge, which knows nothing of JSON
            page = f"<html><head><title>{status} {phrase}</title></head><body>{phrase}</body></html>"
            return Answer(status, headers=headers, raw=page.encode(), content_type="text/html")
        return Answer(status, refusal(None, target.path, status, phrase).answer.body, headers)

    def _response(self, answer: Answer) -> Response:
        site = self.site
        headers = dict(answer.headers)
        headers["Date"] = format_datetime(site.now(), usegmt=True)
        headers["atl-traceid"] = f"{site.rng.getrandbits(128):032x}"
        if answer.raw is not None:
            return Response(answer.raw, answer.status, headers, content_type=answer.content_type)
        if answer.body is None:
            return Response(b"", answer.status, headers, content_type=answer.content_type)
        data = json.dumps(answer.body, ensure_ascii=False, separators=SEPARATORS).encode()
        return Response(data, answer.status, headers, content_type=answer.content_type)

    def _log(
        self,
        request: Request,
        target: _Target,
        route: Route | None,
        actor_id: str | None,
        status: int,
        *,
        applied: bool = True,
    ) -> None:
        if route is None:
            try:
                route, _ = self._router.find(request.method, target.route_path)
            except RefusedError:
                route = None
        if route is not None and route.product in ("control", "pages"):
            return
        is_write = route.is_write if route else request.method not in ("GET", "HEAD", "OPTIONS")
        template = route.template if route else target.path
        self.site.calls.add(
            CallRecord(request.method, template, target.path, status, actor_id, is_write, self.site.now(), applied)
        )


def create_app(site: Site, extra: Iterable[Routes] = ()) -> SandboxApp:
    """The application of a site; `extra` are further route tables, such as pages for people."""
    return SandboxApp(site, [JIRA_ROUTES, CONFLUENCE_ROUTES, CONTROL_ROUTES, JIRA_CONTROL_ROUTES, *extra])


def _read_body(request: Request) -> None:
    """Take the body off the wire before the lock is taken; files go to spooled temporary ones."""
    try:
        if request.mimetype == "multipart/form-data":
            request.files  # noqa: B018  parsing happens on access
        else:
            request.get_data(cache=True)
    except HTTPException as error:
        raise DroppedError(timed_out=False) from error


def _is_control(path: str) -> bool:
    return path.startswith("/__sandbox/")
