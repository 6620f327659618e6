"""Doing something on the site as a person who sits at a browser: the REST handler runs, and with it every rule.

Only what belongs to the wire is left out: no token is asked for, no call is logged, no scripted fault is used up.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from connector.sandbox import login
from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, RefusedError
from connector.sandbox.confluence.errors import RefusalError
from connector.sandbox.confluence.routes import ROUTES as CONFLUENCE_ROUTES
from connector.sandbox.jira.routes import ROUTES as JIRA_ROUTES
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Router

NO_JIRA = "You have no access to Jira on this site."


class TurnedAwayError(Exception):
    """The site says no: `status` as HTTP has it, `message` for the person who asked."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def act(site: Site, person: Account, method: str, path: str, body: Any = None) -> Any:
    """Call a REST address with a JSON body and give back its JSON; TurnedAwayError when it refuses."""
    return _answer(site, person, method, path, _request(method, path, body)).body


def fetch(site: Site, person: Account, path: str) -> Answer:
    """What a REST address answers to a GET, such as the bytes of a file; TurnedAwayError when it refuses."""
    return _answer(site, person, "GET", path, _request("GET", path, None))


def hand_over(site: Site, person: Account, method: str, path: str, request: Request) -> Any:
    """Pass a form's files on to a REST address that takes uploads."""
    request.environ["HTTP_X_ATLASSIAN_TOKEN"] = "no-check"  # noqa: S105  the word Atlassian asks for, no secret
    return _answer(site, person, method, path, request).body


def _request(method: str, path: str, body: Any) -> Request:
    parts = urlsplit(path)
    data = None if body is None else json.dumps(body).encode()
    builder = EnvironBuilder(
        path=parts.path, query_string=parts.query, method=method, data=data, content_type="application/json"
    )
    return Request(builder.get_environ())


def _answer(site: Site, person: Account, method: str, path: str, request: Request) -> Answer:
    path = unquote(urlsplit(path).path)
    try:
        route, params = _router().find(method, path)
        login.check_seat(person, product=route.product)
        return route.handler(site, Call(site, request, route, params, person, path))
    except RefusedError as refused:
        raise turned_away(refused, person) from refused


def turned_away(refused: RefusedError | RefusalError, person: Account) -> TurnedAwayError:
    """A refusal of either product in words for a person."""
    if isinstance(refused, RefusalError):
        return TurnedAwayError(refused.status, refused.title)
    answer = refused.answer
    if answer.status == 401 and not person.has_jira:
        return TurnedAwayError(403, NO_JIRA)
    return TurnedAwayError(answer.status, " ".join(_messages(answer.body)) or f"The site answered {answer.status}.")


@lru_cache(maxsize=1)
def _router() -> Router:
    return Router([JIRA_ROUTES, CONFLUENCE_ROUTES])


def _messages(body: Any) -> Iterable[str]:
    """The sentences in a refusal: Jira's, v2's or v1's."""
    if not isinstance(body, dict):
        return []
    if "errorMessages" in body:
        return [*body["errorMessages"], *body["errors"].values()]
    return [str(error["title"]) for error in body.get("errors") or ()] or [str(body.get("message") or "")]
