"""People in storage format: Data Center names them by a key that means nothing to anybody, Tieout by user name.

Bodies are read with names where keys stood and written with the keys again, so that a page that is not changed stays
as it was to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from connector.confluence_shapes import Bean
from connector.session import Wire
from mappings.errors import Gone
from mappings.far import Account

_BY_KEY = re.compile(r'(?<=\s)ri:userkey="([^"<>]*)"')
_BY_NAME = re.compile(r'(?<=\s)ri:account-id="([^"<>]*)"')


def account(bean: Bean) -> Account:
    """A person as Data Center shows one; e-mail addresses it does not."""
    return Account(bean["username"], bean.get("displayName") or "")


def name_of(bean: Bean | None) -> str:
    """The user name; empty for nobody, and for an account that was deleted."""
    return str((bean or {}).get("username") or "")


class Keys:
    """User names by key and back, each asked for once."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def incoming(self, wire: Wire, body: str) -> str:
        """A body with a name for each key; what Confluence knows nobody by stays."""
        return _BY_KEY.sub(self._replaced("account-id", lambda key: self._name(wire, key)), body)

    def outgoing(self, wire: Wire, body: str) -> str:
        """A body with a key for each name; a name that Confluence does not know is written as one."""
        return _BY_NAME.sub(self._replaced("userkey", lambda name: self._key(wire, name)), body)

    def _replaced(self, attribute: str, find: Callable[[str], str | None]) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            other = find(unescape(found[1]))
            if other is not None:
                return f'ri:{attribute}="{escape(other)}"'
            return f'ri:username="{found[1]}"' if attribute == "userkey" else found[0]

        return replace

    def _name(self, wire: Wire, key: str) -> str | None:
        if key not in self._names and not self._learn(wire, {"key": key}):
            return None
        return self._names.get(key)

    def _key(self, wire: Wire, name: str) -> str | None:
        if name not in self._keys and not self._learn(wire, {"username": name}):
            return None
        return self._keys.get(name)

    def _learn(self, wire: Wire, asked: dict[str, str]) -> bool:
        try:
            bean = wire.get("/rest/api/user", params=asked)
        except Gone:
            return False
        self._names[str(bean["userKey"])] = str(bean["username"])
        self._keys[str(bean["username"])] = str(bean["userKey"])
        return True
