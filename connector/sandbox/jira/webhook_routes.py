"""Registering admin webhooks: `/rest/webhooks/1.0/webhook`, which no OpenAPI document lists.

Shape after the pages quoted in https://developer.atlassian.com/cloud/jira/platform/webhooks/: the answer says
`isSigned` and never gives a secret back. The dynamic ones under /rest/api/3/webhook are for apps only: 403.
"""

from typing import Any
from urllib.parse import urlsplit

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, bodies
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.query import prepare
from connector.sandbox.jira.jql.terms import Asker
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.outbox import Hook
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

PATH = "/rest/webhooks/1.0/webhook"
FILTER = "issue-related-events-section"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVENTS = frozenset(
    {
        *(f"jira:issue_{what}" for what in ("created", "updated", "deleted")),
        *(f"comment_{what}" for what in ("created", "updated", "deleted")),
        *(f"worklog_{what}" for what in ("created", "updated", "deleted")),
        *(f"issuelink_{what}" for what in ("created", "deleted")),
        *(f"attachment_{what}" for what in ("created", "deleted")),
        *(f"issue_property_{what}" for what in ("set", "deleted")),
        *(f"project_{what}" for what in ("created", "updated", "deleted", "archived", "soft_deleted")),
        *(f"user_{what}" for what in ("created", "updated", "deleted")),
        *(f"filter_{what}" for what in ("created", "updated", "deleted")),
        *(f"jira:version_{what}" for what in ("released", "unreleased", "created", "updated", "deleted")),
        *(f"sprint_{what}" for what in ("created", "updated", "closed", "deleted", "started")),
        *(f"board_{what}" for what in ("created", "updated", "deleted", "configuration_changed")),
    }
)


@ROUTES.get(PATH, anonymous=False)
def get_webhooks(site: Site, call: Call) -> Answer:
    access.require_admin(call)
    return Answer(200, [_bean(call, hook) for hook in site.outbox.hooks.values() if hook.product == "jira"])


@ROUTES.post(PATH)
def register(site: Site, call: Call) -> Answer:
    owner, body = access.require_admin(call), call.json_object()
    hook = Hook(
        site.next_id("hook"), "jira", "", "", (), owner_id=owner.account_id, secret=bodies.text(body, "secret") or None
    )
    _apply(site, call, hook, body)
    site.outbox.hooks[hook.hook_id] = hook
    return Answer(201, _bean(call, hook))


@ROUTES.get(f"{PATH}/<hook_id>", anonymous=False)
def get_webhook(_site: Site, call: Call) -> Answer:
    access.require_admin(call)
    return Answer(200, _bean(call, _hook(call)))


@ROUTES.put(f"{PATH}/<hook_id>")
def edit_webhook(site: Site, call: Call) -> Answer:
    """What is given is set; a secret can be replaced, and "" takes it away."""
    access.require_admin(call)
    hook, body = _hook(call), call.json_object()
    if "secret" in body:
        hook.secret = bodies.text(body, "secret") or None
    _apply(site, call, hook, body)
    return Answer(200, _bean(call, hook))


@ROUTES.delete(f"{PATH}/<hook_id>")
def delete_webhook(site: Site, call: Call) -> Answer:
    access.require_admin(call)
    del site.outbox.hooks[_hook(call).hook_id]
    return Answer(204)


@ROUTES.get("/rest/api/3/webhook", anonymous=False)
@ROUTES.post("/rest/api/3/webhook")
@ROUTES.get("/rest/api/3/webhook/failed", anonymous=False)
def apps_only(_site: Site, _call: Call) -> Answer:
    raise jira_error(403, "Only Connect and OAuth 2.0 apps can use this operation.")


def _apply(site: Site, call: Call, hook: Hook, body: dict[str, Any]) -> None:
    name, url = body.get("name", hook.name), body.get("url", hook.url)
    events = tuple(bodies.strings(body, "events")) if "events" in body else hook.events
    jql = bodies.text(bodies.part(body, "filters"), FILTER, hook.jql)
    if not isinstance(name, str) or not name:
        raise jira_error(400, "The webhook needs a name.")
    _check_url(url)
    unknown = sorted(set(events) - EVENTS)
    if unknown or not events:
        raise jira_error(400, f"The events {', '.join(unknown) or 'of the webhook are empty and'} are not known.")
    try:
        prepare(jql, Asker(site, call.actor, site.now()))
    except JqlError as error:
        raise jira_error(400, str(error)) from error
    hook.name, hook.url, hook.events, hook.jql = name, url, events, jql
    hook.active = bool(body.get("enabled", hook.active))
    hook.exclude_body = bool(body.get("excludeBody", hook.exclude_body))
    hook.updated_at = site.now()


def _check_url(url: Any) -> None:
    """HTTPS, as on the real one; the sandbox lets plain HTTP through to loopback, where it lives itself."""
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
        raise jira_error(400, f"The webhook's URL must use https, got: {url}")


def _hook(call: Call) -> Hook:
    text = call.params["hook_id"]
    hook = call.site.outbox.hooks.get(int(text)) if text.isdigit() else None
    if hook is None or hook.product != "jira":
        raise jira_error(404, f"There is no webhook with id {text}.")
    return hook


def _bean(call: Call, hook: Hook) -> dict[str, Any]:
    viewer = viewer_of(call)
    owner = viewer.user(hook.owner_id) or {}
    return {
        "name": hook.name,
        "url": hook.url,
        "events": list(hook.events),
        "filters": {FILTER: hook.jql},
        "excludeBody": hook.exclude_body,
        "enabled": hook.active,
        "isSigned": hook.secret is not None,
        "self": f"{call.site.base_url}{PATH}/{hook.hook_id}",
        "lastUpdatedUser": hook.owner_id,
        "lastUpdatedDisplayName": owner.get("displayName", ""),
        "lastUpdated": int((hook.updated_at or call.site.now()).timestamp() * 1000),
    }
