"""`tieout sandbox`: an Atlassian site in a box, to try things on."""

import click

from connector.sandbox.clock import WallClock
from connector.sandbox.pages import PAGES
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme
from connector.sandbox.serve import serve
from connector.sandbox.site import Site
from webhooks.problems import Refusal


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8100, show_default=True, help="Port on 127.0.0.1.")
def sandbox(port: int) -> None:
    """Serve a make-believe Jira and Confluence on this machine until interrupted. Nothing of it is kept."""
    site = Site(WallClock())
    seed_acme(site)
    click.echo(f"An Atlassian site in a box at http://127.0.0.1:{port} (Ctrl+C ends it)")
    click.echo(f"Tieout's account there is {BOT_EMAIL}, its token {BOT_TOKEN}")
    try:
        serve(site, port=port, extra=[PAGES])
    except OSError as error:
        raise Refusal(f"cannot listen on 127.0.0.1:{port}: {error.strerror}; choose another with --port") from error
