"""`tieout init`: asks its way to a mapping file, and changes one that is there only after showing how."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr
from tomlkit.exceptions import ParseError

from connector.choices import Choices, choices_of
from mappings.errors import Refused
from mappings.rules import Auth, Connection
from webhooks.init.draft import Draft
from webhooks.init.interview import Interview
from webhooks.init.questions import Questions
from webhooks.problems import Refusal
from webhooks.rules_file import parse_rules
from webhooks.wiring import Wiring

ANSWERS = {
    "url": "Jira's address.",
    "flavour": "cloud or dc.",
    "auth": "token, scoped, oauth or pat.",
    "user": "The e-mail address of Tieout's account.",
    "cloud_id": "The site's cloud id.",
    "client_id": "The OAuth app's id.",
    "token_expires_on": "The token's last day.",
    "confluence_url": "Confluence's address.",
    "audit": "The audit's key.",
    "name": "The audit's name.",
    "type": "I or II.",
    "period_start": "First day of the period.",
    "period_end": "Last day of the period.",
    "time_zone": "Time zone of the due dates.",
    "project": "Jira project of the requests.",
    "issue_type": "Their issue type.",
    "escalation_issue_type": "Issue type of escalations.",
    "default_task_project": "Jira project of the tasks.",
    "default_task_issue_type": "Their issue type.",
    "space": "Confluence space of the evidence.",
    "coordinator": "The coordinator's e-mail address.",
    "sponsor": "The sponsor's.",
    "auditors": "The auditors', with commas between.",
}
NEXT = "Next: put the token into TIEOUT_JIRA_TOKEN, then `tieout db upgrade` and `tieout check`."
NEXT_OAUTH = (
    "Next: the app's secret into TIEOUT_OAUTH_CLIENT_SECRET, `tieout db upgrade`, `tieout auth login`, `tieout check`."
)


def _answers(command: Any) -> Any:
    """An option for each answer."""
    for name, text in reversed(ANSWERS.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="VALUE", help=text)(command)
    return command


@click.command()
@_answers
@click.option("--route", "routes", metavar="TEAM=PROJECT", multiple=True, help="A team's tasks go to this project.")
@click.option("--no-input", is_flag=True, help="Ask nothing: take what is given, what the file says, what is usual.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.pass_obj
def init(wiring: Wiring, /, routes: tuple[str, ...], no_input: bool, yes: bool, **answers: str | None) -> None:
    """Ask the way to a valid mapping file. No secret is written into it.

    It can be run again: what the file says is proposed, comments stay, and nothing is written before the difference
    was shown. Every question has an option; with --no-input nothing is asked."""
    file = wiring.settings.config
    draft = _draft(file)
    given = {name: answer for name, answer in answers.items() if answer is not None}
    given |= {"route": ", ".join(routes)} if routes else {}
    interview = Interview(given, may_ask=not no_input)
    typed: list[str] = []
    Questions(interview, draft, lambda *sides: _look(wiring, interview, typed, *sides)).ask_all()
    _refuse_secrets(draft.text, [*typed, *_tokens(wiring)])
    parse_rules(draft.text, file.name)  # whatever is still wrong is told, and nothing is written
    if not draft.is_changed:
        click.echo(f"{file} says all this already.")
        return
    click.echo(draft.difference(file.name))
    if not yes and not (no_input and not file.exists()):
        if no_input:
            raise Refusal(f"{file} is there: with --no-input it is changed only with --yes")
        click.confirm(f"Write this to {file}?", default=not file.exists(), abort=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(draft.text, encoding="utf-8")
    click.echo(f"{file} is written. {NEXT_OAUTH if draft.get(('jira', 'auth')) == Auth.OAUTH else NEXT}")


def _draft(file: Path) -> Draft:
    try:
        return Draft(file.read_text(encoding="utf-8") if file.exists() else "")
    except ParseError as error:
        raise Refusal(f"{file} is no TOML: {error}; mend it or put it away") from error


def _tokens(wiring: Wiring) -> list[str]:
    known = (wiring.settings.jira_token, wiring.settings.confluence_token)
    return [token.get_secret_value() for token in known if token is not None]


def _refuse_secrets(text: str, secrets: Sequence[str]) -> None:
    """A token may have been pasted as the answer to another question."""
    if any(secret in text for secret in secrets):
        raise Refusal(
            "one of the answers is the token; nothing was written, as secrets never stand in the mapping file"
        )


def _look(wiring: Wiring, interview: Interview, typed: list[str], jira: Connection, confluence: Connection) -> Choices:
    """With the environment's token, else with one that is typed now, noted in `typed`, and forgotten at the end."""
    token = None
    if jira.auth is Auth.OAUTH:
        raise Refused("with an OAuth app `tieout auth login` comes first, and that needs this file")
    if wiring.settings.jira_token is None and jira.token_file is None:
        answer = ""
        if interview.may_ask:
            question = "The API token, to look at the site now; it is not written anywhere (empty: do not look)"
            answer = click.prompt(question, default="", hide_input=True, show_default=False)
        if not answer.strip():
            raise Refused("there is no token")
        typed.append(answer.strip())
        token = SecretStr(answer)
    jira_client, confluence_client = wiring.clients_of(jira, confluence, token)
    choices = choices_of(jira_client, confluence_client)
    if choices is None:
        raise Refused("one site is Cloud and the other Data Center")
    return choices
