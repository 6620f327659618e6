"""Signing in: the token's last day, whose it is, whether the site is the one meant, its clock and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from connector.checks.catalogue import found
from connector.checks.findings import Finding
from connector.checks.jira_reading import SignedIn
from mappings.rules import Auth, Connection, Rules

SOON_DAYS = 30
WEEK_DAYS = 7
SKEW_S = 60
PARTS = ("coordinator", "sponsor")


def check_connection(connection: Connection, today: date) -> Iterator[Finding]:
    """What the mapping file alone shows."""
    host = connection.url.partition("://")[2]
    if connection.url.startswith("http://") and not host.startswith(("localhost", "127.", "[::1]")):
        yield found("insecure-address", connection.url, url=connection.url)
    last_day = connection.token_expires_on
    if last_day is None:
        if connection.auth in (Auth.TOKEN, Auth.SCOPED):
            yield found("token-expiry-unknown", connection.url)
        return
    days = (last_day - today).days
    if days < 0:
        yield found("token-expired", connection.url, day=last_day)
    elif days <= SOON_DAYS:
        name = "token-expires-this-week" if days <= WEEK_DAYS else "token-expires-soon"
        yield found(name, connection.url, day=last_day, days=days)


def check_account(signed_in: SignedIn, site: str, rules: Rules) -> Iterator[Finding]:
    """Tieout's account is nobody's else: its own edits are taken for echoes, whoever made them."""
    account = signed_in.account
    if signed_in.account_type == "customer":
        yield found("account-is-a-customer", site, account=account.name)
    own = {person.email.lower() for person in rules.people if person.account_id == account.account_id}
    own |= {account.email.lower()} if account.email else set()
    for key, audit in rules.audit.items():
        parts = [(name, getattr(audit, name)) for name in PARTS] + [("auditor", email) for email in audit.auditors]
        for part, email in parts:
            if email and email.lower() in own:
                yield found("account-has-another-role", site, account=account.name, part=part, audit=key)


def check_address(connection: Connection, base_url: str) -> Iterator[Finding]:
    """Behind the gateway a wrong cloud id signs in all the same, to another site."""
    if "/ex/" not in connection.url and _host(connection.url) != _host(base_url):
        yield found("site-is-another", connection.url, url=connection.url, base_url=base_url)


def check_clock(answered_at: datetime | None, before: datetime, after: datetime, site: str) -> Iterator[Finding]:
    """The time of an answer, which has no fraction of a second, against ours before and after the call."""
    if answered_at is None:
        return
    ahead_s = max((before - answered_at).total_seconds() - 1, (answered_at - after).total_seconds())
    if ahead_s >= SKEW_S:
        way = "ahead of" if before > answered_at else "behind"
        yield found("clock-skew", site, seconds=round(ahead_s), way=way)


def check_headroom(headroom: str, site: str) -> Iterator[Finding]:
    if headroom:
        yield found("rate-limit-near", site, said=headroom)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()
