"""The command line, `tieout`. It ends with 0 when all went well, 1 when something was refused or failed, 2 when it was
called wrongly."""

import os
import sys
from importlib import import_module
from typing import Any

import click

from mappings.errors import FarSideError
from sync.database import StoreTrouble
from sync.desk import DeskRefused
from sync.migrations import Newer
from webhooks.problems import Misconfigured, Refusal
from webhooks.wiring import Wiring

EXPECTED = (Misconfigured, Refusal, DeskRefused, StoreTrouble, FarSideError, Newer)
"""Troubles that say themselves what to do: told in a line, without a trace."""


_MODULES = {
    "init": "init",
    "check": "check",
    "import": "import_list",
    "export": "export",
    "status": "status",
    "request": "request",
    "plan": "plan",
    "sync": "sync",
    "serve": "serve",
    "journal": "journal",
    "db": "db",
    "demo": "demo",
    "sandbox": "sandbox",
    "adopt": "adopt",
    "alerts": "alerts",
    "auth": "auth",
    "brakes": "brakes",
    "conflicts": "conflicts",
    "dead-letters": "dead_letters",
    "evidence": "evidence",
    "links": "links",
    "provision": "provision",
}
"""Commands with the modules of `webhooks.commands` in which they are, under the module's own name."""


class _Commands(click.Group):
    """Loads a command when it is called: who asks for the status need not wait for the sandbox to be imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click calls it so
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as above
        module = _MODULES.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"webhooks.commands.{module}"), module)
        return command

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


def main() -> None:
    """The entry point of the installed command."""
    tieout()
