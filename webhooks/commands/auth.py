"""`tieout auth`: signing in with an OAuth app, once; from then on Tieout renews the sign-in by itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import click

from mappings.rules import Auth, Connection
from sync.access import SIGN_IN
from sync.store import Store
from webhooks.problems import Refusal
from webhooks.wiring import Wiring


@click.group()
def auth() -> None:
    """Sign in to Atlassian with an OAuth app."""


@auth.command("login")
@click.option(
    "--callback", metavar="URL", help="The callback URL of the app, as registered. [default: http://localhost/]"
)
@click.pass_obj
def login(wiring: Wiring, callback: str | None) -> None:
    """Print the address where somebody consents to what Tieout may do, and take what it brings.

    Open the address as the account that Tieout is to write with. After the consent the browser is sent to the app's
    callback URL, where nothing needs to answer: paste the address that it shows, or the code in it."""
    connections = _with_oauth(wiring)
    state = secrets.token_urlsafe(24)
    for client_id in dict.fromkeys(connection.client_id or "" for connection in connections):
        app = wiring.oauth_app(client_id, callback or "http://localhost/")
        click.echo(
            f"Open this address, signed in as the account that Tieout is to write with:\n\n{app.address(state)}\n"
        )
        code = _code_in(click.prompt("The address you were sent to, or the code in it"), state)
        tokens = app.exchange(code)
        _check(connections, app.sites(tokens.access))
        wiring.sign_in(client_id).keep(tokens)
    with wiring.database.write() as conn:
        Store(conn).pauses.resume(SIGN_IN)
        Store(conn).alerts.clear(SIGN_IN)
    click.echo("Signed in. Running workers go on by themselves.")


@auth.command("new-key")
def new_key() -> None:
    """Print a new key for TIEOUT_KEYS. To rotate: put it before the old one, and take that away two hours later."""
    from sync import sealed

    click.echo(sealed.new_key())


def _with_oauth(wiring: Wiring) -> list[Connection]:
    found = [part for part in (wiring.rules.jira, wiring.rules.confluence) if part.auth is Auth.OAUTH]
    if not found:
        raise Refusal('no connection of the mapping file has auth = "oauth", so nothing needs a login')
    return found


def _code_in(pasted: str, state: str) -> str:
    """The code, which may come within the address. One of another login is refused: somebody may have sent it."""
    query = parse_qs(urlsplit(pasted.strip()).query)
    if not query:
        return pasted.strip()
    if query.get("state") != [state]:
        raise Refusal("that address belongs to another login: open the one printed above, and paste what it brings")
    if "code" not in query:
        raise Refusal(
            f"the consent was not given: {query.get('error_description', query.get('error', ['no code']))[0]}"
        )
    return query["code"][0]


def _check(connections: list[Connection], shown: Mapping[str, str]) -> None:
    """Whether the consent is for the sites of the mapping file."""
    for connection in connections:
        if connection.cloud_id not in shown:
            there = ", ".join(f"{url} ({cloud_id})" for cloud_id, url in shown.items()) or "none"
            raise Refusal(
                f"{connection.url}: cloud_id {connection.cloud_id} is not among the sites consented to: {there}"
            )
