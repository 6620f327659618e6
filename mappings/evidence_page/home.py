"""An audit's home page: its dates, who is who, all requests in one table, and how auditors decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mappings.records import EMPTY, Person
from mappings.rules import AuditRule
from mappings.storage import NotStorage, check_well_formed, plain_text, read_regions
from mappings.storage.writing import day, escape, heading, macro, mention, paragraph, properties, region

from .facts import FACTS, how_to
from .page import brought_up_to_date

_MARK = "tieout-home-audit"
"""The region by which an audit's home page is known."""
_COLUMNS = "Number,Status,Due,Owner,Criteria,Escalation"


def compose_home(
    audit_key: str, audit: AuditRule, people: Mapping[str, Person] = EMPTY, how_to_decide: tuple[str, ...] = ()
) -> str:
    """The body of a new home page: our parts, and below them a section for people."""
    body = "".join(home_regions(audit_key, audit, people, how_to_decide).values()) + heading("Notes") + "<p></p>"
    check_well_formed(body)
    return body


def is_home(body: str, audit_key: str) -> bool:
    """Whether a page says that it is this audit's home page, whatever it is called."""
    try:
        part = read_regions(body).get(_MARK)
    except NotStorage:
        return False
    return part is not None and f"({audit_key})" in plain_text(part.source)


def rewrite_home(body: str, regions: Mapping[str, str]) -> str | None:
    """A home page's body with `home_regions` in place, or None when it says so already. Raises NotStorage."""
    return brought_up_to_date(body, regions)


def home_regions(
    audit_key: str, audit: AuditRule, people: Mapping[str, Person] = EMPTY, how_to_decide: tuple[str, ...] = ()
) -> dict[str, str]:
    """Our parts of the home page by region id, in the order they stand in."""
    parts = {
        _MARK: _audit_part(audit_key, audit),
        "tieout-home-people": _people_part(audit, people),
        "tieout-home-requests": _requests_part(),
        "tieout-home-decide": _decide_part(how_to_decide),
    }
    return {region_id: region(region_id, part) for region_id, part in parts.items()}


def _audit_part(audit_key: str, audit: AuditRule) -> str:
    milestones = [(milestone.name, day(milestone.on)) for milestone in sorted(audit.milestones, key=lambda m: m.on)]
    rows = [
        ("Audit", escape(f"{audit.name} ({audit_key})")),
        ("Type", escape(f"SOC 2 Type {audit.type}")),
        ("Period", f"{day(audit.period_start)} to {day(audit.period_end)}"),
        ("State", "Closed" if audit.is_closed else "Open"),
        ("Dates are in", escape(audit.time_zone)),
        *milestones,
    ]
    return heading("The audit") + properties(rows)


def _people_part(audit: AuditRule, people: Mapping[str, Person]) -> str:
    rows = [
        ("Auditors", _named(audit.auditors, people)),
        ("Coordinator", _named([audit.coordinator], people)),
        ("Sponsor", _named([audit.sponsor] if audit.sponsor else [], people)),
    ]
    whom = "Ask the coordinator about anything that has no page of its own."
    return heading("Who is who") + properties((name, who) for name, who in rows if who) + paragraph(whom)


def _requests_part() -> str:
    parameters = {
        "firstcolumn": "Request",
        "headings": _COLUMNS,
        "id": FACTS,
        "sortBy": "Number",
        "cql": "ancestor = currentContent()",
    }
    return heading("Requests") + macro("detailssummary", parameters)


def _decide_part(how_to_decide: tuple[str, ...]) -> str:
    say = "Each request has a page of its own below this one. Auditors decide there, by a comment or by its check box."
    only = "Only the auditors named above can accept or return; everybody can ask and comment."
    return heading("How auditors decide") + paragraph(say) + how_to(how_to_decide) + paragraph(only)


def _named(emails: Iterable[str], people: Mapping[str, Person]) -> str:
    return ", ".join(_one(email, people.get(email.lower())) for email in emails)


def _one(email: str, person: Person | None) -> str:
    if person is None:
        return escape(email)
    return mention(person.account_id) if person.account_id else escape(person.name)
