"""Acme on a loopback port, for clients written by others. Each is installed by `.ci/run`, never by Tieout itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from connector.sandbox.clock import WallClock
from connector.sandbox.confluence.spaces import create_space
from connector.sandbox.seed import BOT_EMAIL, seed_acme
from connector.sandbox.serve import running
from connector.sandbox.site import Site


@dataclass(frozen=True)
class Served:
    """A site and the address it answers at."""

    site: Site
    url: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/connector/sandbox/clients/"):
            item.add_marker(pytest.mark.long)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Acme with a second space, as every real site has more than one; no proxy stands before loopback."""
    monkeypatch.setenv("NO_PROXY", "*")
    site = Site(WallClock())
    seed_acme(site)
    bot = site.account_by_email(BOT_EMAIL)
    assert bot is not None
    create_space(site, bot, key="OPS", name="Operations")
    with running(site, pump=False) as url:
        yield Served(site, url)
