"""The mapping file names another site. Ids are each site's own: there they stand for somebody else's things."""

from __future__ import annotations

import pytest

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.seed import seed_acme, token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from mappings.provision import Made, ThingKind
from mappings.provision.pages import home_name
from mappings.records import Link, LinkRole, LinkState
from sync.desk import Audit, DeskRefused
from sync.mending import Mender
from sync.overview import Overviews
from sync.polls import Polls
from sync.store import Store
from sync.sweep import Sweeps
from tests.system.looks import second_run_writes
from tests.system.scenes import let_pass, mirrored
from tests.system.world import AUDIT, DANA, World

ELSEWHERE = "https://acme-eu.atlassian.net"


def use_address(world: World, address: str, site: Site) -> None:
    """From now on the mapping file has this address, and this site answers there."""
    world.session.mount(address, SandboxAdapter(create_app(site)))
    there = world.rules.jira.model_copy(update={"url": address})
    world.rules = world.rules.model_copy(update={"jira": there, "confluence": there})
    world.site, world.sites, world.worker = site, world.new_sites(), world.new_worker("second")
    world.polls, world.sweeps = Polls(world.db, world.sites), Sweeps(world.db, world.sites)


def somebody_elses(world: World) -> Site:
    """A site of the same company on which other people's issues and pages have the very ids of Tieout's."""
    site = Site(world.clock, base_url=ELSEWHERE)
    seed_acme(site)
    world.session.mount(ELSEWHERE, SandboxAdapter(create_app(site)))
    dana = Visitor(ELSEWHERE, DANA, token_of(DANA), world.session)
    for number in (1, 2):
        dana.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary=f"Payroll run {number}")
    space = dana.call("GET", "/wiki/api/v2/spaces?keys=SOC2")["results"][0]["id"]
    for number in (1, 2):
        body = {"representation": "storage", "value": f"<p>Minutes {number}</p>"}
        dana.call("POST", "/wiki/api/v2/pages", json={"spaceId": space, "title": f"Minutes {number}", "body": body})
    return site


def test_nothing_is_written_to_what_has_the_same_ids_on_another_site(world: World) -> None:
    mirrored(world)
    there = [link(world) for link in (issue_of_the_task, page)]
    use_address(world, ELSEWHERE, somebody_elses(world))
    names = {link.remote_id for link in there}
    assert names <= world.site.jira.issues.keys() | world.site.confluence.pages.keys()
    assert second_run_writes(world) == []
    let_pass(world, 300)
    assert world.writes() == []
    assert [link(world).state for link in (issue_of_the_task, page)] == [LinkState.DETACHED] * 2
    assert "another site" in page(world).detached_reason
    mender = Mender(world.db, world.sites, Audit(AUDIT, world.rules.audit[AUDIT]), by="dana", reason="they answer")
    for record in (world.task(), world.request()):
        with pytest.raises(DeskRefused, match="another site"):
            mender.take_up_again(record.number)


def test_a_site_that_has_a_new_address_is_the_same_site(world: World) -> None:
    mirrored(world)
    before = issue_of_the_task(world), page(world)
    world.site.base_url = ELSEWHERE
    use_address(world, ELSEWHERE, world.site)
    let_pass(world, 300)
    for was, now in zip(before, (issue_of_the_task(world), page(world)), strict=True):
        assert (now.state, now.remote_id) == (LinkState.LIVE, was.remote_id)
        assert now.url.startswith(ELSEWHERE)


def test_an_overview_is_not_written_on_what_has_its_id_on_another_site(world: World) -> None:
    mirrored(world)
    with world.db.write() as conn:
        Store(conn).provisioned.put(Made(home_name(AUDIT), ThingKind.PAGE, page(world).remote_id, {}, None))
    use_address(world, ELSEWHERE, somebody_elses(world))
    world.site.calls.clear()
    Overviews(world.db, world.sites).refresh()
    assert world.writes() == []


def issue_of_the_task(world: World) -> Link:
    return world.link(world.task())


def page(world: World) -> Link:
    return world.link(world.request(), LinkRole.PAGE)
