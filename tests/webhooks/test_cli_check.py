"""`tieout check` against a site that is as it should be, and against one that is not."""

from __future__ import annotations

import json

import pytest

from connector.sandbox.jira import setup
from connector.sandbox.site import Site

from .coordinators_desk import Run
from .installation import Installation


@pytest.fixture
def run(installation: Installation) -> Run:
    return installation.run


def test_a_site_that_is_as_it_should_be_passes_and_nothing_is_written(run: Run, site: Site) -> None:
    before = len(site.calls.writes())
    result = run("check")
    assert result.exit_code == 0, result.output
    assert "Both sites know Tieout" in result.output
    assert len(site.calls.writes()) == before


def test_the_ways_through_the_workflows_are_shown_with_what_they_ask_for(run: Run, site: Site) -> None:
    project = site.jira.project("SEC")
    assert project is not None
    statuses = [site.jira.statuses[status_id] for status_id in next(iter(project.workflows.values())).statuses()]
    review = frozenset(status.status_id for status in statuses if status.name == "In Review")
    setup.change_transition(project, "Done", screen={"resolution": True}, sources=review)
    told = run("check", "--ways").output
    assert "project SEC on https://acme.atlassian.net, Task (a task)\n" in told
    assert "  To Do → Done: In Review, Done, which ask for Resolution (resolution)\n" in told
    assert "  Done → To Do: To Do\n" in told


def test_a_project_that_is_gone_is_named_with_what_mends_it(run: Run, site: Site) -> None:
    for project in site.jira.projects.values():
        if project.key == "AUD":
            project.archived = True
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    findings = json.loads(result.output[: result.output.rindex("]") + 1])
    assert any("AUD" in finding["where"] and finding["is_error"] and finding["how_to_mend"] for finding in findings)
