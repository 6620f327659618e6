"""`tieout brakes`: what a person sees of a side that was left alone, and the word that releases it."""

from __future__ import annotations

import json

import pytest

from connector.sandbox.site import Site

from .coordinators_desk import Run
from .installation import Installation


@pytest.fixture
def run(installation: Installation) -> Run:
    return installation.run


def lose_issues(site: Site) -> dict[str, str]:
    """Every issue of the site is hidden; returns their keys by id."""
    keys = {id_: issue.key for id_, issue in site.jira.issues.items()}
    site.jira.issues.clear()
    return keys


def test_nothing_is_pulled_at_first(run: Run) -> None:
    assert run("brakes").output == "No brake is pulled.\n"
    refused = run("brakes", "release", "jira-gone", "--reason", "x", "--yes")
    assert (refused.exit_code, "no brake jira-gone is pulled" in refused.output) == (1, True)


def test_a_lost_side_is_shown_and_released_with_a_reason(run: Run, site: Site) -> None:
    run("sync", "--yes")
    keys = lose_issues(site)
    run("sync", "--yes")
    shown = run("brakes", "list").output
    assert "jira-gone, since " in shown
    assert "3 of 3 issues cannot be seen any more" in shown
    (told,) = json.loads(run("brakes", "list", "--format", "json").output)
    assert (told["name"], sorted(told["remote_ids"])) == ("jira-gone", sorted(keys))
    assert "Brake jira-gone" in run("status").output
    assert "brake jira-gone is pulled" in run("request", "show", "1").output
    assert "Missing option '--reason'" in run("brakes", "release", "jira-gone", "--yes").output
    assert "Aborted" in run("brakes", "release", "jira-gone", "--reason", "closed").output
    assert run("links").output == "Every counterpart can be reached.\n"

    released = run("brakes", "release", "jira-gone", "--reason", "the project was closed", "--yes")
    assert released.exit_code == 0
    run("sync", "--yes")
    assert run("brakes").output == "No brake is pulled.\n"
    assert run("links").output.count("if it is gone for good") == len(keys)
    assert "brake jira-gone released" in run("journal", "list").output
    assert "the project was closed" in run("journal", "list").output
    assert "whole" in run("journal", "verify").output
