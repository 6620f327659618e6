"""Registering webhooks over REST: in no document, and used in the field.

Google's set-up guide for its Confluence connector and several open projects show the path and the body; the answer
here copies Jira's. It may change on the real site without notice.
"""

from __future__ import annotations

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence.errors import ForbiddenError, InvalidError, NotFoundError
from connector.sandbox.confluence.webhooks import EVENTS, millis
from connector.sandbox.confluence.wire_v1 import v1
from connector.sandbox.outbox import Hook
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
HOOKS = "/wiki/rest/webhooks/1.0/webhook"


@ROUTES.post(HOOKS)
@v1
def register(site: Site, by: Account, call: Call) -> Answer:
    _require_admin(by)
    body = call.json_object()
    events = body.get("events")
    if not isinstance(events, list) or not events or not body.get("url") or not body.get("name"):
        raise InvalidError("name, url and events must be provided")
    unknown = [event for event in events if event not in EVENTS]
    if unknown:
        raise InvalidError(f"Unknown events: {', '.join(map(str, unknown))}")
    hook = Hook(
        hook_id=site.next_id("webhook"),
        product="confluence",
        name=str(body["name"]),
        url=str(body["url"]),
        events=tuple(events),
        active=bool(body.get("active", True)),
        owner_id=by.account_id,
        updated_at=site.now(),
    )
    site.outbox.hooks[hook.hook_id] = hook
    return Answer(201, _shape(site, hook))


@ROUTES.get(HOOKS)
@v1
def list_hooks(site: Site, by: Account, _call: Call) -> Answer:
    _require_admin(by)
    hooks = [hook for hook in site.outbox.hooks.values() if hook.product == "confluence"]
    return Answer(200, [_shape(site, hook) for hook in hooks])


@ROUTES.get(f"{HOOKS}/<hook_id>")
@v1
def get_hook(site: Site, by: Account, call: Call) -> Answer:
    _require_admin(by)
    return Answer(200, _shape(site, _hook(site, call)))


@ROUTES.delete(f"{HOOKS}/<hook_id>")
@v1
def delete_hook(site: Site, by: Account, call: Call) -> Answer:
    _require_admin(by)
    del site.outbox.hooks[_hook(site, call).hook_id]
    return Answer(204)


def _hook(site: Site, call: Call) -> Hook:
    text = call.params["hook_id"]
    hook = site.outbox.hooks.get(int(text)) if text.isdigit() else None
    if hook is None or hook.product != "confluence":
        raise NotFoundError(f"No webhook with id: {text}")
    return hook


def _require_admin(by: Account) -> None:
    if not by.is_admin:
        raise ForbiddenError("Only an administrator can manage webhooks")


def _shape(site: Site, hook: Hook) -> dict[str, Any]:
    owner = site.accounts.get(hook.owner_id or "")
    return {
        "name": hook.name,
        "url": hook.url,
        "events": list(hook.events),
        "active": hook.active,
        "lastUpdated": millis(hook.updated_at) if hook.updated_at else None,
        "lastUpdatedUser": hook.owner_id,
        "lastUpdatedDisplayName": owner.display_name if owner else None,
        "self": f"{site.base_url}{HOOKS}/{hook.hook_id}",
    }
