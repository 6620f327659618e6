"""What `tieout provision` and `tieout check` have in common: which doors are open, and what has drifted."""

from __future__ import annotations

from connector.checks import Finding
from connector.checks.catalogue import found
from mappings.provision.errands import Doors
from sync.store import Store
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
    """Provisioned things that are no longer as Tieout left them, as findings of a check; none stops a sync.

    Asks no site where nothing was provisioned. Raises what `mappings.errors` has."""
    with wiring.database.read() as conn:
        if not Store(conn).provisioned.all():
            return []
    survey, where = wiring.provisioning("tieout").survey(list(wiring.rules.audit)), wiring.rules.jira.url
    drifted = survey.plan().drift
    return [
        found("provisioned-drifted", where, kind=each.kind, title=each.title, reason=each.reason) for each in drifted
    ]
