"""What `tieout provision` and `tieout check` have in common: which doors are open, and what has drifted."""

from __future__ import annotations

from dataclasses import asdict

from connector.checks import Finding
from mappings.provision.errands import Doors
from sync.provisioning import drift_of
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
    survey = wiring.provisioning("tieout").survey(list(wiring.rules.audit))
    return [Finding(**asdict(each)) for each in drift_of(survey.plan(), wiring.rules.jira.url)]
