"""`tieout demo`: the whole thing on this machine, with nothing to set up."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import click

from webhooks.commands.import_list import import_list
from webhooks.demo.stage import AUDIT, Stage, provision, set_up
from webhooks.demo.story import Cast, NotSeen, Story, list_to_import

HOME = Path("var/demo")
REPOSITORY = Path(__file__).parents[2]


@click.command()
@click.option("--headless", is_flag=True, help="Play the story in the terminal and end; 0 if every step was seen.")
@click.option("--list", "list_file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Another list.")
@click.pass_context
def demo(ctx: click.Context, headless: bool, list_file: Path | None) -> None:
    """A site in a box and Tieout beside it: a list comes in, one request is accepted, another escalates."""
    with set_up(HOME) as stage:
        try:
            _play(ctx, stage, list_file or list_to_import(REPOSITORY))
        except NotSeen as step:
            raise click.ClickException(f"not seen in time: {step}") from step
        if not headless:
            click.echo("\nIt goes on running: change things in the browser and watch. Ctrl+C ends it.")
            stage.service.heed_signals()
            stage.service.until_told_to_stop()


def _play(ctx: click.Context, stage: Stage, list_file: Path) -> None:
    click.echo(f"A site in a box at {stage.url}, Tieout at {stage.tieout_url}\n")
    click.echo("$ tieout provision --yes")
    provision(stage)
    click.echo(f"$ tieout import {list_file.name} --audit {AUDIT}")
    said = io.StringIO()
    ctx.obj = stage.wiring
    with contextlib.redirect_stdout(said):
        ctx.invoke(import_list, list_file=list_file, audit=AUDIT)
    lines = said.getvalue().splitlines()
    click.echo(f"  {lines[-1]} ({sum(line.startswith('warning') for line in lines)} warnings)")
    story = Story(stage)
    story.mirror()
    click.echo(f"  mirrored with {stage.writes()} calls that wrote")
    provision(stage)  # an index page for each criterion that the list names
    casts = [story.accept_one(), story.escalate_one()]
    click.echo("\nAll three sides agree")
    story.three_sides(casts)
    story.nothing_more_to_write()
    click.echo(f"  journal: {story.proof()}")
    _addresses(stage, casts)


def _addresses(stage: Stage, casts: list[Cast]) -> None:
    accepted, late = casts
    click.echo("\nTo look at; sign in as Tomas Berg (owner), Dana Kim (coordinator) or Clara Weiss (auditor)")
    for what, path in (
        ("the audit's pages", "/wiki/spaces/SOC2/overview"),
        ("Dana's dashboard", f"/jira/dashboards/{next(iter(stage.site.jira.dashboards))}"),
        ("requests' board", "/jira/board/AUD"),
        ("owners' board", "/jira/board/SEC"),
        ("an accepted card", f"/browse/{accepted.task_key}"),
        ("a late card", f"/browse/{late.task_key}"),
        ("accepted page", f"/wiki/spaces/SOC2/pages/{accepted.page_id}"),
        ("late page", f"/wiki/spaces/SOC2/pages/{late.page_id}"),
        ("what was done", "/people/behind"),
    ):
        click.echo(f"  {what:<18} {stage.url}{path}")
    click.echo(f"  {'metrics':<18} {stage.tieout_url}/metrics")
