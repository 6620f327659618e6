"""Who is calling: Basic credentials, on the site's own address or behind the gateway.

https://support.atlassian.com/confluence/kb/scoped-api-tokens-in-confluence-cloud: a scoped token is good behind
`https://api.atlassian.com/ex/{product}/{cloudId}` only. Whether an unscoped one is good there too is not
documented; the sandbox says no, so that a wrong address shows at once.
"""

from collections.abc import Callable

from werkzeug.datastructures import Authorization

from connector.sandbox.accounts import Account
from connector.sandbox.answers import NO_LOGIN, Answer, RefusedError
from connector.sandbox.oauth import account_of
from connector.sandbox.site import Site

FAILED = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
Refusal = Callable[[int, str], RefusedError]
GATEWAY_REFUSAL = {"code": 401, "message": "Unauthorized"}


def log_in(site: Site, authorization: Authorization | None, *, gateway: bool, refusal: Refusal) -> Account | None:
    """The account the credentials belong to, None for an anonymous call; a 401 when they are wrong.

    `refusal` words the 401 as the product does; the gateway answers before any product is asked.
    """
    if authorization is None:
        return None
    account = _match(site, authorization, gateway=gateway)
    if account is None and not site.faults.bad_login_is_anonymous:
        raise RefusedError(Answer(401, GATEWAY_REFUSAL if gateway else refusal(401, NO_LOGIN).answer.body, FAILED))
    return account


def check_seat(account: Account | None, *, product: str) -> None:
    """401 in Jira for an account without a seat there: a Confluence guest, a service account not let in.

    https://support.atlassian.com/atlassian-cloud/kb/401-unauthorized-error-when-service-account-accesses-jira-or-confluence-api
    """
    if product == "jira" and account is not None and not account.has_jira:
        raise RefusedError(Answer(401, {"errorMessages": [NO_LOGIN], "errors": {}}))


def check_scope(account: Account | None, *, product: str, writes: bool) -> None:
    """Refuse a scoped token that lacks every scope of this kind, with the gateway's 401."""
    if account is None or account.scopes is None:
        return
    kinds = ("write:", "delete:", "manage:") if writes else ("read:", "search:")
    if product == "jira":
        held = [scope for scope in account.scopes if "jira" in scope]
    else:
        held = [scope for scope in account.scopes if "jira" not in scope]
    if not any(scope.startswith(kinds) for scope in held):
        raise RefusedError(Answer(401, {"code": 401, "message": "Unauthorized; scope does not match"}))


def _match(site: Site, authorization: Authorization, *, gateway: bool) -> Account | None:
    if authorization.type == "bearer" and gateway:
        return site.accounts.get(account_of(site, authorization.token or "") or "")
    if authorization.type != "basic" or not authorization.username or not authorization.password:
        return None
    account = site.account_by_email(authorization.username)
    if account is None or not account.active or account.token_expired(site.now()):
        return None
    expected = account.scoped_token if gateway else account.token
    return account if expected and authorization.password == expected else None
