"""The mapping file: a right one is read; of a wrong one every problem is told at once, on the line to be mended."""

from pathlib import Path

import pytest

from mappings.rules import Auth
from sync.worker import LEASE_S
from webhooks.problems import Misconfigured
from webhooks.rule_checks import LONGEST_CALL_S
from webhooks.rules_file import parse_rules, read_rules

from .mapping_files import GOOD


def problems(text: str) -> list[str]:
    with pytest.raises(Misconfigured) as caught:
        parse_rules(text)
    return list(caught.value.problems)


def with_change(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1, "the change must change something"
    return GOOD.replace(old, new, 1)


def test_a_right_file_is_read() -> None:
    rules = parse_rules(GOOD)
    assert rules.audit["soc2"].routes[0].project == "PLAT"
    assert rules.jira.auth is Auth.TOKEN


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2026-12-31", '"soon"', "12: audit.soc2.period_end: expected a date such as 2026-12-31; got 'soon'"),
        ("2026-12-31", "2025-12-31", "12: audit.soc2.period_end: expected a day after period_start (2026-01-01); got"),
        ('project = "AUD"\n', "", "9: audit.soc2.project: is missing"),
        ('project = "AUD"', "project = 7", "13: audit.soc2.project: expected text in quotes; got 7"),
        ('name = "SOC 2"', 'nmae = "SOC 2"', "10: audit.soc2.nmae: is not known here; did you mean name?"),
        ('project = "PLAT"', 'projct = "PLAT"', "20: audit.soc2.routes[0].projct: is not known here; did you mean pro"),
        ("[status.PLAT.task]", "[status.PLAT.tsk]", "27: status.PLAT.tsk: is not known here; did you mean task?"),
        (
            "in_progress =",
            "inprogress =",
            "28: status.PLAT.task.inprogress: is not a state of a task; did you mean in_p",
        ),
        ("[status.PLAT", "[status.PLT", "27: status.PLT: no audit and no route uses this project; did you mean PLAT?"),
        ("ada@firm.example", "ada at firm", "16: audit.soc2.auditors[0]: expected an e-mail address such as"),
        ("ada@firm.example", "Cora@acme.example", "16: audit.soc2.auditors[0]: cora@acme.example is the coordinator"),
        ('["ada@firm.example"]', "[]", "16: audit.soc2.auditors: expected at least one"),
        (
            'space = "SOC2"',
            'space = "S"\ntime_zone = "Europe/Berln"',
            "15: audit.soc2.time_zone: time_zone 'Europe/Berln' is not known",
        ),
        (
            'space = "SOC2"',
            'space = "S"\nholidays = "DE-XX"',
            "15: audit.soc2.holidays: holidays 'DE-XX': DE has no region",
        ),
        (
            'space = "SOC2"',
            'space = "S"\nask = ["owner", "summary"]',
            "15: audit.soc2.ask[1]: expected 'owner', 'priority' or 'due'; got 'summary'",
        ),
        ('team = "platform"\n', "", "18: audit.soc2.routes[0]: has no condition"),
        (
            'project = "PLAT"',
            'project = "PLAT"\nfields = { customfield_1 = ["{request.numbr}"] }',
            "21: audit.soc2.routes[0].fields.customfield_1: {request.numbr} stands for nothing; there are audit.key",
        ),
        (
            'project = "PLAT"',
            'project = "PLAT"\nfields = { customfield_1 = "a } b" }',
            "21: audit.soc2.routes[0].fields.customfield_1: 'a } b' has a brace too many",
        ),
        ('project = "PLAT"', 'project = "PLAT"\nparent = "the epic"', "21: audit.soc2.routes[0].parent: expected"),
        ("mia@acme", "olga@acme", "25: people[0].manager: Olga cannot be their own manager"),
        ("https://acme", "http://acme", "2: jira.url: expected https"),
        ("https://acme", "acme", "2: jira.url: expected a site's address"),
        ('user = "bot@acme.example"\n', "", "1: jira.user: is missing; it is the e-mail"),
        ('user = "bot', 'auth = "pat"\nuser = "bot', "3: jira.auth: a cloud site takes token, scoped or oauth"),
        ('user = "bot', 'read_timeout_s = 90\nuser = "bot', "3: jira.read_timeout_s: expected seconds between 0"),
        ('user = "bot', 'auth = "scoped"\nuser = "bot', "1: jira.cloud_id: is missing"),
        (
            "[audit.soc2]",
            "[audit.soc2.ladder]\nsponsor_on = 2\n[audit.soc2]",
            "9: audit.soc2.ladder: the ladder must rise",
        ),
        ("[audit.soc2]", '[audit."soc 2"]', "9: audit.soc 2: expected letters, digits"),
        ('name = "SOC 2"', 'name = "SOC 2', "tieout.toml:10:"),
    ],
)
def test_a_problem_is_told_with_its_line_and_what_would_do(old: str, new: str, told: str) -> None:
    assert told in "\n".join(problems(with_change(old, new)))


def test_no_call_is_waited_for_longer_than_the_lease_of_whoever_makes_it_may_last() -> None:
    renewed_s = LEASE_S / 3  # by then, before each call
    assert sum(LONGEST_CALL_S.values()) <= LEASE_S - renewed_s


def test_every_problem_is_told_at_once_whatever_its_kind() -> None:
    text = GOOD.replace('name = "SOC 2"', "name = 5").replace("mia@acme", "olga@acme").replace("https:", "http:")
    assert [problem.split(":")[1] for problem in problems(text)] == ["2", "6", "10", "25"]


def test_two_open_audits_do_not_share_a_space() -> None:
    second = GOOD[GOOD.index("[audit.soc2]") : GOOD.index("[[audit")].replace("audit.soc2", "audit.next")
    assert "is the space of 'soc2' too" in problems(GOOD + second)[0]
    parse_rules(GOOD + second + "is_closed = true\n")


def test_a_secret_in_the_file_is_refused_and_not_repeated() -> None:
    told = problems(with_change('user = "bot', 'api_token = "hunter2"\nuser = "bot'))
    assert "secrets never stand in this file" in told[0]
    assert "hunter2" not in told[0]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="there is no such file; `tieout init`"):
        read_rules(tmp_path / "tieout.toml")


def test_a_file_is_named_in_its_problems(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text("[jira]\n")
    with pytest.raises(Misconfigured, match=r"other\.toml:1: jira\.url: is missing"):
        read_rules(file)
