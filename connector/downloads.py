"""Attachments on their way in: piece by piece, complete or not at all, over redirects that are allowed to be followed.

Atlassian answers a download with a redirect to its media host. A redirect is followed only to the site's own origin
or over https to a public address (a site on a private network may use its neighbours), and our sign-in stays at home.
A name that leads elsewhere by the time of the call leads to who cannot show its certificate, and hears no request.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import requests

from connector.bounds import bound
from connector.refusals import error_for, is_anonymous
from connector.session import Wire, reply_of
from mappings.errors import FarSideError, Refused, TryLater

PIECE_BYTES = 64 * 1024
MOST_HOPS = 5
LONGEST_S = 3600.0
"""For one file: a byte now and then would keep any read time-out from ending it."""
AS_IT_IS = {"Accept": "*/*", "Accept-Encoding": "identity"}

Resolve = Callable[[str], list[str]]
"""The addresses of a host name."""


def resolve(host: str) -> list[str]:
    """The addresses the system's resolver gives for a host; none when it knows none."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None)]
    except OSError:
        return []


def download(wire: Wire, path: str, size: int, *, lookup: Resolve = resolve) -> Iterator[bytes]:
    """The bytes behind `path` (under the wire's base) in pieces of at most 64 KiB.

    Errors of the first answer are raised here and now; later ones while reading, TryLater when the bytes end early
    or are not `size` bytes, so that a hash is never taken of half a file.
    """
    response = wire.persist(lambda: _open(wire, wire.base_url + path, lookup))
    return _pieces(wire, response, size)


def _pieces(wire: Wire, response: requests.Response, size: int) -> Iterator[bytes]:
    came, begun = 0, wire.habits.clock()
    with response:
        try:
            for piece in response.iter_content(PIECE_BYTES):
                came += len(piece)
                if came > size or wire.habits.clock() - begun > LONGEST_S:
                    break
                yield piece
        except (OSError, requests.RequestException) as error:
            raise TryLater(f"a download from {wire.base_url} broke off after {came} bytes") from error
    if came != size:
        raise TryLater(f"a download from {wire.base_url} brought {came} bytes where the site had said {size}")


def _open(wire: Wire, url: str, lookup: Resolve) -> requests.Response:
    for _ in range(MOST_HOPS):
        response = _request(wire, url)
        if response.status_code not in (301, 302, 303, 307, 308):
            return _checked(wire, url, response)
        response.close()
        target = _target(url, response.headers.get("Location", ""))
        _check_target(wire, target, lookup)
        url = target
    raise Refused(f"a download from {wire.base_url} was redirected more than {MOST_HOPS} times")


def _target(url: str, location: str) -> str:
    """Where a redirect leads, as the client will read it: what two readers read differently leads to two hosts."""
    try:
        target = requests.Request("GET", urljoin(url, location)).prepare().url or ""
        _origin(target)
    except (ValueError, requests.RequestException) as error:
        raise Refused(f"a download was redirected to what is no address ({type(error).__name__})") from None
    return target


def _checked(wire: Wire, url: str, response: requests.Response) -> requests.Response:
    """The response if it carries a file; the error it stands for otherwise."""
    if response.status_code == 200 and not is_anonymous(response.headers):
        return response
    with response:
        bound(response, wire.habits.clock)
        if _origin(url) != _origin(wire.base_url):
            # The media host knows a signed link, not our sign-in: whatever it says, a fresh link is the cure.
            raise TryLater(f"{urlsplit(url).hostname} answered {response.status_code} to a download link")
        reply = reply_of(response)
    asked = wire.asked("GET", "(attachment)", is_write=False)
    raise wire.cleaned(error_for(asked, reply) or TryLater(f"{asked.what} answered {reply.status} without a file"))


def _request(wire: Wire, url: str) -> requests.Response:
    session = wire.client.session
    # Prepared outside the session, a request has neither its sign-in nor its cookies.
    bare = requests.Request("GET", url, headers=AS_IT_IS)
    prepared = session.prepare_request(bare) if _origin(url) == _origin(wire.base_url) else bare.prepare()
    settings = session.merge_environment_settings(prepared.url, {}, True, None, None)

    def call() -> requests.Response:
        response = session.send(prepared, timeout=wire.client.timeout, allow_redirects=False, **settings)
        if response.status_code >= 400:
            bound(response, wire.habits.clock)
            response.content  # noqa: B018  what it says is read here, where a broken line is sorted with the rest
        return response

    asked = wire.asked("GET", "(attachment)", is_write=False)
    return wire.transmit(asked, "GET", "(attachment)", call)


def _check_target(wire: Wire, target: str, lookup: Resolve) -> None:
    if _origin(target) == _origin(wire.base_url):
        return
    host = urlsplit(target).hostname or ""
    if urlsplit(target).scheme != "https":
        raise _refusal(host, "only https may be followed to another host")
    own_host = urlsplit(wire.base_url).hostname or ""
    addresses = lookup(host)
    if _are_public(addresses):
        return
    if _are_public(lookup(own_host)) or any(_is_no_neighbour(address) for address in addresses):
        raise _refusal(host, "its address is not one that a site's files come from")


def _refusal(host: str, why: str) -> FarSideError:
    return Refused(f"a download was redirected to {host} and not followed: {why}")


def _are_public(addresses: list[str]) -> bool:
    """Whether all addresses are public ones. No address at all is left to the connection to fail on."""
    return all(address.is_global and not address.is_multicast for address in map(_address, addresses))


def _is_no_neighbour(text: str) -> bool:
    """Loopback, link-local (where a cloud's metadata service is) and the like: no media host, however private."""
    address = _address(text)
    is_local = address.is_loopback or address.is_link_local or address.is_unspecified
    return is_local or address.is_multicast or address.is_reserved


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address meant; an IPv4 address may come in the clothes of an IPv6 one."""
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
