"""What `tieout provision` and `tieout check` have in common: which doors are open, and what has drifted."""

from __future__ import annotations

from functools import partial

from connector.checks import Finding
from mappings.provision.errands import Doors
from sync.store import Store
from webhooks.drift import drift_of
from webhooks.wiring import Wiring

CONFLUENCE = "confluence"
"""How deliveries at Confluence's door are kept."""


def doors_of(wiring: Wiring) -> Doors:
    """Tieout's own doors as errands speak of them."""
    settings = wiring.settings
    with wiring.database.read() as conn:
        heard = Store(conn).deliveries.last(CONFLUENCE) is not None
    return Doors(
        address=settings.public_url,
        has_jira_secret=bool(settings.jira_webhook_secrets),
        has_confluence_secret=bool(settings.confluence_shared_secrets),
        confluence_heard=heard,
    )


def drift(wiring: Wiring) -> list[Finding]:
    """Provisioned things that are no longer as Tieout left them; none stops a sync."""
    return list(drift_of(wiring.database, wiring.rules, partial(wiring.provisioning, "tieout")).findings)
