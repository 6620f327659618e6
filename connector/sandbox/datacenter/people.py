"""What Data Center shows otherwise wherever it stands: people by a user name, and a key that outlives it; texts as
strings."""

from __future__ import annotations

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.jira import adf
from connector.sandbox.site import Site

BY_KEY = frozenset({"assignee", "reporter", "creator"})


def name_of(account: Account) -> str:
    return account.email.partition("@")[0]


def key_of(account: Account) -> str:
    return "JIRAUSER" + account.account_id.rpartition("-")[2][-5:]


def by_name(site: Site, name: object) -> Account | None:
    return next((one for one in site.accounts.values() if name_of(one) == name), None)


def by_key(site: Site, key: object) -> Account | None:
    return next((one for one in site.accounts.values() if key_of(one) == key), None)


def by_token(site: Site, token: str) -> Account | None:
    """Whose personal access token this is: the sandbox takes everybody's API token for one."""
    active = (one for one in site.accounts.values() if one.active and not one.token_expired(site.now()))
    return next((one for one in active if one.token and one.token == token), None)


def renamed(site: Site, node: Any) -> Any:
    """An answer with every person and every text in it as Data Center shows them."""
    if isinstance(node, list):
        return [renamed(site, part) for part in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "doc" and "content" in node:
        return "\n".join(adf.to_text(block) for block in node["content"])
    if "accountId" in node:
        return user(site, node)
    shown = {name: renamed(site, part) for name, part in node.items()}
    if "fromString" in node:
        shown.pop("fieldId", None)
        if node.get("field") in BY_KEY:
            shown |= {end: _key(site, node[end]) for end in ("from", "to")}
    return shown


def user(site: Site, bean: dict[str, Any]) -> dict[str, Any]:
    account = site.accounts[bean["accountId"]]
    kept = {name: part for name, part in bean.items() if name not in ("accountId", "accountType", "self")}
    return {**kept, "name": name_of(account), "key": key_of(account), "deleted": False}


def _key(site: Site, account_id: str | None) -> str | None:
    account = site.accounts.get(account_id or "")
    return key_of(account) if account else account_id
