"""OAuth 2.0 (3LO) as the sandbox plays it: codes, access tokens for an hour, refresh tokens that are good once.

https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/: a refresh token that was used is taken for ten
minutes more (`leeway_s`), then it is refused. That the whole grant then ends, as RFC 9700 advises, is our guess.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.sandbox.answers import Answer
from connector.sandbox.grants import Grant
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("control")
LASTS_S = 3600
NO_GRANT = "Unknown or invalid refresh token."


def consent(site: Site, client_id: str, account_id: str) -> str:
    """A person lets an app in; the code that the browser would be sent back with."""
    code = f"code-{site.rng.getrandbits(64):x}"
    site.oauth.codes[code] = Grant(client_id, account_id)
    return code


def account_of(site: Site, token: str) -> str | None:
    """Whose access token this is, while it is good."""
    grant, ends_at = site.oauth.access.get(token, (None, site.now()))
    return grant.account_id if grant and not grant.is_revoked and site.now() < ends_at else None


@ROUTES.post("/oauth/token")
def give_tokens(site: Site, call: Call) -> Answer:
    body, desk = call.json_object(), site.oauth
    if desk.secrets.get(str(body.get("client_id"))) != body.get("client_secret") or not body.get("client_secret"):
        return Answer(401, {"error": "access_denied", "error_description": "Unauthorized"})
    if body.get("grant_type") == "authorization_code":
        grant = desk.codes.pop(str(body.get("code")), None)
        if grant is None or grant.client_id != body["client_id"]:
            return Answer(403, {"error": "invalid_grant", "error_description": "Invalid authorization code"})
        desk.grants.append(grant)
        return _given(site, grant)
    return _renewed(site, str(body.get("refresh_token")), str(body["client_id"]))


@ROUTES.get("/oauth/token/accessible-resources")
def accessible_resources(site: Site, call: Call) -> Answer:
    given = call.request.authorization
    if given is None or account_of(site, given.token or "") is None:
        return Answer(401, {"code": 401, "message": "Unauthorized"})
    shown: dict[str, Any] = {"id": site.cloud_id, "url": site.base_url, "name": "acme", "scopes": [], "avatarUrl": ""}
    return Answer(200, [shown])


def _renewed(site: Site, token: str, client_id: str) -> Answer:
    refused = Answer(403, {"error": "invalid_grant", "error_description": NO_GRANT})
    grant = next((one for one in site.oauth.grants if token == one.refresh or token in one.used), None)
    if grant is None or grant.is_revoked or grant.client_id != client_id:
        return refused
    used_at = grant.used.get(token)
    if used_at is not None and site.now() >= used_at + timedelta(seconds=site.oauth.leeway_s):
        grant.is_revoked = True
        return refused
    grant.used.setdefault(token, site.now())
    return _given(site, grant)


def _given(site: Site, grant: Grant) -> Answer:
    access, grant.refresh = (f"{kind}-{site.rng.getrandbits(128):032x}" for kind in ("access", "refresh"))
    site.oauth.access[access] = grant, site.now() + timedelta(seconds=LASTS_S)
    return Answer(
        200,
        {
            "access_token": access,
            "refresh_token": grant.refresh,
            "expires_in": LASTS_S,
            "token_type": "Bearer",
            "scope": "",
        },
    )
