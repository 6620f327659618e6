"""For whom an answer is rendered: addresses, time zone, hidden e-mail, ADF or plain text."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.accounts import Account
from connector.sandbox.site import Site
from connector.sandbox.wire import Call

SIZES = ("48x48", "24x24", "16x16", "32x32")


@dataclass(frozen=True)
class Viewer:
    """The site as one caller sees it, None being nobody in particular, who sees no address.

    `version` 2 shows documents as text, as webhooks do too. `sees_all` is for these, which no caller asked for.
    """

    site: Site
    actor: Account | None
    version: int = 3
    root: str = ""
    sees_all: bool = False

    @property
    def api(self) -> str:
        return f"{self.root or self.site.base_url}/rest/api/{self.version}"

    def stamp(self, moment: datetime | None) -> str | None:
        """A moment as Jira writes it, in the caller's own time zone: 2026-01-02T03:04:05.678+0100."""
        if moment is None:
            return None
        local = moment.astimezone(zone(self.actor.time_zone if self.actor else "Etc/UTC"))
        return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"

    def user(self, account_id: str | None) -> dict[str, Any] | None:
        """The short form of an account that stands in issues, comments and change logs."""
        account = self.site.accounts.get(account_id or "")
        if account is None:
            return None
        bean: dict[str, Any] = {
            "self": f"{self.api}/user?accountId={account.account_id}",
            "accountId": account.account_id,
            "avatarUrls": avatars(self.site, account.account_id),
            "displayName": account.display_name,
            "active": account.active,
            "timeZone": account.time_zone,
            "accountType": account.account_type,
        }
        if self.may_see_email(account):
            bean["emailAddress"] = account.email
        return bean

    def may_see_email(self, account: Account) -> bool:
        return account is self.actor or (account.email_visible and (self.actor is not None or self.sees_all))


def viewer_of(call: Call) -> Viewer:
    """The viewer behind a call; behind the gateway addresses start there."""
    root = f"https://api.atlassian.com/ex/jira/{call.site.cloud_id}" if call.gateway else ""
    return Viewer(call.site, call.actor, call.version, root)


def webhook_viewer(site: Site) -> Viewer:
    """Webhooks are written for nobody in particular: API version 2, UTC."""
    return Viewer(site, None, 2, sees_all=True)


def avatars(site: Site, seed: str) -> dict[str, str]:
    """Addresses of a picture in Jira's four sizes."""
    return {size: f"{site.base_url}/avatar/{seed}?size={size.split('x')[0]}" for size in SIZES}


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
