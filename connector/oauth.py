"""Atlassian's OAuth 2.0 (3LO): the address where a person consents, and the token endpoint.

A refresh token is good once: each answer brings the next one (the one before is taken for some minutes more, so that a
lost answer can be asked for again). Source: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

from connector.connect import GATEWAY
from connector.refusals import Reply, words
from connector.session import reply_of
from mappings.errors import Refused, SignInFailed, TryLater, Unclear
from mappings.sign_in import SCOPES, Tokens

AUTHORITY = "https://auth.atlassian.com"
TIMEOUT_S = (5.0, 20.0)
AGAIN = "run `tieout auth login`"


@dataclass(frozen=True)
class OAuthApp:
    """An app registered at developer.atlassian.com. `session` makes a session for each call."""

    client_id: str
    client_secret: str = field(repr=False)
    callback: str
    session: Callable[[], requests.Session] = field(repr=False, default=requests.Session)

    def address(self, state: str) -> str:
        """Where a person consents to what Tieout may do; `state` comes back with the code."""
        query = {
            "audience": "api.atlassian.com",
            "client_id": self.client_id,
            "scope": " ".join(SCOPES),
            "redirect_uri": self.callback,
            "state": state,
            "response_type": "code",
            "prompt": "consent",
        }
        return f"{AUTHORITY}/authorize?{urlencode(query)}"

    def exchange(self, code: str) -> Tokens:
        """The tokens for a code that consent brought; a code is good once, for a few minutes."""
        wanted = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        return self._tokens(wanted, f"the code was not taken: {AGAIN} and paste what it brings within some minutes")

    def refresh(self, refresh_token: str) -> Tokens:
        """The next tokens. Unclear when no answer came: the refresh token may be used up, or may not."""
        wanted = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._tokens(wanted, f"the sign-in has ended (revoked, unused for 90 days, or used twice): {AGAIN}")

    def sites(self, access_token: str) -> Mapping[str, str]:
        """The sites that the person let Tieout into: address by cloud id."""
        headers = {"Authorization": f"Bearer {access_token}"}
        reply = self._ask("GET", f"{GATEWAY}/oauth/token/accessible-resources", headers=headers)
        if reply.status != 200 or not isinstance(reply.body, list):
            raise TryLater(f"{GATEWAY} did not say which sites may be used ({reply.status}): {words(reply)}")
        return {str(bean["id"]): str(bean["url"]) for bean in reply.body}

    def _tokens(self, wanted: Mapping[str, str], when_refused: str) -> Tokens:
        body = {**wanted, "client_id": self.client_id, "client_secret": self.client_secret}
        reply = self._ask("POST", f"{AUTHORITY}/oauth/token", json=body)
        said = _error_of(reply)
        if reply.status in (400, 401, 403):
            raise SignInFailed(f"{AUTHORITY} answered {reply.status} ({said}): {when_refused}")
        if reply.status == 429:
            raise TryLater(f"{AUTHORITY} answered 429 ({said})", after_s=30)
        if reply.status != 200 or not isinstance(reply.body, dict) or not reply.body.get("access_token"):
            raise Unclear(f"{AUTHORITY} answered {reply.status} ({said}) instead of tokens")
        if not reply.body.get("refresh_token"):
            raise Refused("the app gave no refresh token: does it have the scope offline_access?")
        lasts_s = float(reply.body.get("expires_in") or 3600)
        return Tokens(str(reply.body["access_token"]), str(reply.body["refresh_token"]), lasts_s)

    def _ask(self, method: str, url: str, **more: Any) -> Reply:
        """One call, made once. No message quotes what was sent."""
        try:
            with self.session() as session:
                answer = session.request(method, url, timeout=TIMEOUT_S, allow_redirects=False, **more)
                return reply_of(answer)
        except requests.ConnectTimeout:
            raise TryLater(f"{url} was not reached") from None
        except (OSError, requests.RequestException) as error:
            raise Unclear(f"{url} gave no answer: {type(error).__name__}") from None


def _error_of(reply: Reply) -> str:
    """What the endpoint says of itself: never a token."""
    body = reply.body if isinstance(reply.body, dict) else {}
    return str(body.get("error_description") or body.get("error") or "no reason given")[:200]
