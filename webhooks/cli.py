"""The command line, `tieout`. It ends with 0 when all went well, 1 when something was refused or failed, 2 when it was
called wrongly."""

import os
import sys
from typing import Any

import click

from mappings.errors import FarSideError
from sync.database import StoreTrouble
from sync.desk import DeskRefused
from sync.migrations import Newer
from webhooks.commands.adopt import adopt
from webhooks.commands.alerts import alerts
from webhooks.commands.auth import auth
from webhooks.commands.brakes import brakes
from webhooks.commands.check import check
from webhooks.commands.conflicts import conflicts
from webhooks.commands.db import db
from webhooks.commands.dead_letters import dead_letters
from webhooks.commands.demo import demo
from webhooks.commands.evidence import evidence
from webhooks.commands.export import export
from webhooks.commands.import_list import import_list
from webhooks.commands.init import init
from webhooks.commands.journal import journal
from webhooks.commands.links import links
from webhooks.commands.plan import plan
from webhooks.commands.provision import provision
from webhooks.commands.request import request
from webhooks.commands.sandbox import sandbox
from webhooks.commands.serve import serve
from webhooks.commands.status import status
from webhooks.commands.sync import sync
from webhooks.problems import Misconfigured, Refusal
from webhooks.wiring import Wiring

EXPECTED = (Misconfigured, Refusal, DeskRefused, StoreTrouble, FarSideError, Newer)
"""Troubles that say themselves what to do: told in a line, without a trace."""


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EXPECTED as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tieout", message="%(version)s")
@click.pass_context
def tieout(ctx: click.Context) -> None:
    """Keeps an audit's request list, the owners' Jira issues and the auditors' Confluence pages in agreement."""
    ctx.obj = ctx.obj or Wiring(os.environ, sys.stderr)


for command in (init, check, import_list, export, status, request, plan, sync, serve, journal, db, demo, sandbox):
    tieout.add_command(command)
for command in (adopt, alerts, auth, brakes, conflicts, dead_letters, evidence, links, provision):
    tieout.add_command(command)


def main() -> None:
    """The entry point of the installed command."""
    tieout()
