"""Spaces: seen, open, writable, and shared with the auditors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from connector import confluence_read
from connector.checks import confluence_reading as reading
from connector.checks.asking import Asking
from connector.checks.catalogue import found
from connector.checks.circumstances import AUDITOR, Part
from connector.checks.confluence_reading import Space
from connector.checks.findings import Finding
from connector.session import Wire
from mappings.errors import Forbidden, Gone
from mappings.rules import Rules

NEEDED = (("create", "page"), ("create", "comment"), ("create", "attachment"))
COMMENT = ("create", "comment")
WITHOUT_LOOK = "whether auditors may view the space shows when they open it"


def check_spaces(wire: Wire, site: str, rules: Rules, known: Iterable[Part], asking: Asking) -> Iterator[Finding]:
    """`known` are the people whose account is known, auditors among them."""
    auditors = [part for part in known if part.part == AUDITOR]
    audits = {key: audit.space for key, audit in rules.audit.items() if not audit.is_closed}
    for key in sorted(set(audits.values())):
        here = [part for part in auditors if audits.get(part.audit) == key]
        findings = _check_space(wire, key, f"space {key} on {site}", here, asking)
        yield from asking.to_the_end(f"space {key}", findings)
    yield from asking.to_the_end("guests", _guests_in_two(wire, audits, auditors, site))


def _check_space(wire: Wire, key: str, where: str, auditors: list[Part], asking: Asking) -> Iterator[Finding]:
    try:
        space = reading.space(wire, key)
    except (Gone, Forbidden) as error:
        yield found("space-not-visible", where, said=error)
        return
    if space.is_archived:
        yield found("space-archived", where)
        return
    for operation, target in confluence_read.missing_operations(wire, space.id, NEEDED):
        yield found("space-permission-missing", where, operation=operation, target=target)
    if space.home_page is None:
        yield found("space-without-home-page", where)
    yield from _check_auditors(wire, space, where, auditors, asking)


def _check_auditors(wire: Wire, space: Space, where: str, auditors: list[Part], asking: Asking) -> Iterator[Finding]:
    grants = reading.grants(wire, space.id)
    for part in auditors:
        account, words = part.person.account_id or "", {"email": part.person.email, "audit": part.audit}
        mine = grants.get(("user", account))
        page = space.home_page
        if mine is None and page is not None:
            may_view = asking.of_administrators(
                partial(reading.may_view, wire, page, account),
                "whether auditors may view the space",
                WITHOUT_LOOK,
            )
            if may_view is False:
                yield found("auditor-not-in-space", where, **words)
        elif mine is not None and COMMENT not in mine and not _has_groups(grants):
            yield found("auditor-cannot-comment", where, **words)


def _has_groups(grants: dict[tuple[str, str], set[tuple[str, str]]]) -> bool:
    """Whether some group or role may comment: then an auditor may be one of it."""
    return any(kind != "user" and COMMENT in held for (kind, _), held in grants.items())


def _guests_in_two(wire: Wire, audits: dict[str, str], auditors: list[Part], site: str) -> Iterator[Finding]:
    named: dict[str, list[Part]] = {}
    for part in auditors:
        named.setdefault(part.person.account_id or "", []).append(part)
    many = {id_: parts for id_, parts in named.items() if len({audits.get(part.audit) for part in parts}) > 1}
    guests = reading.guests(wire, sorted(many)[: reading.BULK_SIZE])
    for id_ in sorted(guests & many.keys()):
        keys = sorted({part.audit for part in many[id_]})
        spaces = ", ".join(sorted({audits[key] for key in keys}))
        words = {"email": many[id_][0].person.email, "audits": ", ".join(keys), "spaces": spaces}
        yield found("guest-in-two-spaces", site, **words)
