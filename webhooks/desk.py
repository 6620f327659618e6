"""What the coordinator's commands have in common: which audit is meant, who is at the keyboard, what happens next."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Collection
from typing import Any, TypeVar

import click

from mappings.characters import one_line
from mappings.coordinator import Word
from sync.desk import Audit
from webhooks.problems import Refusal
from webhooks.wiring import Wiring

F = TypeVar("F", bound=Callable[..., Any])

FOLLOWS = "Jira and Confluence follow with the next `tieout sync`, or by themselves while `tieout serve` runs."

audit_option = click.option("--audit", "audit_key", metavar="KEY", help="The audit, where there are several.")
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def reason_option(text: str, *, required: bool = False) -> Callable[[F], F]:
    """`--reason`, which goes to the journal and wherever people are told."""
    if required:
        return click.option("--reason", metavar="TEXT", required=True, help=text)
    return click.option("--reason", metavar="TEXT", default="", help=text)


def chosen_audit(wiring: Wiring, key: str | None) -> Audit:
    """The audit of that key, or the only one there is. Raises Refusal."""
    if key is None:
        keys = list(wiring.rules.audit)
        if len(keys) > 1:
            raise Refusal(f"there are several audits; say which with --audit: {', '.join(keys)}")
        key = keys[0]
    return Audit(key, wiring.audit(key))


def word(reason: str) -> Word:
    """Who decides, by the name they are signed in with, and why."""
    return Word(at_keyboard(), reason.strip())


def at_keyboard() -> str:
    """The name of whoever runs the command; the user's number where the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def make_sure(question: str, *, is_sure: bool) -> None:
    """Ask before what cannot be taken back; a no ends the command with 1."""
    if not is_sure:
        click.confirm(question, abort=True)


def plain(text: object) -> str:
    """Text from outside as one line that a terminal shows and does not obey."""
    return "".join(sign for sign in one_line(str(text)) if sign.isprintable())


def listed(numbers: Collection[str]) -> str:
    """`R-001, R-002`."""
    return ", ".join(plain(number) for number in numbers)
