"""Secrets that are kept in the register, sealed with keys that are kept elsewhere.

The first key seals; every key opens, so that keys can be rotated: a new one is put in front, and the old one taken away
once everything was sealed anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from mappings.errors import Refused


class Box:
    """Seals text and opens it again."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are Fernet keys (32 bytes in URL-safe base64). Refused names the place of one that is none."""
        if not keys:
            raise Refused("no key: set TIEOUT_KEYS to what `tieout auth new-key` prints")
        self._fernet = MultiFernet([_key(place, key) for place, key in enumerate(keys, start=1)])

    def seal(self, text: str) -> bytes:
        sealed: bytes = self._fernet.encrypt(text.encode())
        return sealed

    def open(self, sealed: bytes) -> str:
        """Refused when no key opens it."""
        try:
            text: str = self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            why = "none of TIEOUT_KEYS opens what is kept: was a key taken away too early? Else run `tieout auth login`"
            raise Refused(why) from None
        return text


def new_key() -> str:
    """A key that nobody has had before."""
    key: str = Fernet.generate_key().decode()
    return key


def _key(place: int, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise Refused(f"key {place} of TIEOUT_KEYS is none: expected what `tieout auth new-key` prints") from None
