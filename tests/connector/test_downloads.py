"""Where a download may lead, whom our sign-in is shown, and that half a file is none."""

from typing import Any

import pytest
import responses

from connector.connect import connect_jira
from connector.downloads import download
from connector.session import Wire
from mappings.errors import FarSideError, Gone, Refused, SignInFailed, Throttled, TryLater
from mappings.rules import Connection

from .conftest import Watched

SITE = "https://acme.atlassian.net"
PATH = "/rest/api/3/attachment/content/7"
ADDRESSES = {
    "acme.atlassian.net": ["8.8.8.8"],
    "media.example": ["8.8.4.4"],
    "inside.example": ["8.8.4.4", "10.0.0.7"],
    "metadata.example": ["169.254.169.254"],
    "v6.example": ["fe80::1%eth0"],
    "jira.corp": ["10.0.0.5"],
    "files.corp": ["10.0.0.6"],
    "here.corp": ["127.0.0.1"],
}


def lookup(host: str) -> list[str]:
    """The resolver of these tests; nothing is asked of a network."""
    return ADDRESSES.get(host, [])


def wire_to(url: str, watched: Watched) -> Wire:
    return connect_jira(Connection(url=url, user="bot@acme.example"), "secret", habits=watched.habits).wire


@pytest.fixture
def wire(watched: Watched) -> Wire:
    return wire_to(SITE, watched)


@pytest.fixture
def net() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def bytes_of(wire: Wire, size: int = 4) -> bytes:
    return b"".join(download(wire, PATH, size, lookup=lookup))


def redirected(net: responses.RequestsMock, target: str, site: str = SITE) -> None:
    net.add("GET", site + PATH, status=303, headers={"Location": target})
    net.add("GET", target, body=b"file")


def test_a_redirect_to_the_media_host_is_followed_without_our_sign_in(wire: Wire, net: responses.RequestsMock) -> None:
    wire.client.session.cookies.set("session", "ours")
    redirected(net, "https://media.example/f?token=1")
    assert bytes_of(wire) == b"file"
    at_home, abroad = (call.request.headers for call in net.calls)
    assert "Authorization" in at_home
    assert not {"Authorization", "Cookie"} & set(abroad)


def test_a_redirect_within_the_site_keeps_our_sign_in(wire: Wire, net: responses.RequestsMock) -> None:
    redirected(net, f"{SITE}/elsewhere")
    assert bytes_of(wire) == b"file"
    assert "Authorization" in net.calls[1].request.headers


@pytest.mark.parametrize(
    "target",
    [
        "http://media.example/f",
        "http://acme.atlassian.net/f",
        "ftp://media.example/f",
        "file:///etc/passwd",
        "https://inside.example/f",
        "https://metadata.example/f",
        "https://v6.example/f",
        "https://here.corp/f",
    ],
)
def test_a_redirect_that_could_lead_inside_is_not_followed(
    wire: Wire, net: responses.RequestsMock, target: str
) -> None:
    redirected(net, target)
    with pytest.raises(Refused, match="not followed"):
        bytes_of(wire)
    assert len(net.calls) == 1


@pytest.mark.parametrize(
    ("target", "is_followed"),
    [("https://files.corp/f", True), ("https://here.corp/f", False), ("https://metadata.example/f", False)],
)
def test_a_site_on_a_private_network_may_use_its_neighbours(
    watched: Watched, net: responses.RequestsMock, target: str, is_followed: bool
) -> None:
    wire = wire_to("https://jira.corp", watched)
    redirected(net, target, site="https://jira.corp")
    if is_followed:
        assert bytes_of(wire) == b"file"
    else:
        with pytest.raises(Refused):
            bytes_of(wire)


def test_a_ring_of_redirects_ends(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", SITE + PATH, status=302, headers={"Location": SITE + PATH})
    with pytest.raises(Refused, match="more than"):
        bytes_of(wire)


@pytest.mark.parametrize(
    ("status", "error"), [(401, SignInFailed), (404, Gone), (429, Throttled), (503, TryLater), (400, Refused)]
)
def test_the_sites_own_refusals_are_sorted_as_ever(
    wire: Wire, net: responses.RequestsMock, status: int, error: type[FarSideError]
) -> None:
    net.add("GET", SITE + PATH, status=status, json={"errorMessages": ["no"]})
    with pytest.raises(error):
        download(wire, PATH, 4, lookup=lookup)


def test_a_media_link_that_has_expired_is_no_failed_sign_in(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", SITE + PATH, status=303, headers={"Location": "https://media.example/f"})
    net.add("GET", "https://media.example/f", status=401)
    with pytest.raises(TryLater, match="download link"):
        bytes_of(wire)


def test_a_fresh_link_is_tried_when_one_fails(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", SITE + PATH, status=303, headers={"Location": "https://media.example/1"})
    net.add("GET", "https://media.example/1", status=403)
    redirected(net, "https://media.example/2")
    assert bytes_of(wire) == b"file"


def test_an_answer_to_nobody_is_no_file(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", SITE + PATH, body=b"file", headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    with pytest.raises(SignInFailed):
        bytes_of(wire)


def test_an_answer_that_says_our_sign_in_was_well_is_a_file(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", SITE + PATH, body=b"file", headers={"X-Seraph-LoginReason": "OK"})
    assert bytes_of(wire) == b"file"


@pytest.mark.parametrize("size", [3, 5])
def test_a_file_of_another_size_than_was_said_is_none(wire: Wire, net: responses.RequestsMock, size: int) -> None:
    net.add("GET", SITE + PATH, body=b"file")
    with pytest.raises(TryLater, match=f"4 bytes where the site had said {size}"):
        bytes_of(wire, size)
