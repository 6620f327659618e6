"""People: each found once, by e-mail or account id, and able to do their part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from connector.checks.catalogue import found
from connector.checks.circumstances import AUDITOR, COORDINATOR, SPONSOR, Part
from connector.checks.findings import Finding
from connector.checks.reading import JiraReading
from connector.session import Wire
from mappings.errors import Forbidden, Gone
from mappings.far import Account
from mappings.known_people import known_people
from mappings.records import Person
from mappings.rules import Rules

NOT_FOUND = {AUDITOR: "auditor-not-found", COORDINATOR: "coordinator-not-found"}


def parts_of(rules: Rules) -> tuple[Part, ...]:
    """Whom the open audits name, and who else the mapping file knows."""
    people = known_people(rules, {})
    parts: list[Part] = []
    for key, audit in rules.audit.items():
        if audit.is_closed:
            continue
        parts += [Part(people[email.lower()], AUDITOR, key) for email in audit.auditors]
        # Escalation issues are assigned to the sponsor, where there is one.
        at = None if audit.sponsor else audit.project
        parts.append(Part(people[audit.coordinator.lower()], COORDINATOR, key, at))
        if audit.sponsor:
            parts.append(Part(people[audit.sponsor.lower()], SPONSOR, key, audit.project))
    named = {part.person.key for part in parts}
    return (*parts, *(Part(people[key], "named under `people`", "") for key in sorted(people.keys() - named)))


def known_parts(wire: Wire, reading: JiraReading, parts: Iterable[Part]) -> tuple[list[Part], list[Finding]]:
    """The parts whose people have an account, with its id; and what is wrong with the others.

    A call for each e-mail without an account id, and one for each 200 ids."""
    parts = list(parts)
    problems: list[Finding] = []
    by_id = reading.accounts_by_id(wire, sorted({id_ for part in parts if (id_ := part.person.account_id)}))
    wanted = sorted({_email(part.person) for part in parts if not part.person.account_id and part.person.email})
    is_searchable = not wanted or reading.may_browse_users(wire)
    if not is_searchable:
        problems.append(found("people-not-searchable", wire.base_url))
    by_email = {email: reading.accounts_showing(wire, email) for email in wanted} if is_searchable else {}
    known: list[Part] = []
    for part in parts:
        account = _account(part, by_id, by_email, problems, wire.base_url)
        if account is not None:
            known.append(replace(part, person=replace(part.person, account_id=account.account_id)))
    return known, problems


def check_assignable(wire: Wire, reading: JiraReading, known: Iterable[Part], site: str) -> Iterator[Finding]:
    """A call for each person and project."""
    asked: set[tuple[str, str]] = set()
    for part in known:
        id_ = part.person.account_id
        if part.project is None or id_ is None or (part.project, id_) in asked:
            continue
        asked.add((part.project, id_))
        try:
            may_have_work = reading.is_assignable(wire, part.project, id_)
        except (Gone, Forbidden):
            continue  # that the project is not seen is told once, by its own check
        if not may_have_work:
            where = f"project {part.project} on {site}"
            yield found("owner-not-assignable", where, email=_email(part.person), part=part.part)


def _account(
    part: Part,
    by_id: Mapping[str, Account],
    by_email: Mapping[str, tuple[Account, ...]],
    problems: list[Finding],
    site: str,
) -> Account | None:
    person, email = part.person, _email(part.person)
    words = {"email": email, "part": part.part, "audit": part.audit}
    if person.account_id:
        account = by_id.get(person.account_id)
        if account is None:
            problems.append(found("account-id-unknown", site, account_id=person.account_id, email=email))
            return None
        candidates: tuple[Account, ...] = (account,)
    elif email in by_email:
        candidates = by_email[email]
    else:
        return None
    active = [account for account in candidates if account.active]
    if len(active) == 1:
        return active[0]
    if len(active) > 1:
        problems.append(found("person-ambiguous", site, count=len(active), **words))
    elif candidates:
        problems.append(found("person-inactive", site, **words))
    else:
        problems.append(found(NOT_FOUND.get(part.part, "person-not-found"), site, **words))
    return None


def _email(person: Person) -> str:
    return (person.email or person.name).lower()
