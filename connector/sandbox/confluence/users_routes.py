"""v2 users: who is behind an account id, many at once."""

from __future__ import annotations

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.wire_v1 import user
from connector.sandbox.confluence.wire_v2 import V2, json_object, v2
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
MOST = 250
_FIELDS = (
    "accountId", "accountType", "email", "displayName", "publicName", "timeZone", "isExternalCollaborator",
    "profilePicture",
)  # fmt: skip


@ROUTES.post(f"{V2}/users-bulk", reads=True, anonymous=False)
@v2
def users_bulk(site: Site, by: Account, call: Call) -> Answer:
    wanted = json_object(call).get("accountIds")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST or not all(isinstance(w, str) for w in wanted):
        raise InvalidError(f"accountIds must be a list of 1 to {MOST} account IDs")
    found = (site.accounts.get(str(account_id)) for account_id in wanted)
    return Answer(200, {"results": [_user(site, account, by) for account in found if account]})


def _user(site: Site, account: Account, by: Account) -> dict[str, Any]:
    shown = user(site, account, by)
    status = "active" if account.active else "inactive"
    return {name: shown[name] for name in _FIELDS if shown[name] is not None} | {"accountStatus": status}
