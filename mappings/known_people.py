"""Everybody that is known: those the register keeps, and what the mapping file says of them and of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .records import Person
from .rules import Rules


def known_people(rules: Rules, kept: Mapping[str, Person]) -> dict[str, Person]:
    """People by key. The mapping file's account ids, names and managers stand above what the register keeps."""
    found = dict(kept)
    for rule in rules.people:
        key = rule.email.lower()
        person = found.get(key) or Person(key, rule.name, rule.email)
        manager = rule.manager.lower() if rule.manager else person.manager
        account_id = rule.account_id or person.account_id
        found[key] = replace(person, name=rule.name, account_id=account_id, manager=manager)
    for audit in rules.audit.values():
        for email in (audit.coordinator, audit.sponsor, *audit.auditors):
            if email and email.lower() not in found:
                found[email.lower()] = Person(email.lower(), email, email)
    return found
