"""What Jira's JSON means where the sandbox never says it: a service project, an account of another language."""

from __future__ import annotations

from typing import Any

import pytest

from connector.jira_memory import CHECKBOXES, site_facts
from connector.jira_shapes import comment


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


def test_the_field_for_flags_is_known_whatever_the_language_of_tieouts_account() -> None:
    schema = {"custom": CHECKBOXES}
    fields = [
        {"id": "customfield_1", "name": "Merkmale", "untranslatedName": "Features", "schema": schema},
        {"id": "customfield_2", "name": "Markiert", "untranslatedName": "Flagged", "schema": schema},
    ]
    assert site_facts(fields, None).flag_field == "customfield_2"
