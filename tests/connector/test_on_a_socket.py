"""The same clients over a real connection on loopback: what only a network does."""

import io
import socket
from collections.abc import Iterator

import pytest
import requests

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from connector.sandbox.serve import running
from connector.sandbox.site import Site
from mappings.errors import TryLater, Unclear
from mappings.far import IssueEdit, PageDraft
from mappings.rules import Connection

from .conftest import Watched
from .jira_contract import draft, one, view


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with running(site, pump=False) as address:
        yield address


@pytest.fixture
def session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.fixture
def connection(address: str) -> Connection:
    return Connection(url=address, user=BOT_EMAIL, read_timeout_s=5)


def test_a_file_is_sent_with_its_length_and_comes_back(connection: Connection, session: requests.Session) -> None:
    confluence = connect_confluence(connection, BOT_TOKEN, session=session)
    page = confluence.create(PageDraft(confluence.space_id("SOC2"), None, "R-1", "<p>x</p>"))
    content = bytes(range(256)) * 5000
    sent = confluence.attach(page.id, "über.bin", io.BytesIO(content), media_type="x/y", note="n")
    (listed,) = confluence.files(page.id)
    assert (listed.name, listed.size, sent.id) == ("über.bin", len(content), listed.id)
    assert b"".join(confluence.download(listed)) == content


def test_a_cut_connection_is_unclear_for_a_write_and_nothing_for_a_read(
    connection: Connection, session: requests.Session, site: Site, watched: Watched
) -> None:
    jira = connect_jira(connection, BOT_TOKEN, session=session, habits=watched.habits)
    made = one(jira)
    site.faults.add("drop_after", "PUT", "/issue/")
    with pytest.raises(Unclear):
        jira.edit(made.id, IssueEdit({"summary": "Once"}))
    site.faults.add("drop_before", "POST", "/bulkfetch$")
    assert view(jira, made.id).summary == "Once"


def test_where_nobody_listens_nothing_was_sent(session: requests.Session, watched: Watched) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nowhere = Connection(url=f"http://127.0.0.1:{port}", user=BOT_EMAIL)
    jira = connect_jira(nowhere, BOT_TOKEN, session=session, habits=watched.habits)
    with pytest.raises(TryLater, match="was not sent"):
        jira.create([draft(1)])


def test_a_site_that_takes_a_write_and_says_nothing_leaves_it_unclear(
    session: requests.Session, watched: Watched
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        silent = Connection(url=address, user=BOT_EMAIL, read_timeout_s=0.05)
        jira = connect_jira(silent, BOT_TOKEN, session=session, habits=watched.habits)
        with pytest.raises(Unclear, match="look before"):
            jira.create([draft(1)])
