"""A site, or a proxy in front of it, that answers without end, unpacks without end, or tries to lead us elsewhere."""

from __future__ import annotations

import gzip
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import responses
from urllib3.util import parse_url

from connector import bounds
from connector.confluence_lists import every
from connector.connect import connect_confluence, connect_jira
from connector.downloads import download
from connector.jira_read import search
from connector.session import Habits, Wire
from mappings.errors import FarSideError, SignInFailed, TryLater, Unclear
from mappings.rules import Connection

from .conftest import Watched

SITE = "https://acme.atlassian.net"
FILE = "/rest/api/3/attachment/content/7"
MB = 1024 * 1024


@pytest.fixture
def connection() -> Connection:
    return Connection(url=SITE, user="bot@acme.example")


@pytest.fixture
def wire(connection: Connection, watched: Watched) -> Wire:
    return connect_jira(connection, "secret", habits=watched.habits).wire


@pytest.fixture
def net() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


class Endless(io.RawIOBase):
    """A body that goes on for ever."""

    given = 0

    def __init__(self, beginning: bytes = b"[") -> None:
        self._beginning = beginning

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        piece = (self._beginning + b" " * len(into))[: len(into)]
        self._beginning = b""
        into[:] = piece
        self.given += len(into)
        return len(into)


# Answers without end.


def test_an_answer_without_end_is_given_up(
    wire: Wire, net: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", MB)
    bodies = [Endless() for _ in range(4)]
    for body in bodies:
        net.add("GET" if body is not bodies[-1] else "PUT", f"{SITE}/x", body=io.BufferedReader(body))
    with pytest.raises(TryLater, match="got no answer: EndlessError"):
        wire.get("/x")
    with pytest.raises(Unclear):
        wire.put("/x")
    assert max(body.given for body in bodies) < 2 * MB


def test_an_answer_that_trickles_is_given_up_though_no_read_ever_times_out(
    connection: Connection, net: responses.RequestsMock
) -> None:
    seconds = [0.0]

    def clock() -> float:
        seconds[0] += 29  # less than a read may take
        return seconds[0]

    wire = connect_jira(connection, "secret", habits=Habits(sleep=lambda _: None, clock=clock)).wire
    body = Endless()
    net.add("PUT", f"{SITE}/x", body=io.BufferedReader(body))
    with pytest.raises(Unclear, match="EndlessError"):
        wire.put("/x")
    assert body.given < MB


def test_a_small_answer_that_unpacks_without_end_is_given_up_early(
    wire: Wire, net: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", MB)
    bomb = gzip.compress(b" " * 200 * MB, 9)
    assert len(bomb) < MB
    for _ in range(3):
        net.add("GET", f"{SITE}/x", body=bomb, headers={"Content-Encoding": "gzip"}, auto_calculate_content_length=True)
    tracemalloc.start()
    with pytest.raises(TryLater):
        wire.get("/x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * MB


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5_000, b"\xff\xfe", b'"\\ud800"'])
def test_an_answer_that_cannot_be_read_is_an_error_the_engine_knows(
    wire: Wire, net: responses.RequestsMock, body: bytes
) -> None:
    net.add("GET", f"{SITE}/x", body=body, content_type="application/json")
    try:
        wire.get("/x")
    except FarSideError:
        return
    json.loads(body)  # what is read must be readable


def test_a_list_without_end_is_given_up(
    connection: Connection, net: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, watched: Watched
) -> None:
    monkeypatch.setattr(bounds, "MOST_PAGES", 20)
    number = iter(range(10**6))

    def page(_: Any) -> tuple[int, dict[str, str], str]:
        bean = {"id": str(next(number)), "key": "SOC2", "name": "Audit"}
        return (
            200,
            {},
            json.dumps({"results": [bean], "_links": {"next": f"/wiki/api/v2/spaces?cursor={next(number)}"}}),
        )

    net.add_callback("GET", f"{SITE}/wiki/api/v2/footer-comments", page)
    confluence = connect_confluence(connection, "secret", habits=watched.habits)
    with pytest.raises(TryLater, match="more than 20 pages"):
        list(every(confluence.wire, "/wiki/api/v2/footer-comments"))
    assert len(net.calls) == 20


def test_a_search_without_end_is_given_up(
    connection: Connection, net: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, watched: Watched
) -> None:
    monkeypatch.setattr(bounds, "MOST_PAGES", 20)
    net.add("POST", f"{SITE}/rest/api/3/search/jql", json={"issues": [], "nextPageToken": "again"})
    with pytest.raises(TryLater, match="more than 20 pages"):
        list(search(connect_jira(connection, "secret", habits=watched.habits).wire, "labels = x", ["labels"]))


def test_of_a_file_no_more_is_read_than_was_announced(wire: Wire, net: responses.RequestsMock) -> None:
    body = Endless()
    net.add("GET", SITE + FILE, body=io.BufferedReader(body))
    kept: list[bytes] = []
    with pytest.raises(TryLater, match="where the site had said 1000"):
        kept.extend(download(wire, FILE, 1_000))
    assert kept == []
    assert body.given < MB


def test_a_file_that_trickles_is_given_up(connection: Connection, net: responses.RequestsMock) -> None:
    seconds = [0.0]

    def clock() -> float:
        seconds[0] += 600
        return seconds[0]

    wire = connect_jira(connection, "secret", habits=Habits(sleep=lambda _: None, clock=clock)).wire
    body = Endless()
    net.add("GET", SITE + FILE, body=io.BufferedReader(body))
    with pytest.raises(TryLater, match="bytes where the site had said"):
        list(download(wire, FILE, 10**12))
    assert body.given < MB


# Being led elsewhere.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_no_redirect_of_a_call_is_followed_and_none_gets_our_sign_in(
    wire: Wire, net: responses.RequestsMock, method: str, status: int
) -> None:
    elsewhere = "https://evil.example/rest"
    net.add(method, f"{SITE}/x", status=status, headers={"Location": elsewhere})
    net.add(method, elsewhere, json={})
    with pytest.raises(SignInFailed, match="was redirected"):
        wire.send(method, "/x")
    assert [call.request.url for call in net.calls] == [f"{SITE}/x"]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/wiki/api/v2/pages?cursor=2",
        "//evil.example/wiki/api/v2/pages?cursor=2",
        "https://acme.atlassian.net@evil.example/wiki/api/v2/pages?cursor=2",
        "http://acme.atlassian.net/wiki/api/v2/pages?cursor=2",
        "../../../../x?cursor=2",
        "file:///etc/passwd?cursor=2",
        "javascript:alert(1)?cursor=2",
    ],
)
def test_of_a_link_to_the_next_page_only_the_query_counts(
    connection: Connection, net: responses.RequestsMock, link: str, watched: Watched
) -> None:
    address = f"{SITE}/wiki/api/v2/pages"
    net.add("GET", address, json={"results": [{"id": "1"}], "_links": {"next": link}})
    net.add("GET", address, json={"results": [{"id": "2"}], "_links": {}})
    confluence = connect_confluence(connection, "secret", habits=watched.habits)
    assert [bean["id"] for bean in every(confluence.wire, "/wiki/api/v2/pages")] == ["1", "2"]
    assert {parse_url(call.request.url or "").host for call in net.calls} == {"acme.atlassian.net"}


