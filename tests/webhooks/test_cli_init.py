"""`tieout init`: questions become a mapping file that is valid, holds no secret, and can be gone over again."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.datacenter.confluence import confluence_data_center
from connector.sandbox.datacenter.jira import jira_data_center
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from connector.sandbox.site import Site
from webhooks.cli import tieout
from webhooks.rules_file import parse_rules
from webhooks.wiring import Wiring

Init = Callable[..., Result]

ANSWERS = {
    "Jira's address": "https://acme.atlassian.net",
    "kind of site": "",
    "sign in": "",
    "Tieout's account": BOT_EMAIL,
    "last day": "2027-06-30",
    "Confluence's address": "",
    "token": BOT_TOKEN,
    "key": "soc2-2026",
    "name": "SOC 2 Type II 2026",
    "type": "",
    "first day": "2026-01-01",
    "end": "2026-12-31",
    "zone": "Europe/Berlin",
    "project": "AUD",
    "issue type": "",
    "escalation type": "",
    "tasks": "PLAT",
    "task type": "",
    "routes": "",
    "space": "SOC2",
    "coordinator": "dana.kim@acme.example",
    "sponsor": "-",
    "auditors": "clara.weiss@northgate.example",
    "statuses of requests": "",
    "statuses of tasks": "",
    "write": "",
}
FLAGS = (
    *("--url", "https://acme.atlassian.net", "--user", BOT_EMAIL, "--audit", "soc2", "--name", "SOC 2"),
    *("--period-start", "2026-01-01", "--period-end", "2026-12-31", "--project", "AUD", "--space", "SOC2"),
    *("--coordinator", "dana.kim@acme.example", "--auditors", "clara.weiss@northgate.example"),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tieout.toml"


@pytest.fixture
def init(site: Site, file: Path) -> Init:
    app = create_app(site)

    def new_session() -> requests.Session:
        session = requests.Session()
        session.mount(site.base_url, SandboxAdapter(app))
        return session

    def run(*words: str, answers: dict[str, str] | None = None, token: str | None = BOT_TOKEN) -> Result:
        environ = {"TIEOUT_CONFIG": str(file), "TIEOUT_JIRA_TOKEN": token or ""}
        wiring = Wiring(
            {name: value for name, value in environ.items() if value}, io.StringIO(), new_session=new_session
        )
        typed = "".join(f"{answer}\n" for answer in (answers or {}).values())
        return CliRunner().invoke(tieout, ("init", *words), input=typed, obj=wiring)

    return run


def test_the_answers_become_a_file_that_holds_no_secret(init: Init, file: Path, site: Site) -> None:
    result = init(answers=ANSWERS, token=None)
    assert result.exit_code == 0, result.output
    rules = parse_rules(file.read_text())
    audit = rules.audit["soc2-2026"]
    assert (audit.project, audit.issue_type, audit.escalation_issue_type) == ("AUD", "Audit Request", "Escalation")
    assert (audit.default_task_project, audit.space, audit.sponsor) == ("PLAT", "SOC2", None)
    assert rules.confluence.url == "https://acme.atlassian.net/wiki"
    assert str(rules.confluence.token_expires_on) == "2027-06-30"
    assert "in progress: Doing" in result.output, "the map is proposed from the project's own statuses"
    assert BOT_TOKEN not in file.read_text() + result.output
    assert site.calls.writes() == []


def test_data_center_is_asked_for_what_there_is_to_choose_from_too(site: Site, file: Path) -> None:
    jira, wiki = "https://jira.acme.example", "https://wiki.acme.example"

    def new_session() -> requests.Session:
        session = requests.Session()
        session.mount(jira, SandboxAdapter(jira_data_center(site)))
        session.mount(wiki, SandboxAdapter(confluence_data_center(site)))
        return session

    environ = {"TIEOUT_CONFIG": str(file), "TIEOUT_JIRA_TOKEN": BOT_TOKEN}
    wiring = Wiring(environ, io.StringIO(), new_session=new_session)
    answers = {**ANSWERS, "Jira's address": jira, "kind of site": "dc", "Confluence's address": wiki}
    for left in ("Tieout's account", "token"):
        del answers[left]
    typed = "".join(f"{answer}\n" for answer in answers.values())
    result = CliRunner().invoke(tieout, ("init",), input=typed, obj=wiring, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    for offered in ("AUD  ", "SOC2  ", "in progress: Doing"):
        assert offered in result.output
    rules = parse_rules(file.read_text())
    assert (rules.jira.flavour, rules.jira.auth, rules.confluence.url) == ("dc", "pat", wiki)


def test_what_was_answered_is_proposed_the_next_time_and_comments_stay(init: Init, file: Path) -> None:
    assert init("--no-input", *FLAGS).exit_code == 0
    mine = file.read_text().replace('name = "SOC 2"', 'name = "SOC 2"  # as the board calls it')
    file.write_text(f"# Ours, with care.\n{mine}\n[audit.soc2.ladder]\nmanager_on = 2\n")
    before = file.read_text()
    again = init("--no-input")
    assert (again.exit_code, file.read_text()) == (0, before)
    assert "says all this already" in again.output

    changed = init("--no-input", "--name", "SOC 2, round two", "--route", "IT=IT", "--yes")
    assert changed.exit_code == 0, changed.output
    assert (
        '-name = "SOC 2"  # as the board calls it\n+name = "SOC 2, round two"  # as the board calls it'
        in changed.output
    )
    text = file.read_text()
    assert text.startswith("# Ours, with care.\n")
    rules = parse_rules(text)
    assert (rules.audit["soc2"].routes[0].team, rules.audit["soc2"].ladder.manager_on) == ("IT", 2)


def test_nothing_is_written_over_without_a_yes(init: Init, file: Path) -> None:
    init("--no-input", *FLAGS)
    before = file.read_text()
    assert init("--no-input", "--name", "Other").exit_code == 1
    takes_what_is_proposed = {name: "" for name in ANSWERS if name not in ("token", "name", "write")}
    refused = init("--name", "Other", answers=takes_what_is_proposed | {"write": "n"})
    assert (refused.exit_code, refused.output[-9:]) == (1, "Aborted!\n")
    assert file.read_text() == before


def test_a_wrong_answer_is_told_and_asked_again(init: Init, file: Path) -> None:
    wrong = [(name, answer) for name, answer in ANSWERS.items() if name != "token"]
    typed: dict[str, str] = {}
    for name, answer in wrong:
        if name in ("Jira's address", "first day", "project", "auditors"):
            typed[f"wrong {name}"] = {"project": "AUDD"}.get(name, "nonsense")
        typed[name] = answer
    result = init(answers=typed)
    assert result.exit_code == 0, result.output
    for told in ("expected a site's address", "expected a date", "AUDD is not there; did you mean AUD?"):
        assert told in result.output
    assert "expected an e-mail address" in result.output
    assert parse_rules(file.read_text()).audit["soc2-2026"].project == "AUD"


def test_what_is_missing_without_input_is_told_at_once_and_nothing_is_written(init: Init, file: Path) -> None:
    result = init("--no-input", *FLAGS[:4])
    assert result.exit_code == 1
    for flag in ("--audit", "--name", "--period-start", "--project", "--space"):
        assert flag in result.output
    assert not file.exists()


def test_a_token_pasted_as_another_answer_is_not_written(init: Init, file: Path) -> None:
    result = init("--no-input", *FLAGS, "--name", BOT_TOKEN)
    assert result.exit_code == 1
    assert "secrets never stand in the mapping file" in result.output
    assert BOT_TOKEN not in result.output
    assert not file.exists()


def test_a_route_to_no_project_is_refused(init: Init, file: Path) -> None:
    assert "--route: HRR is not there" in init("--no-input", *FLAGS, "--route", "People=HRR").output
    assert not file.exists()


def test_who_hides_their_address_is_named_by_account_id(init: Init, file: Path, site: Site) -> None:
    marco = site.account_by_email("marco.rossi@acme.example")
    assert marco is not None
    answers = ANSWERS | {"coordinator": marco.email}
    answers.pop("token")
    typed: dict[str, str] = {}
    for name, answer in answers.items():
        typed[name] = answer
        if name == "auditors":
            typed |= {"account id": marco.account_id, "their name": "Marco Rossi"}
    assert init(answers=typed).exit_code == 0
    (person,) = parse_rules(file.read_text()).people
    assert (person.email, person.account_id) == (marco.email, marco.account_id)


def test_a_person_may_say_which_status_shows_which_state(init: Init, file: Path) -> None:
    states = ("todo", "changes", "progress", "blocked", "ready", "approved", "delivered", "done", "cancelled")
    statuses = ("", "Doing", "", "", "", "", "", "", "")
    typed: dict[str, str] = {}
    for name, answer in ANSWERS.items():
        if name == "statuses of tasks":
            typed |= {name: "n"} | dict(zip(states, statuses, strict=True))
        elif name != "token":
            typed[name] = answer
    assert init(answers=typed).exit_code == 0
    assert tomllib.loads(file.read_text())["status"] == {"PLAT": {"task": {"changes_requested": "Doing"}}}


def test_with_no_site_to_look_at_the_questions_go_on(init: Init, file: Path) -> None:
    result = init("--no-input", *FLAGS, token="wrong-token-0123456789")
    assert result.exit_code == 0, result.output
    assert "The sites cannot be looked at" in result.output
    assert parse_rules(file.read_text()).audit["soc2"].issue_type == "Task"


def test_an_oauth_app_is_named_and_signed_in_with_later(init: Init, file: Path) -> None:
    more = ("--auth", "oauth", "--cloud-id", "11223344", "--client-id", "app-1")
    result = init("--no-input", *FLAGS, *more)
    assert result.exit_code == 0, result.output
    rules = parse_rules(file.read_text())
    assert (rules.jira.client_id, rules.confluence.client_id, rules.jira.user) == ("app-1", "app-1", None)
    assert "`tieout auth login`" in result.output.splitlines()[-1]


def test_a_file_that_is_no_toml_is_left_alone(init: Init, file: Path) -> None:
    file.write_text("[jira\n")
    result = init("--no-input", *FLAGS)
    assert (result.exit_code, file.read_text()) == (1, "[jira\n")
    assert "is no TOML" in result.output
