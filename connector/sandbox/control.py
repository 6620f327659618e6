"""The sandbox's own controls under `/__sandbox/`: time, faults, tokens, calls. No part of Atlassian."""

from dataclasses import asdict
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence import spaces
from connector.sandbox.confluence.errors import NotFoundError
from connector.sandbox.faults import WebhookFaults
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("control")


@ROUTES.get("/_edge/tenant_info")
def tenant_info(site: Site, _call: Call) -> Answer:
    """Undocumented at Atlassian, and what clients use to learn the cloud id."""
    return Answer(200, {"cloudId": site.cloud_id})


@ROUTES.get("/__sandbox/")
def overview(site: Site, _call: Call) -> Answer:
    """What is set and what is under way."""
    return Answer(
        200,
        {
            "now": site.now().isoformat(),
            "skew_s": site.skew_s,
            "index_lag_s": site.faults.index_lag_s,
            "faults": [asdict(fault) for fault in site.faults.scripted],
            "webhook_faults": asdict(site.faults.webhooks),
            "webhooks_pending": len(site.outbox.pending),
            "calls": len(site.calls),
        },
    )


@ROUTES.post("/__sandbox/time")
def turn_clock(site: Site, call: Call) -> Answer:
    """{"advance_s": 60} moves a manual clock, {"skew_s": -30} sets how far the site's clock is off."""
    body = call.json_object()
    if "skew_s" in body:
        site.skew_s = float(body["skew_s"])
    if "advance_s" in body:
        if not isinstance(site.clock, ManualClock):
            raise call.refusal(409, "This site runs on the wall clock; use skew_s instead of advance_s.")
        site.clock.advance(float(body["advance_s"]))
    site.settle()
    return Answer(200, {"now": site.now().isoformat()})


@ROUTES.post("/__sandbox/lag")
def set_lag(site: Site, call: Call) -> Answer:
    """{"index_lag_s": 20}"""
    site.faults.index_lag_s = float(call.json_object()["index_lag_s"])
    return Answer(204)


@ROUTES.post("/__sandbox/faults")
def add_fault(site: Site, call: Call) -> Answer:
    """The fields of `Fault`, such as {"kind": "drop_after", "method": "POST", "path": "/issue$", "times": 1}."""
    body = call.json_object()
    try:
        fault = site.faults.add(**body)
    except TypeError as error:
        raise call.refusal(400, str(error)) from error
    return Answer(201, asdict(fault))


@ROUTES.delete("/__sandbox/faults", anonymous=True)
def clear_faults(site: Site, _call: Call) -> Answer:
    site.faults.clear()
    return Answer(204)


@ROUTES.put("/__sandbox/webhook-faults", anonymous=True)
def set_webhook_faults(site: Site, call: Call) -> Answer:
    """The fields of `WebhookFaults`."""
    try:
        site.faults.webhooks = WebhookFaults(**call.json_object())
    except TypeError as error:
        raise call.refusal(400, str(error)) from error
    return Answer(200, asdict(site.faults.webhooks))


@ROUTES.post("/__sandbox/accounts/<account_id>/expire-token")
def expire_token(site: Site, call: Call) -> Answer:
    """From now on the account's tokens are refused."""
    account = site.accounts.get(call.params["account_id"])
    if account is None:
        raise call.refusal(404, f"There is no account {call.params['account_id']} on this site.")
    account.token_expires_at = site.now()
    return Answer(204)


@ROUTES.post("/__sandbox/confluence/space/<key>/public", anonymous=True)
def make_space_public(site: Site, call: Call) -> Answer:
    """Let whoever calls look at the space, logged in or not."""
    try:
        space = site.confluence.space_by_key(call.params["key"])
    except NotFoundError as error:
        raise call.refusal(404, error.title) from error
    spaces.open_to_anyone(space)
    return Answer(204)


@ROUTES.get("/__sandbox/accounts")
def accounts(site: Site, _call: Call) -> Answer:
    """Everybody on the site, without tokens."""
    return Answer(200, [_account(account) for account in site.accounts.values()])


@ROUTES.get("/__sandbox/calls")
def calls(site: Site, _call: Call) -> Answer:
    """Counts by method and template, and the last 100 requests."""
    last = [{**asdict(record), "at": record.at.isoformat()} for record in list(site.calls)[-100:]]
    return Answer(200, {"counts": dict(site.calls.counts), "writes": len(site.calls.writes()), "last": last})


@ROUTES.delete("/__sandbox/calls", anonymous=True)
def clear_calls(site: Site, _call: Call) -> Answer:
    site.calls.clear()
    return Answer(204)


def _account(account: Account) -> dict[str, Any]:
    return {
        "accountId": account.account_id,
        "displayName": account.display_name,
        "email": account.email,
        "active": account.active,
        "groups": sorted(account.groups),
    }
