"""Jira's webhook: there once, leading here, signed, switched on, heard of lately. It is a hint, so never an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from connector.checks.asking import Asking
from connector.checks.catalogue import found
from connector.checks.circumstances import Circumstances
from connector.checks.findings import Finding
from connector.checks.jira_reading import Webhook
from connector.checks.reading import JiraReading
from connector.session import Wire

DOOR = "/webhooks/jira"
EVENTS = frozenset(
    {
        "jira:issue_created",
        "jira:issue_updated",
        "jira:issue_deleted",
        "comment_created",
        "comment_updated",
        "attachment_created",
    }
)
SILENT_AFTER = timedelta(hours=1)
"""Jira tries a delivery for up to 75 minutes, but most come within seconds."""
WITHOUT_LIST = "whether the webhook is set up as it should be is for an administrator to look at"


def check_webhooks(
    wire: Wire, reading: JiraReading, site: str, around: Circumstances, asking: Asking
) -> Iterator[Finding]:
    if not around.has_jira_secret and around.public_url is None:
        return  # asking at intervals is enough, and all that is wanted
    if around.public_url is None:
        yield found("public-address-unknown", site)
        return
    hooks = asking.of_administrators(lambda: reading.webhooks(wire), "the webhooks", WITHOUT_LIST)
    if hooks is not None:
        yield from judge_webhooks(hooks, site, around.public_url + DOOR, around)
    yield from _silent(site, around.public_url + DOOR, around)


def judge_webhooks(hooks: Sequence[Webhook], site: str, address: str, around: Circumstances) -> Iterator[Finding]:
    ours = [hook for hook in hooks if hook.url.rstrip("/") == address]
    elsewhere = [hook for hook in hooks if hook not in ours and urlsplit(hook.url).path.rstrip("/").endswith(DOOR)]
    if not ours:
        for hook in elsewhere:
            yield found("webhook-elsewhere", site, webhook=hook.name, url=hook.url, address=address)
        if around.has_jira_secret and not elsewhere:
            yield found("webhook-missing", site, address=address)
    if len(ours) > 1:
        names = ", ".join(sorted(hook.name for hook in ours))
        yield found("webhook-twice", site, webhook=names, count=len(ours))
    for hook in ours:
        yield from _judge(hook, site, around)


def _judge(hook: Webhook, site: str, around: Circumstances) -> Iterator[Finding]:
    if not hook.is_enabled:
        yield found("webhook-disabled", site, webhook=hook.name)
    if not hook.is_signed:
        yield found("webhook-unsigned", site, webhook=hook.name)
    elif not around.has_jira_secret:
        yield found("webhook-door-closed", site, webhook=hook.name)
    if EVENTS - hook.events:
        yield found("webhook-events-missing", site, webhook=hook.name, events=", ".join(sorted(EVENTS - hook.events)))


def _silent(site: str, address: str, around: Circumstances) -> Iterator[Finding]:
    """What Tieout writes comes back as a webhook too: changes and deliveries go hand in hand."""
    if not around.has_jira_secret or around.changed_at is None or around.clock() - around.changed_at < SILENT_AFTER:
        return
    delivered = around.delivered_at
    if delivered is None or around.changed_at - delivered > SILENT_AFTER:
        last = f"the last webhook came at {delivered:%Y-%m-%d %H:%M} UTC" if delivered else "no webhook ever came"
        changed = f"{around.changed_at:%Y-%m-%d %H:%M} UTC"
        yield found("webhook-silent", site, changed=changed, delivered=last, address=address)
