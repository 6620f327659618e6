"""`tieout check`: whether both sites know Tieout and let it do what it will do. Writes nothing."""

import json
from dataclasses import asdict

import click

from connector.checks import Finding, check_sites
from webhooks.problems import Refusal
from webhooks.wiring import Wiring


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def check(wiring: Wiring, form: str) -> None:
    """Ask both sites whether what the mapping file names is there and allowed, and say how to mend what is not."""
    jira, confluence = wiring.new_clients()
    findings = check_sites(jira, confluence, wiring.rules)
    if form == "json":
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        click.echo("\n".join(_lines(findings)))
    if any(finding.is_error for finding in findings):
        raise Refusal("mend what is marked as a problem, then check again")


def _lines(findings: list[Finding]) -> list[str]:
    if not findings:
        return ["Both sites know Tieout and let it do what it will do."]
    return [
        f"{'problem' if finding.is_error else 'note'}: {finding.what}, {finding.where}: {finding.why}\n"
        f"  To mend it: {finding.how_to_mend}"
        for finding in findings
    ]