ADDRESSES = {
    "acme.atlassian.net": ["8.8.8.8"],
    "media.example": ["8.8.4.4"],
    "evil.example": ["127.0.0.1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "mapped-metadata.example": ["::ffff:169.254.169.254"],
    "sixtofour.example": ["2002:7f00:1::"],
    "nothing.example": ["0.0.0.0"],
    "nothing6.example": ["::"],
    "loop6.example": ["::1"],
    "both.example": ["8.8.4.4", "127.0.0.1"],
    "many.example": ["224.0.0.1"],
    "jira.corp": ["10.0.0.5"],
}
LITERALS = {"127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "169.254.169.254", "::1"}


def lookup(host: str) -> list[str]:
    """As the system's resolver reads them: numbers in any notation are addresses too."""
    if host in LITERALS:
        return ["169.254.169.254" if host.startswith("169") else "127.0.0.1"]
    return ADDRESSES.get(host, [])


INSIDE = [
    *(f"https://{host}/f" for host in sorted(ADDRESSES) if host.split(".")[0] not in ("acme", "media", "jira")),
    *(f"https://{host if ':' not in host else f'[{host}]'}/f" for host in sorted(LITERALS)),
    "https://acme.atlassian.net@evil.example/f",
    "https://acme.atlassian.net:443@evil.example/f",
    "https://acme.atlassian.net%2f@evil.example/f",
    "//evil.example/f",
    "https://evil.example#@acme.atlassian.net/f",
    "https://evil.example?@acme.atlassian.net/f",
    "http://acme.atlassian.net/f",
    "gopher://evil.example/f",
    "file:///etc/passwd",
    "https://[::1/f",
    "https://evil.example:99999/f",
    "https://evil.example:port/f",
]  # fmt: skip
TRICKY = [
    "///evil.example/f",
    "https:///f",
    "https://",
    "https://evil.example\\@acme.atlassian.net/f",
    "https://acme.atlassian.net\\.evil.example/f",
    "/\\evil.example/f",
    "\\\\evil.example\\f",
    "https:\\\\evil.example\\f",
    "https:evil.example/f",
    "https:/evil.example/f",
    "\thttps://evil.example/f",
    "ht\ntps://evil.example/f",
    "https://ACME.atlassian.net:443/f",
    "https://acme.atlassian.net./f",
    "https://acme.atlassian.net%00.evil.example/f",
    "https://acme.atlassian.net\u3002evil.example/f",
    "https://ⓔvil.example/f",
    "https://acme.atlassian.net／@evil.example/f",
    "",
]


@pytest.mark.parametrize("site", [SITE, "https://jira.corp"])
@pytest.mark.parametrize("target", [*INSIDE, *TRICKY])
def test_wherever_a_download_is_led_nothing_inside_is_called_and_nobody_else_sees_our_sign_in(
    net: responses.RequestsMock, watched: Watched, target: str, site: str
) -> None:
    """Judged by the address that is really called, as the library that calls it reads it."""
    wire = connect_jira(Connection(url=site, user="bot@acme.example"), "secret", habits=watched.habits).wire
    called: list[str] = []

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        host = parse_url(request.url).host or ""
        called.append(host)
        assert "Authorization" not in request.headers or host == parse_url(site).host
        return (303, {"Location": target}, "") if len(called) == 1 else (200, {}, "file")

    net.add_callback("GET", re.compile(".*"), answer)
    with suppress(FarSideError):
        b"".join(download(wire, FILE, 4, lookup=lookup))
    assert called[0] == parse_url(site).host
    for host in called[1:]:
        assert host == parse_url(site).host or lookup(host) in ([], ["8.8.8.8"], ["8.8.4.4"]), host
    assert len(called) == 1 or target in TRICKY
