"""Who is what to a record, above all who is never its reviewer."""

from datetime import date

import pytest

from mappings.records import Kind, Person, Record, Role
from mappings.roles import roles_of
from mappings.rules import AuditRule

PEOPLE = {
    person.key: person
    for person in [
        Person("olga@acme.example", "Olga Owner", "olga@acme.example", "acc-olga"),
        Person("rita@acme.example", "Rita Reviewer", "rita@acme.example", "acc-rita"),
        Person("cora@acme.example", "Cora Coordinator", "Cora@acme.example", "acc-cora"),
        Person("account:acc-aud", "Abe Auditor", "abe@firm.example", "acc-aud"),
        Person("name:nils noid", "Nils Noid"),
        Person("account:acc-nils", "Nils Noid", None, "acc-nils"),
        Person("account:acc-other", "Otto Other", None, "acc-other"),
    ]
}
AUDIT = AuditRule(
    name="SOC 2",
    period_start=date(2026, 1, 1),
    period_end=date(2026, 12, 31),
    project="AUD",
    space="AUD",
    coordinator="cora@acme.example",
    auditors=("Abe@firm.example",),
)


def roles(
    account: str,
    *,
    owner: str | None = "olga@acme.example",
    reviewer: str | None = None,
    collectors: tuple[str, ...] = (),
    of_request: str | None = None,
) -> set[str]:
    record = Record("0" * 32, Kind.TASK, "soc2", "1/1", "t", "todo", owner=owner, reviewer=reviewer)
    request = Record("1" * 32, Kind.REQUEST, "soc2", "1", "t", "open", reviewer=of_request)
    return {role.value for role in roles_of(account, record, PEOPLE, AUDIT, frozenset(collectors), request)}


def test_each_person_has_their_role() -> None:
    assert roles("acc-olga") == {"owner"}
    assert roles("acc-rita", reviewer="rita@acme.example") == {"reviewer"}
    assert roles("acc-cora", reviewer="rita@acme.example") == {"coordinator"}
    assert roles("acc-aud") == {"auditor"}


def test_without_a_named_reviewer_any_other_account_of_the_company_reviews() -> None:
    assert roles("acc-rita") == {"reviewer"}
    assert roles("acc-nobody-knows") == {"reviewer"}
    assert roles("acc-cora") == {"coordinator", "reviewer"}


def test_a_named_reviewer_is_the_only_one_on_the_task_or_on_its_request() -> None:
    assert roles("acc-other", reviewer="rita@acme.example") == set()
    assert roles("acc-other", of_request="rita@acme.example") == set()
    assert roles("acc-rita", of_request="rita@acme.example") == {"reviewer"}
    assert roles("acc-rita", reviewer="account:acc-other", of_request="rita@acme.example") == set()


def test_who_collected_evidence_counts_as_an_owner_and_does_not_review() -> None:
    assert roles("acc-rita", collectors=("acc-rita",)) == {"owner"}
    assert roles("acc-rita", reviewer="rita@acme.example", collectors=("acc-rita",)) == {"owner"}
    assert roles("acc-cora", collectors=("acc-cora",)) == {"coordinator", "owner"}


def test_an_auditor_who_attaches_something_stays_an_auditor() -> None:
    assert roles("acc-aud", collectors=("acc-aud",)) == {"auditor"}
    assert roles("acc-aud", reviewer="account:acc-aud") == {"auditor"}


def test_an_owner_named_as_their_own_reviewer_is_none() -> None:
    assert roles("acc-olga", reviewer="olga@acme.example") == {"owner"}


@pytest.mark.parametrize("account", ["acc-nils", "acc-nobody-knows"])
def test_whoever_might_be_an_owner_without_a_known_account_does_not_review(account: str) -> None:
    assert roles(account, owner="name:nils noid") == set()
    assert roles(account, owner="name:nils noid", reviewer=f"account:{account}") == set()


def test_somebody_plainly_else_reviews_for_an_owner_without_a_known_account() -> None:
    assert roles("acc-rita", owner="name:nils noid") == {"reviewer"}


def test_an_owner_known_by_account_alone_is_the_owner() -> None:
    assert roles("acc-77", owner="account:acc-77") == {"owner"}
    assert roles("acc-78", owner="account:acc-77") == {"reviewer"}


def test_nobody_has_no_role() -> None:
    assert roles("", owner=None) == set()
    assert roles("", collectors=("",)) == set()


def test_tieouts_own_role_never_comes_from_an_account() -> None:
    everyone = [person.account_id or "" for person in PEOPLE.values()]
    assert not any(Role.SYSTEM in roles(account) for account in everyone)
