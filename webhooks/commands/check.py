"""`tieout check`: whether both sites know Tieout and let it do what it will do. Writes nothing."""

import json
from dataclasses import asdict
from itertools import groupby

import click

from connector.checks import Finding, check_sites, jira_dc_reading, jira_reading
from connector.checks.projects import ways_in_projects
from connector.connect import JiraClient
from connector.jira_cloud import CloudJira
from mappings.rules import Rules
from sync.database import Database, StoreTrouble
from sync.migrations import needs_upgrade
from webhooks.problems import Refusal
from webhooks.provisioning import drift
from webhooks.setup_check import circumstances
from webhooks.wiring import Wiring, utc_now

ALL_WELL = "Both sites know Tieout and let it do what it will do."


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--ways", is_flag=True, help="Show the ways through the workflows instead, with what they ask for.")
@click.pass_obj
def check(wiring: Wiring, form: str, as_json: bool, ways: bool) -> None:
    """Ask both sites whether what the mapping file names is there and allowed, and say how to mend what is not.

    Ends with 1 when something is an error: it will not work until it is mended. docs/when-check-says.md has more on
    each name."""
    jira, confluence = wiring.new_clients()
    if ways:
        _show_ways(jira, wiring.rules, as_json=as_json or form == "json")
        return
    around = circumstances(wiring.settings, wiring.rules, utc_now, _register(wiring))
    findings = check_sites(jira, confluence, wiring.rules, around)
    if _register(wiring) is not None and not any(finding.is_error for finding in findings):
        findings += drift(wiring)
    if as_json or form == "json":
        click.echo(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        click.echo("\n".join(_lines(findings)))
    if any(finding.is_error for finding in findings):
        raise Refusal("mend what is marked as an error, then check again")


def _show_ways(jira: JiraClient, rules: Rules, *, as_json: bool) -> None:
    reading = jira_reading if isinstance(jira, CloudJira) else jira_dc_reading
    found = ways_in_projects(jira.wire, reading, jira.site, rules)
    if as_json:
        click.echo(json.dumps([asdict(way) for way in found], indent=2))
        return
    for (where, issue_type, kind), same in groupby(found, lambda way: (way.where, way.issue_type, way.kind)):
        click.echo(f"{where}, {issue_type} (a {kind})")
        for way in same:
            asks = f", which ask for {', '.join(way.asks_for)}" if way.asks_for else ""
            click.echo(f"  {way.start} → {way.target}: {', '.join(way.steps) or 'no way'}{asks}")


def _register(wiring: Wiring) -> Database | None:
    """The register where there is one already: the checks come before it as well."""
    try:
        return None if needs_upgrade(wiring.unchecked_database) else wiring.unchecked_database
    except StoreTrouble:
        return None


def _lines(findings: list[Finding]) -> list[str]:
    told = [
        f"{finding.severity}: {finding.what}, {finding.where}: {finding.why}  [{finding.name}]\n"
        f"  To mend it: {finding.how_to_mend}"
        for finding in findings
    ]
    return told if any(finding.is_error for finding in findings) else [*told, ALL_WELL]
