"""`tieout status`: how the audits stand, and whether the work goes on."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from sync import work
from sync.keys import RECORD
from sync.store import Alert, Store
from sync.stuck import alerts_by_cause
from webhooks.state_of_audits import AuditState, state_of
from webhooks.wiring import Wiring


@click.command()
@click.option("--audit", "only", metavar="KEY", help="Only this audit.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def status(wiring: Wiring, only: str | None, form: str) -> None:
    """Show what is open, late, stuck or in conflict."""
    if only:
        wiring.audit(only)  # says which audits there are, when this is none
    audits = [only] if only else list(wiring.rules.audit)
    with wiring.database.read() as conn:
        store, now = Store(conn), wiring.database.now(conn)
        states = [state_of(conn, key, wiring.rules, now) for key in audits]
        counts, dead = work.counts(conn), work.dead(conn)
        alerts = store.alerts.current() if form == "json" else alerts_by_cause(conn)
    if form == "json":
        told = {"audits": states, "work": counts, "dead": dead, "alerts": alerts}
        click.echo(json.dumps(told, default=_plain, indent=2))
        return
    for state in states:
        click.echo("\n".join(_lines(state)))
    click.echo("\n".join(_work_lines(counts, dead, alerts)))


def _plain(value: object) -> object:
    return asdict(value) if hasattr(value, "__dataclass_fields__") else str(value)  # type: ignore[call-overload]  # a value, never a class


def _lines(state: AuditState) -> Iterator[str]:
    yield f"{state.audit}: {sum(state.requests.values())} requests, {sum(state.tasks.values())} tasks"
    if state.is_unshown:
        yield f"  nothing is written yet: nobody was shown its plan; run `tieout plan --audit {state.audit}`"
    for name, counts in (("requests", state.requests), ("tasks", state.tasks)):
        if counts:
            yield f"  {name}: " + ", ".join(f"{count} {status}" for status, count in counts.items())
    for name in ("late", "unowned", "escalated", "proposed_withdrawn"):
        numbers = getattr(state, name)
        if numbers:
            yield f"  {name.replace('_', ' ')}: {', '.join(numbers)}"
    for number, reason in state.detached.items():
        yield f"  detached: {number} ({reason})"
    for number, wanted in state.extensions.items():
        yield f"  more time asked for: {number} (until {wanted})"
    for number, why in state.not_in_step.items():
        yield f"  not in step: {number}, {why}"
    for said in state.put_back:
        yield f"  put back: {said}"
    for number, fields in state.conflicts.items():
        yield f"  conflict: {number} ({', '.join(fields)})"


def _work_lines(counts: work.WorkCounts, dead: list[work.DeadLetter], alerts: tuple[Alert, ...]) -> Iterator[str]:
    shown = {"due": "due", "waiting": "waiting", "leased": "under way", "failing": "failing", "dead": "dead"}
    yield "work: " + ", ".join(f"{getattr(counts, name)} {word}" for name, word in shown.items())
    for letter in dead:
        if not letter.key.startswith(RECORD):  # records are told with their audits, by number
            yield f"  dead: {letter.key} after {letter.attempts} attempts: {letter.error}"
    for alert in alerts:
        yield f"alert: {alert.text} (since {alert.raised_at:%Y-%m-%d %H:%M} UTC)"
