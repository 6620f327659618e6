"""The page about the sandbox says which of Atlassian's operations there are, and it is true."""

import pytest

from connector.sandbox.confluence.routes import ROUTES as CONFLUENCE
from connector.sandbox.jira.routes import ROUTES as JIRA
from tests.connector.sandbox import table


def test_the_page_has_the_table_of_what_is_there_now() -> None:
    if not table.FOLDER.is_dir():
        pytest.skip("../shared is not here: no API documents to make the table from")
    text = table.PAGE.read_text(encoding="utf-8")
    written = text[text.index(table.BEGIN) : text.index(table.END) + len(table.END)]
    assert written == table.made(), "make it anew: python -m tests.connector.sandbox.table"


def test_every_route_was_driven() -> None:
    seen = table.driven()
    assert {(route.method, route.template) for route in (*JIRA.table, *CONFLUENCE.table)} - seen.keys() == {
        ("GET", "/rest/api/3/search"),
        ("POST", "/rest/api/3/search"),
        ("GET", "/rest/api/3/webhook"),
        ("POST", "/rest/api/3/webhook"),
        ("GET", "/rest/api/3/webhook/failed"),
    }
