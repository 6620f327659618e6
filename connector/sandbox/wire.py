"""How a request finds its handler: route tables, and what a handler is given.

A product keeps a `Routes`, decorates plain functions `(site, call) -> Answer`, and the application joins the tables.
werkzeug's map and request, and no more framework than that, because tests send millions of these.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request

from connector.sandbox.accounts import Account
from connector.sandbox.answers import (
    NO_LOGIN,
    Answer,
    RefusedError,
    confluence_error,
    confluence_v1_error,
    jira_error,
)
from connector.sandbox.site import Site

INVALID_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
Product = Literal["jira", "confluence", "control", "pages"]


@dataclass(frozen=True, eq=False)
class Route:
    """One method of one path. `reads` marks a POST that only asks; `anonymous` lets a caller in without login.

    `takes` are all names a JSON object may have as the body, where the API document says that no others are allowed.
    """

    product: Product
    method: str
    template: str
    handler: "Handler"
    reads: bool
    anonymous: bool
    takes: frozenset[str] | None = None

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS") and not self.reads


@dataclass
class Call:
    """One request on its way to its handler. `version` is Jira's: 2 speaks plain text where 3 speaks ADF."""

    site: Site
    request: Request
    route: Route
    params: dict[str, str]
    actor: Account | None
    path: str
    version: int = 3
    gateway: bool = False

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.args

    @property
    def is_write(self) -> bool:
        return self.route.is_write

    def now(self) -> datetime:
        return self.site.now()

    def query_list(self, name: str, most: int | None = None) -> list[str]:
        """Values of a parameter that may be repeated or hold commas; 400 when there are more than `most`."""
        found = [item for value in self.request.args.getlist(name) for item in value.split(",") if item]
        if most is not None and len(found) > most:
            raise self.refusal(400, f"The parameter '{name}' takes at most {most} values, got {len(found)}.")
        return found

    def query_int(self, name: str, default: int, most: int | None = None) -> int:
        """A whole number at least 0, cut to `most`; 400 when it is no number."""
        text = self.request.args.get(name)
        if text is None or text == "":
            return default
        try:
            value = int(text)
        except ValueError:
            raise self.refusal(400, f"The value '{text}' for parameter '{name}' is not a number.") from None
        return max(0, value if most is None else min(value, most))

    def query_flag(self, name: str, *, default: bool = False) -> bool:
        text = self.request.args.get(name)
        return default if text is None else text.casefold() == "true"

    def json(self) -> Any:
        """The body as JSON; 400 in the product's shape when it is none, 415 when it is said to be something else."""
        given = self.request.get_data(cache=True)
        if given and not self.request.is_json:
            raise self.refusal(415, f"Unsupported Media Type: {self.request.mimetype or 'none given'}")
        try:
            return json.loads(given or b"null")
        except ValueError:
            raise self.refusal(400, "There was an error parsing JSON. Check that your request body is valid.") from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object of names the route takes; 400 otherwise."""
        body = self.json()
        takes = self.route.takes
        if not isinstance(body, dict) or (takes is not None and not takes >= body.keys()):
            raise self.refusal(400, INVALID_PAYLOAD)
        return body

    def account(self) -> Account:
        """Who calls; 401 for an anonymous call."""
        if self.actor is None:
            raise self.refusal(401, NO_LOGIN)
        return self.actor

    def refusal(self, status: int, message: str) -> RefusedError:
        """A refusal in the shape of the product and version this call is for."""
        return refusal(self.route.product, self.path, status, message)


Handler = Callable[[Site, Call], Answer]
Decorator = Callable[[Handler], Handler]


class Routes:
    """The routes of one product."""

    def __init__(self, product: Product) -> None:
        self.product: Product = product
        self.table: list[Route] = []

    def get(self, template: str, *, anonymous: bool = True) -> Decorator:
        return self._route("GET", template, reads=True, anonymous=anonymous)

    def post(self, template: str, *, reads: bool = False, anonymous: bool | None = None, takes: str = "") -> Decorator:
        """`reads=True` for a POST that only asks; such a one is open to anonymous callers unless it says no."""
        open_to_all = reads if anonymous is None else anonymous
        return self._route("POST", template, reads=reads, anonymous=open_to_all, takes=takes)

    def put(self, template: str, *, anonymous: bool = False, takes: str = "") -> Decorator:
        return self._route("PUT", template, reads=False, anonymous=anonymous, takes=takes)

    def delete(self, template: str, *, anonymous: bool = False) -> Decorator:
        return self._route("DELETE", template, reads=False, anonymous=anonymous)

    def include(self, other: "Routes") -> None:
        """Take over another table's routes."""
        self.table.extend(other.table)

    def _route(self, method: str, template: str, *, reads: bool, anonymous: bool, takes: str = "") -> Decorator:
        names = frozenset(takes.split()) or None

        def add(handler: Handler) -> Handler:
            self.table.append(Route(self.product, method, template, handler, reads, anonymous, names))
            return handler

        return add


class Router:
    """All tables of a site, joined."""

    def __init__(self, tables: Iterable[Routes]) -> None:
        rules = [
            Rule(route.template, methods=[route.method], endpoint=route) for routes in tables for route in routes.table
        ]
        adapter = Map(rules, strict_slashes=False, merge_slashes=False).bind("sandbox")
        self._match = lru_cache(maxsize=4096)(adapter.match)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route for a path and the values in it; 404 or 405 in the shape of the product it looks like."""
        try:
            endpoint, values = self._match(path, method)
        except MethodNotAllowed as error:
            allowed = ", ".join(sorted(error.valid_methods or ()))
            raise _with_header(refusal(None, path, 405, "Method Not Allowed"), "Allow", allowed) from error
        except NotFound:
            raise refusal(None, path, 404, "Not Found") from None
        return endpoint, dict(values)


@lru_cache(maxsize=8)
def router_of(*tables: Routes) -> Router:
    """The router of these tables; joining them takes long enough to do it once for all sites."""
    return Router(tables)


def refusal(product: Product | None, path: str, status: int, message: str) -> RefusedError:
    """A refusal as the product behind a path would word it; None guesses the product from the path."""
    if product in ("control", "pages"):
        return RefusedError(Answer(status, {"message": message}))
    if product == "confluence" or (product is None and path.startswith("/wiki/")):
        if "/api/v2/" in path:
            code = {400: "INVALID_REQUEST_PARAMETER", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND"}
            return confluence_error(status, code.get(status, "ERROR"), message)
        return confluence_v1_error(status, message)
    return jira_error(status, message)


def _with_header(error: RefusedError, name: str, value: str) -> RefusedError:
    answer = error.answer
    return RefusedError(Answer(answer.status, answer.body, {**answer.headers, name: value}))
