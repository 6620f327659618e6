"""The workflow map, proposed from a project's own statuses: by name, then by category, then as a person says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from mappings.far import StatusInfo
from mappings.records import Kind
from mappings.rules import StatusNames
from mappings.status_map import StatusMap, StatusMapProblem, build_status_map
from mappings.status_names import SHOWN
from webhooks.init.interview import Interview


def agree_on_statuses(
    interview: Interview,
    project: str,
    kind: Kind,
    statuses: Sequence[StatusInfo],
    there: Mapping[str, str],
) -> dict[str, str]:
    """State to status, only where it is not what Tieout would take by itself. `there` is what the file says now."""
    names = {state: name for state, name in there.items() if name.casefold() in _names(statuses)}
    found = _built(kind, names, statuses)
    if found is not None:
        click.echo(f"In {project} a {kind} would be shown as:")
        click.echo(
            "\n".join(f"  {state.replace('_', ' ')}: {found.name(found.abroad(state))}" for state in found.shown)
        )
        if interview.confirm("Is that right?", default=True):
            return names
    elif not interview.may_ask:
        return names  # `tieout check` tells what is missing
    else:
        click.echo(f"{project} has no status for some states of a {kind}.")
    return _asked(interview, kind, statuses, found)


def _asked(interview: Interview, kind: Kind, statuses: Sequence[StatusInfo], found: StatusMap | None) -> dict[str, str]:
    named = {status.name: status.category for status in statuses}
    answers: dict[str, str] = {}
    for state in SHOWN[kind]:
        proposed = found.name(found.abroad(state)) if found else None
        question = f"Which status shows {state.replace('_', ' ')}?"
        answers[state] = interview.choose(f"status_{state}", question, named, proposed)
    return _needed(kind, {state: name for state, name in answers.items() if name}, statuses)


def _needed(kind: Kind, answers: Mapping[str, str], statuses: Sequence[StatusInfo]) -> dict[str, str]:
    """Without what Tieout takes by itself, given the rest."""
    wanted = dict(answers)
    for state in reversed(list(answers)):
        fewer = {other: name for other, name in wanted.items() if other != state}
        found = _built(kind, fewer, statuses)
        if found is not None and all(found.name(found.abroad(one)) == name for one, name in answers.items()):
            wanted = fewer
    return wanted


def _built(kind: Kind, names: Mapping[str, str], statuses: Sequence[StatusInfo]) -> StatusMap | None:
    rule = StatusNames(request=dict(names)) if kind is Kind.REQUEST else StatusNames(task=dict(names))
    try:
        return build_status_map(kind, rule, statuses)
    except StatusMapProblem:
        return None


def _names(statuses: Sequence[StatusInfo]) -> set[str]:
    return {status.name.casefold() for status in statuses}
