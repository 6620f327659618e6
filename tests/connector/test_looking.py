"""Looking at what Tieout made in Jira, as far as one call tells."""

from connector.jira_cloud import CloudJira
from connector.provision.looking import look
from mappings.provision.things import Made, ThingKind


def test_more_filters_than_one_call_asks_about_are_all_looked_for(jira: CloudJira) -> None:
    """Somebody else's by now, or gone: a new service account, many audits, and a list that takes 200 ids."""
    made = {
        f"filter-{number}": Made(f"filter-{number}", ThingKind.FILTER, str(number), {}, None) for number in range(201)
    }
    assert look(jira.wire, "nobody", [], made, ()) == []
