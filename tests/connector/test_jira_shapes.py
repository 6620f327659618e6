"""What Jira's JSON means where the sandbox never says it: a service project, an account of
another language, two people with one address."""

from __future__ import annotations

import re
from typing import Any

import pytest
import responses

from connector.connect import connect_jira
from connector.jira_memory import CHECKBOXES, site_facts
from connector.jira_shapes import comment
from mappings.rules import Connection


def said(**more: Any) -> dict[str, Any]:
    author = {"accountId": "712020:a", "displayName": "Priya Nair"}
    return {"id": "1", "author": author, "body": "to ourselves", "created": "2026-11-23T17:15:00.000+0000", **more}


@pytest.mark.parametrize(
    ("more", "is_restricted"),
    [({}, False), ({"jsdPublic": True}, False), ({"jsdPublic": False}, True), ({"visibility": {"type": "role"}}, True)],
)
def test_an_internal_comment_of_a_service_project_is_restricted_like_one_with_a_visibility(
    more: dict[str, Any], is_restricted: bool
) -> None:
    assert comment(said(**more)).is_restricted is is_restricted


def account(name: str, **more: Any) -> dict[str, Any]:
    shown = {"accountId": name, "emailAddress": "Dana.Kim@acme.example", "accountType": "atlassian", "active": True}
    return {**shown, **more}


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ([account("left", active=False), account("stayed")], "stayed"),
        ([account("bot", accountType="app"), account("person")], "person"),
        ([account("one"), account("another")], None),
        ([account("customer", accountType="customer")], None),
        ([account("left", active=False)], "left"),
    ],
)
def test_of_several_accounts_with_one_address_the_person_who_is_there_is_meant_or_nobody(
    connection: Connection, shown: list[dict[str, Any]], meant: str | None
) -> None:
    with responses.RequestsMock() as net:
        net.add("GET", re.compile(".*/user/search.*"), json=shown)
        found = connect_jira(connection, "token").find_accounts(["dana.kim@acme.example"])
    assert [each.account_id for each in found.values()] == ([meant] if meant else [])


def test_the_field_for_flags_is_known_whatever_the_language_of_tieouts_account() -> None:
    schema = {"custom": CHECKBOXES}
    fields = [
        {"id": "customfield_1", "name": "Merkmale", "untranslatedName": "Features", "schema": schema},
        {"id": "customfield_2", "name": "Markiert", "untranslatedName": "Flagged", "schema": schema},
    ]
    assert site_facts(fields, None).flag_field == "customfield_2"
