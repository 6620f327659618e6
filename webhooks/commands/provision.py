"""`tieout provision`: what an audit needs on the sites beside its records, set up, looked after, taken away again."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

import click

from connector.provision.data_center import dashboard_names, webhook_addresses
from mappings.provision import Errand, Plan, Step, Verb, by_hand, errands_for
from mappings.provision.errands import missing_groups
from mappings.rules import Flavour
from sync.provisioning import Survey
from webhooks.desk import at_keyboard, audit_option, format_option, make_sure, plain, yes_option
from webhooks.problems import Refusal
from webhooks.provisioning import doors_of
from webhooks.wiring import Wiring

DONE = "Done. `tieout provision --verify` checks it at any time."
REMOVED = "What Tieout made here is taken away."
UNDONE = (Verb.MAKE, Verb.CHANGE, Verb.WAIT, Verb.REMOVE, Verb.FORGET)


@click.command()
@click.option(
    "--dry-run", is_flag=True, help="Only show what would be made, changed, kept and left, and what it costs."
)
@click.option("--remove", is_flag=True, help="Take away exactly what was made here.")
@click.option(
    "--verify", is_flag=True, help="Only check that all is as it should be, what a person has to do included."
)
@click.option("--force", is_flag=True, help="Also write over, make again or take away what people changed.")
@audit_option
@yes_option
@format_option
@click.pass_obj
def provision(
    wiring: Wiring,
    dry_run: bool,
    remove: bool,
    verify: bool,
    force: bool,
    audit_key: str | None,
    yes: bool,
    form: str,
) -> None:
    """Set up filters, the coordinator's dashboard and board, fields, index pages and Jira's webhook.

    It shows its plan first and asks. A second run has nothing to do. What people made, or changed since, is left alone.
    What no API can do it tells step by step, and checks afterwards."""
    if verify and (remove or dry_run or force):
        raise click.UsageError("--verify writes nothing: it goes with --audit and --format alone")
    chosen = [audit_key] if audit_key else list(wiring.rules.audit)
    for key in chosen:
        wiring.audit(key)
    run = wiring.provisioning(at_keyboard())
    survey = run.survey(chosen)
    plan = survey.removal([audit_key] if audit_key else None, force=force) if remove else survey.plan(force=force)
    errands = [] if remove else _errands(wiring, chosen, survey)
    _show(survey, plan, errands, form)
    if verify:
        _check(plan, errands)
    elif dry_run:
        _say(form, f"{plan.calls} calls would be made; nothing was written.")
    elif plan.is_empty:
        _say(form, "There is nothing to do.")
    else:
        make_sure(f"Do this, in {plan.calls} calls?", is_sure=yes)
        if not run.apply(plan, lambda step, said: _tell(step, said, form)):
            raise Refusal("not all of it was done: mend what is told above, then run this again")
        _say(form, REMOVED if remove else DONE)


def _errands(wiring: Wiring, chosen: Collection[str], survey: Survey) -> list[Errand]:
    """What a person does: on Data Center the dashboard too, of which no more is checked than that it is there."""
    if wiring.rules.jira.flavour is not Flavour.DC:
        return errands_for(wiring.rules, survey.ground, doors_of(wiring))
    wire = wiring.new_clients()[0].wire
    names, hooks = dashboard_names(wire), webhook_addresses(wire)
    open_ones = {key: audit for key in chosen if not (audit := wiring.rules.audit[key]).is_closed}
    found = [*missing_groups(open_ones, survey.ground, is_data_center=True)]
    for key, audit in open_ones.items():
        found += by_hand(key, audit, doors_of(wiring), names, hooks)
    return list(dict.fromkeys(found))


def _check(plan: Plan, errands: Collection[Errand]) -> None:
    undone = [step for step in plan.steps if step.verb in UNDONE or step.is_drift]
    asked = [errand for errand in errands if errand.is_done is False]
    if undone or asked:
        things, steps = len(undone), len(asked)
        raise Refusal(f"{things} things are not as they should be, and {steps} steps for a person are not done")
    click.echo("All is as it should be.")


def _show(survey: Survey, plan: Plan, errands: Sequence[Errand], form: str) -> None:
    if form == "json":
        told = {
            "steps": [_as_json(step) for step in plan.steps],
            "errands": [_errand_as_json(errand) for errand in errands],
            "calls": plan.calls,
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    rows = [(str(step.verb), str(step.kind), plain(step.title)) for step in plan.steps]
    widths = [max((len(row[place]) for row in rows), default=0) for place in range(3)]
    for row, step in zip(rows, plan.steps, strict=True):
        shown = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True))
        cost = f" [{step.calls} call{'s' * (step.calls != 1)}]" if step.calls else ""
        click.echo(f"{shown}  {plain(step.reason)}{cost}")
    if not rows:
        click.echo("Nothing was provisioned here." if not survey.things else "There is nothing of that.")
    for errand in errands:
        _show_errand(errand)


def _show_errand(errand: Errand) -> None:
    if errand.is_done:
        click.echo(f"done by a person: {plain(errand.what)}")
        return
    known = "" if errand.is_done is False else " (no API tells whether it is done)"
    click.echo(f"\nfor a person: {plain(errand.what)}{known}: {plain(errand.why)}")
    for place, step in enumerate(errand.steps, start=1):
        click.echo(f"  {place}. {plain(step)}")


def _tell(step: Step, said: str, form: str) -> None:
    _say(form, f"{plain(step.kind)} {plain(step.title)}: {plain(said)}")


def _say(form: str, text: str) -> None:
    """What happened; beside JSON it goes to the other stream."""
    click.echo(text, err=form == "json")


def _as_json(step: Step) -> dict[str, Any]:
    return {
        "verb": step.verb,
        "kind": step.kind,
        "name": step.name,
        "title": step.title,
        "reason": step.reason,
        "remote_id": step.remote_id,
        "calls": step.calls,
        "is_drift": step.is_drift,
    }


def _errand_as_json(errand: Errand) -> dict[str, Any]:
    return {"what": errand.what, "why": errand.why, "steps": list(errand.steps), "is_done": errand.is_done}
