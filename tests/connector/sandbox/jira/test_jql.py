"""JQL, read and run: what each condition finds among a handful of issues, and what is refused how."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.jira import setup
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.syntax import Both, Clause, Empty, Function, Not, Sort, Word, parse
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc

READINGS = [
    ("project = AUD", Clause("project", "=", (Word("AUD"),))),
    ("PROJECT != 'A B'", Clause("PROJECT", "!=", (Word("A B"),))),
    (r'summary ~ "say \"x\""', Clause("summary", "~", (Word('say "x"'),))),
    ("a=1 and b=2", Both(True, (Clause("a", "=", (Word("1"),)), Clause("b", "=", (Word("2"),))))),
    ("a in (1, '2', EMPTY)", Clause("a", "in", (Word("1"), Word("2"), Empty()))),
    ("a not in (x)", Clause("a", "not in", (Word("x"),))),
    ("a is not EMPTY", Clause("a", "is not", (Empty(),))),
    ("a is null", Clause("a", "is", (Empty(),))),
    ("not a = 1", Not(Clause("a", "=", (Word("1"),)))),
    ("! a = 1", Not(Clause("a", "=", (Word("1"),)))),
    ("due < startOfDay('-1d')", Clause("due", "<", (Function("startOfDay", ("-1d",)),))),
    ("updated >= -15m", Clause("updated", ">=", (Word("-15m"),))),
    ("cf[10021] = x", Clause("cf[10021]", "=", (Word("x"),))),
    ("labels = 'audit'", Clause("labels", "=", (Word("audit"),))),
    ("'Due by' = 712020:0-0", Clause("Due by", "=", (Word("712020:0-0"),))),
    (r"a = 'ä\u0041'", Clause("a", "=", (Word("äA"),))),
]


@pytest.mark.parametrize(("text", "tree"), READINGS)
def test_a_query_is_read(text: str, tree: object) -> None:
    assert parse(text).where == tree


def test_and_binds_closer_than_or_and_parentheses_closer_than_both() -> None:
    a, b, c = (Clause(name, "=", (Word("1"),)) for name in "abc")
    assert parse("a=1 or b=1 and c=1").where == Both(False, (a, Both(True, (b, c))))
    assert parse("(a=1 || b=1) && c=1").where == Both(True, (Both(False, (a, b)), c))


def test_an_order_is_read() -> None:
    parsed = parse("a = 1 ORDER BY created, key DESC, 'Due by' asc")
    assert parsed.sorts == (Sort("created", None), Sort("key", True), Sort("Due by", False))
    assert parse("order by key").where is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("project", "Expecting operator"),
        ("project =", "before the end of the query"),
        ("project = AUD status = x", "either 'OR' or 'AND'"),
        ("project in AUD", "'(' or a function"),
        ("(a = 1", "Expecting ')'"),
        ("a is 5", "can only be used with 'EMPTY'"),
        ("a = and", "'and' is a reserved JQL word"),
        ("labels = audit", "'audit' is a reserved JQL word"),
        ("project in (SEC, CHECK)", "'CHECK' is a reserved JQL word"),
        ("group = x", "'group' is a reserved JQL word"),
        ("a = x@y.z", "The character '@' is a reserved JQL character"),
        ("a = 'open", "is not closed"),
        ("= 1", "a field name"),
        ("a = 1 order by a,b,c,d,e,f,g,h", "maximum of 7"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text: str, says: str) -> None:
    with pytest.raises(JqlError, match="(?s)" + "".join(f"[{c}]" if c in "()" else c for c in says)):
        parse(text)


@pytest.fixture
def issues(site: Site, clock: ManualClock, bot: Visitor) -> dict[str, str]:
    """Five issues, a minute apart, by a letter each."""
    people = {name: site.account_by_email(f"{name}@acme.example") for name in ("priya.nair", "tomas.berg")}
    priya, tomas = ({"accountId": account.account_id} for account in people.values() if account)
    made = {}
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("a", {"summary": "Access review", "labels": ["Tieout", "cc6.1"], "assignee": priya, "duedate": "2026-10-04"}),
        ("b", {"summary": "Backup policy", "labels": ["tieout"], "assignee": tomas, "priority": {"name": "Highest"}}),
        ("c", {"summary": "Change log", "description": doc("every access to production"), "duedate": "2026-10-05"}),
        ("d", {"project": "SEC", "summary": "Door list", "customfield_10021": [{"value": "Impediment"}]}),
        ("e", {"project": "PLAT", "summary": "Estate", "priority": {"id": "5"}, "duedate": "2026-10-06"}),
    ]
    for name, fields in wanted:
        made[name] = bot.create(**fields)
        clock.advance(60)
    bot.go(made["b"], "In Progress")
    bot.go(made["d"], "Done")
    bot.post(f"/issue/{made['e']}/comment", {"body": doc("weekly inventory")})
    bot.post(
        "/issueLink",
        {"type": {"name": "Blocks"}, "inwardIssue": {"key": made["a"]}, "outwardIssue": {"key": made["d"]}},
    )
    return made


FINDINGS = [
    ("project = AUD", "abc"),
    ("project = 'SOC 2 audit'", "abc"),
    ("project != AUD", "de"),
    ("project in (SEC, PLAT)", "de"),
    ("project not in (SEC, PLAT)", "abc"),
    ("status = 'To Do'", "ac"),
    ("status = 'in progress'", "b"),
    ("statusCategory = Done", "d"),
    ("statusCategory != done", "abce"),
    ("statusCategory = new", "ace"),
    ("issuetype = Task and project = SEC", "d"),
    ("assignee is EMPTY", "cde"),
    ("assignee is not empty", "ab"),
    ("assignee = '712020:00000000-0000-4000-8000-000000000002'", "a"),
    ("assignee != 712020:00000000-0000-4000-8000-000000000002", "b"),  # the unassigned are not among them
    ("assignee in (712020:00000000-0000-4000-8000-000000000002, EMPTY)", "acde"),
    ("not assignee = 712020:00000000-0000-4000-8000-000000000002", "b"),
    ("reporter = currentUser()", "abcde"),
    ("watcher = currentUser()", "abcde"),
    ("labels = tieout", "ab"),
    ("labels in (cc6.1, other)", "a"),
    ("labels != tieout", ""),  # nor are those without labels
    ("labels not in (cc6.1)", "b"),
    ("labels is empty", "cde"),
    ("priority = Highest", "b"),
    ("priority > Low", "abcd"),
    ("priority <= Low", "e"),
    ("duedate < '2026-10-05'", "a"),
    ("due <= 2026-10-05", "ac"),
    ("due < now()", "ac"),  # midnight of today has passed
    ("due < startOfDay()", "a"),
    ("due = 2026-10-06", "e"),
    ("due >= startOfDay('+1d')", "e"),
    ("due is empty", "bd"),
    ("created >= -2m", "de"),
    ("created < '2026-10-05 05:02'", "ab"),  # the bot's profile says New York
    ("created >= 1791190860000", "bcde"),
    ("created >= startOfDay() and created <= endOfDay()", "abcde"),
    ("updated > -1m", "abde"),
    ("resolution = Unresolved", "abce"),
    ("resolution is empty", "abce"),
    ("resolution = Done", "d"),
    ("resolved >= -1h", "d"),
    ("key = AUD-1", "a"),
    ("issuekey in (AUD-1, SEC-1)", "ad"),
    ("key >= AUD-2 and project = AUD", "bc"),
    ("issue in linkedIssues(AUD-1)", "d"),
    ("summary ~ 'access'", "a"),
    ("text ~ 'access'", "ac"),
    ("text ~ 'production every'", "c"),
    ("text ~ '\"every access\"'", "c"),
    ("text ~ '\"access every\"'", ""),
    ("text ~ 'back*'", "b"),
    ("summary !~ 'access'", "bcde"),
    ("comment ~ inventory", "e"),
    ("description is empty", "abde"),
    ("Flagged = Impediment", "d"),
    ("Flagged is not EMPTY", "d"),
    ("cf[10021] is empty", "abce"),
    ("sprint is empty and fixVersion is empty and component is empty", "abcde"),
    ("attachments is not empty", ""),
    ("not (labels = tieout or project = SEC)", ""),  # c and e have no labels, which != never finds
    ("project = AUD and (labels = tieout or due is not empty)", "abc"),
]


@pytest.mark.parametrize(("jql", "expected"), FINDINGS)
def test_a_query_finds(jql: str, expected: str, bot: Visitor, issues: dict[str, str]) -> None:
    letters = {key: letter for letter, key in issues.items()}
    assert "".join(sorted(letters[key] for key in bot.search(jql))) == expected


ORDERS = [
    ("project is not empty", "edcba"),
    ("project is not empty order by created", "edcba"),
    ("project is not empty order by created asc", "abcde"),
    ("project is not empty order by priority desc, created asc", "bacde"),
    ("project is not empty order by due asc, key asc", "acebd"),
    ("project is not empty order by key asc", "abced"),
    ("project is not empty order by assignee desc, created asc", "bacde"),
]


@pytest.mark.parametrize(("jql", "expected"), ORDERS)
def test_a_query_orders(jql: str, expected: str, bot: Visitor, issues: dict[str, str]) -> None:
    letters = {key: letter for letter, key in issues.items()}
    assert "".join(letters[key] for key in bot.search(jql)) == expected


REFUSALS = [
    ("colour = red", "Field 'colour' does not exist or you do not have permission to view it."),
    ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
    ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
    ("assignee = 'priya.nair@acme.example'", "does not exist for the field 'assignee'."),
    ("key = AUD-99", "An issue with key 'AUD-99' does not exist for field 'key'."),
    ("key in (AUD-1, AUD-99)", "An issue with key 'AUD-99' does not exist for field 'key'."),
    ("project ~ AUD", "The operator '~' is not supported by the 'project' field."),
    ("summary = x", "The operator '=' is not supported by the 'summary' field."),
    ("labels > a", "The operator '>' is not supported by the 'labels' field."),
    ("updated >= tomorrow", "Date value 'tomorrow' for field 'updated' is invalid."),
    ("due < someDay()", "Unable to find JQL function 'someDay()'."),
    ("Flagged = Maybe", "The option 'Maybe' for field 'Flagged' does not exist."),
    ("project = AUD order by colour", "Field 'colour' does not exist"),
    ("fixVersion = 1.0", "The value '1.0' does not exist for the field 'fixVersion'."),
    ("sprint = 7", "The value '7' does not exist for the field 'sprint'."),
    ("filter = 99", "The value '99' does not exist for the field 'filter'."),
    ("filter ~ x", "The operator '~' is not supported by the 'filter' field."),
    ("order by created", "Unbounded JQL queries are not allowed here."),
    ("", "Unbounded JQL queries are not allowed here."),
]


@pytest.mark.parametrize(("jql", "says"), REFUSALS)
def test_a_query_is_refused(jql: str, says: str, bot: Visitor, issues: dict[str, str]) -> None:
    answer = bot.get("/search/jql", params={"jql": jql})
    assert answer.status_code == 400
    assert says in answer.json()["errorMessages"][0]


def test_a_saved_filter_is_part_of_a_query_for_who_sees_it(
    bot: Visitor, priya: Visitor, issues: dict[str, str]
) -> None:
    saved = bot.post("/filter", {"name": "Ours", "jql": "labels = tieout order by created asc"}).json()["id"]
    assert bot.search(f"filter = {saved} and status = 'To Do'") == [issues["a"]]
    assert bot.search("filter = ours order by created asc") == [issues["a"], issues["b"]]
    assert bot.search("project = AUD and filter != Ours") == [issues["c"]]
    assert priya.get("/search/jql", params={"jql": f"filter = {saved}"}).status_code == 400
    bot.put(f"/filter/{saved}", {"name": "Ours", "jql": f"filter = {saved}"})
    assert "itself" in bot.get("/search/jql", params={"jql": "filter = Ours"}).json()["errorMessages"][0]


def test_what_a_stranger_may_not_know_is_no_error_to_him(nobody: Visitor, issues: dict[str, str]) -> None:
    assert nobody.search("project = NOPE and colour = red") == []


def test_the_same_words_mean_another_moment_in_another_zone(
    visit: Callable[[str | None], Visitor], issues: dict[str, str]
) -> None:
    aiko = visit("aiko.tanaka@acme.example")
    assert aiko.search("created < '2026-10-05 05:02'") == []
    assert aiko.search("created < '2026-10-05 18:02' order by key asc") == ["AUD-1", "AUD-2"]


def test_custom_fields_are_found_by_name_number_and_value(site: Site, bot: Visitor) -> None:
    fields = {
        "Team": setup.add_custom_field(site, "Team", "select", options=["Red", "Blue"]),
        "Sample size": setup.add_custom_field(site, "Sample size", "float"),
        "Audit id": setup.add_custom_field(site, "Audit id", "textfield"),
        "Sponsor": setup.add_custom_field(site, "Sponsor", "userpicker"),
    }
    for field in fields.values():
        setup.show_field(site.jira.projects["10000"], field.field_id)
    values: list[Any] = [{"value": "Blue"}, 25, "REQ 7", {"accountId": bot.me}]
    key = bot.create(**{field.field_id: value for field, value in zip(fields.values(), values, strict=True)})
    bot.create()
    number = fields["Team"].field_id.removeprefix("customfield_")
    for jql in (f"cf[{number}] = blue", "'Sample size' > 24", "'Audit id' ~ 'req 7'", "Sponsor = currentUser()"):
        assert bot.search(jql) == [key], jql
