"""The Data Center face as a WSGI application: who calls, which of its routes, what the Cloud sandbox says to that."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from connector.sandbox.accounts import Account
from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.datacenter import people
from connector.sandbox.site import Site

FAILED = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}


class RefusedError(Exception):
    """An answer that is an error, as it will be sent."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body, self.headers = status, body, dict(headers or {})


class EdgeError(Exception):
    """A page that something before the site answered instead of it."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True, eq=False)
class Visit:
    """One request to the face, and the way on to the Cloud sandbox behind it."""

    inner: SandboxApp
    request: Request
    account: Account | None
    values: Mapping[str, str]

    @property
    def site(self) -> Site:
        return self.inner.site

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.args

    def json(self) -> Any:
        return json.loads(self.request.get_data() or b"null")

    def ask(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON answer of the Cloud sandbox to one call by the same person; its refusal is raised."""
        response = self.forward(method, path, query=query, body=body)
        if response.status_code >= 400 and response.mimetype != "application/json":
            raise EdgeError(response)
        told = json.loads(response.get_data() or b"null")
        if response.status_code >= 400:
            raise RefusedError(response.status_code, told, _kept(response))
        return told

    def forward(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Response:
        """The answer itself. Without `body`, the request's own goes on as it is."""
        headers = Headers([pair for pair in self.request.headers.items() if pair[0].lower() in _HANDED_ON])
        if self.account is not None:
            pair = f"{self.account.email}:{self.account.token}".encode()
            headers["Authorization"] = "Basic " + b64encode(pair).decode()
        data = self.request.get_data() if body is None else json.dumps(body).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        asked = {name: str(part) for name, part in (query or {}).items()}
        builder = EnvironBuilder(path, self.site.base_url, asked, method, data=data, headers=headers)
        return Response.from_app(self.inner, builder.get_environ())


_HANDED_ON = {"content-type", "x-atlassian-token"}
Handler = Callable[[Visit], Any]
Table = list[tuple[str, re.Pattern[str], Handler]]
"""Method, path and handler of each route. A handler returns what is sent: JSON, None for 204, or a response."""


def route(method: str, template: str, handler: Handler) -> tuple[str, re.Pattern[str], Handler]:
    """A row of a table: `<name>` in the template is one part of the path."""
    return method, re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", template)), handler


class DataCenterApp:
    """The WSGI callable: one product of a site, as Data Center has it, under `/`."""

    def __init__(self, site: Site, table: Table) -> None:
        self._inner = create_app(site)
        self._table = table

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except EdgeError as error:
            return error.response
        except RefusedError as refused:
            body = people.renamed(self._inner.site, refused.body)
            return Response(json.dumps(body), refused.status, refused.headers, content_type="application/json")

    def _answer(self, request: Request) -> Response:
        account = self._sign_in(request)
        for method, path, handler in self._table:
            found = path.fullmatch(request.path)
            if found and method == request.method:
                told = handler(Visit(self._inner, request, account, found.groupdict()))
                return told if isinstance(told, Response) else self._sent(request, told)
        raise RefusedError(404, {"message": "null for uri: " + request.path, "status-code": 404})

    def _sent(self, request: Request, told: Any) -> Response:
        site = self._inner.site
        status = 204 if told is None else 201 if request.method == "POST" else 200
        body = b"" if told is None else json.dumps(people.renamed(site, told), ensure_ascii=False).encode()
        date = site.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
        return Response(body, status, {"Date": date}, content_type="application/json;charset=UTF-8")

    def _sign_in(self, request: Request) -> Account | None:
        """Who calls, by a personal access token; nobody without one. 401 for one that is not, or no longer, good."""
        told = request.headers.get("Authorization", "")
        if not told:
            return None
        account = people.by_token(self._inner.site, told.removeprefix("Bearer "))
        if account is None:
            raise RefusedError(401, {"message": "Client must be authenticated to access this resource."}, FAILED)
        return account


def _kept(response: Response) -> dict[str, str]:
    """Headers that say how to go on."""
    return {name: value for name, value in response.headers.items() if name.startswith(("X-", "Retry", "Date"))}
