"""What a person is to a record: its owner, its reviewer, the audit's coordinator, an auditor.

People are compared by account id. Where an id is not known, nobody becomes a reviewer who might be the owner.
"""

from __future__ import annotations

from collections.abc import Mapping

from .records import Person, Record, Role
from .rules import AuditRule


def roles_of(
    account_id: str,
    record: Record,
    people: Mapping[str, Person],
    audit: AuditRule,
    collectors: frozenset[str],
    request: Record | None,
) -> frozenset[Role]:
    """The roles of an account for `record`. `people` is by `Person.key`, `collectors` are the account ids of who
    attached the record's evidence, `request` is the request of a task.

    Who collected evidence has done the owner's work and gets the owner's moves: that is what keeps them from
    reviewing it. An auditor who attaches something stays an auditor. Without a named reviewer, on the record or its
    request, every other account of the company may review; an owner who is named to review their own work is none.
    `Role.SYSTEM` is Tieout's alone and never comes from here.
    """
    if not account_id:
        return frozenset()
    is_auditor = any(_is(account_id, email, people) for email in audit.auditors)
    roles = {Role.AUDITOR} if is_auditor else set[Role]()
    if _is(account_id, audit.coordinator, people):
        roles.add(Role.COORDINATOR)
    if _is(account_id, record.owner, people) or (account_id in collectors and not is_auditor):
        roles.add(Role.OWNER)
    elif not is_auditor and _may_review(account_id, record, people, request):
        roles.add(Role.REVIEWER)
    return frozenset(roles)


def _may_review(account_id: str, record: Record, people: Mapping[str, Person], request: Record | None) -> bool:
    if _might_be(account_id, record.owner, people):
        return False
    named = (record.reviewer, request.reviewer if request else None)
    others = [key for key in named if key and not _is_one(key, record.owner, people)]
    return _is(account_id, others[0], people) if others else True


def _is_one(key: str, other: str | None, people: Mapping[str, Person]) -> bool:
    """Whether two keys are known to name one person."""
    accounts = {person.account_id for person in _called(key, people) if person.account_id}
    return key == other or any(_is(account_id, other, people) for account_id in accounts)


def _is(account_id: str, key: str | None, people: Mapping[str, Person]) -> bool:
    """Whether the account is known to belong to whom `key` names; an e-mail in any case is a key too."""
    if not key:
        return False
    return key == f"account:{account_id}" or any(person.account_id == account_id for person in _called(key, people))


def _might_be(account_id: str, key: str | None, people: Mapping[str, Person]) -> bool:
    """Whether it cannot be told by account id that the account is somebody else than whom `key` names."""
    if not key or key.startswith("account:"):
        return False
    named = _called(key, people)
    if any(person.account_id for person in named):
        return False
    actors = [person for person in people.values() if person.account_id == account_id]
    names = {person.name.casefold() for person in named} | {key.removeprefix("name:")}
    return not actors or any(actor.name.casefold() in names for actor in actors)


def _called(key: str, people: Mapping[str, Person]) -> list[Person]:
    """Everybody of that key or e-mail: one person may have come in under a key for each."""
    lowered = key.lower()
    return [
        person for person in people.values() if person.key.lower() == lowered or (person.email or "").lower() == lowered
    ]
