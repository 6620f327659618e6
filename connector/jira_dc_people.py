"""Who people are on Jira Data Center: a user name for whoever is meant, and the keys that change logs call them by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from connector import jira_shapes as shapes
from connector.jira_shapes import MARKER_PREFIX, PROPERTY, Bean
from connector.session import Wire
from mappings.errors import Gone, SignInFailed
from mappings.far import Account

MOST_FOUND = 1000
OWN_PREFIX = "tieout-uid-"
"""What begins the label that stands here for Cloud's property: the uid of the one record that an issue was made for. Of
the labels that people see, an escalation's issue has its record's, too."""
BY_KEY = frozenset({"assignee", "reporter", "creator"})
"""Fields whose change log entries name a person by the key (`JIRAUSER10100`), where all else names by the user name."""


class People:
    """What a client has learned of a site's people. Names may change: what is shown beside a key comes first."""

    def __init__(self) -> None:
        self._own: str | None = None
        self._names: dict[str, str] = {}

    def whoami(self, wire: Wire) -> Account:
        """The account the token belongs to. Anonymous answers are SignInFailed."""
        bean = wire.get("/rest/api/2/myself")
        if not isinstance(bean, dict) or not bean.get("name"):
            raise SignInFailed(f"{wire.base_url} took the call as anonymous: check the token and its expiry")
        self._own = str(bean["name"])
        return shapes.account(bean)

    def find(self, wire: Wire, emails: Collection[str]) -> dict[str, Account]:
        """Accounts by e-mail in lower case. The search looks into names as well, so only an account that shows exactly
        this address counts, and only if it is the only active one; where addresses are hidden none is found."""
        found = {email.lower(): self._account_of(wire, email.lower()) for email in emails}
        return {email: account for email, account in found.items() if account is not None}

    def made_for(self, wire: Wire, bean: Bean) -> str:
        """The uid of what we made an issue for: a label of its own says which, its creator that it was us."""
        fields = bean["fields"]
        if self._own is None:
            self.whoami(wire)
        if shapes.account_id(fields.get("creator")) != self._own:
            return ""
        uids = (label.removeprefix(OWN_PREFIX) for label in fields.get("labels") or () if label.startswith(OWN_PREFIX))
        return next(uids, "")

    def as_on_cloud(self, wire: Wire, bean: Bean) -> Bean:
        """An issue with people in its change log by name, and with our property, as Cloud would show it."""
        for part in _people_in(bean):
            self._names[str(part["key"])] = str(part["name"])
        histories = [self.with_names(wire, history) for history in (bean.get("changelog") or {}).get("histories", ())]
        log = {**(bean.get("changelog") or {}), "histories": histories}
        labels = [label for label in bean["fields"].get("labels") or () if not label.startswith(OWN_PREFIX)]
        fields = {**bean["fields"], "labels": labels}
        return {
            **bean,
            "fields": fields,
            "changelog": log,
            "properties": {PROPERTY: {"uid": self.made_for(wire, bean)}},
        }

    def with_names(self, wire: Wire, history: Bean) -> Bean:
        """An entry of a change log with user names where it has keys."""
        items = [self._named(wire, item) if item["field"] in BY_KEY else item for item in history["items"]]
        return {**history, "items": items}

    def _named(self, wire: Wire, item: Bean) -> Bean:
        ends = {end: self._name_of(wire, str(item[end])) for end in ("from", "to") if item.get(end)}
        return {**item, **ends}

    def _name_of(self, wire: Wire, key: str) -> str:
        if key not in self._names:
            try:
                self._names[key] = str(wire.get("/rest/api/2/user", params={"key": key})["name"])
            except Gone:  # deleted since: the log has nothing but the key
                self._names[key] = key
        return self._names[key]

    def _account_of(self, wire: Wire, email: str) -> Account | None:
        params = {"username": email, "maxResults": MOST_FOUND}
        people = [shapes.account(bean) for bean in wire.get("/rest/api/2/user/search", params=params)]
        exact = [person for person in people if (person.email or "").lower() == email and person.active]
        return exact[0] if len(exact) == 1 else None


def own_label(marker: str) -> str:
    """The label that says for whom an issue was made, by the marker that it was drafted with."""
    return OWN_PREFIX + marker.removeprefix(MARKER_PREFIX)


def _people_in(node: Any) -> Iterator[Bean]:
    """Every user that stands anywhere in an answer."""
    if isinstance(node, dict):
        if "key" in node and "name" in node and "displayName" in node:
            yield node
        yield from _each(node.values())
    elif isinstance(node, list):
        yield from _each(node)


def _each(nodes: Iterable[Any]) -> Iterator[Bean]:
    for node in nodes:
        yield from _people_in(node)
