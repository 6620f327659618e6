"""Whatever a list holds: a second import of it changes nothing, and a refused one changes nothing at all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.request_list import (
    Action,
    ImportOptions,
    UnreadableFile,
    after_import,
    as_json,
    parse_request_list,
    plan_import,
    read_table,
    render,
)
from mappings.request_list.dates import DateOrder

from .lists import Table, csv_of

FEW = settings(max_examples=60, derandomize=True, deadline=None, database=None)

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
SOME = {
    "ID": st.sampled_from(["R-1", "r-1", "R-2", "3", "", "R 4", "-", "007"]) | TEXT,
    "Title": st.sampled_from(["Access review", "Backups", "x" * 300, "", "-", "=1+1", "Total"]) | TEXT,
    "Description": st.sampled_from(["All\nof it", "", "(clear)", "- a", "'=x"]) | TEXT,
    "TSC": st.sampled_from(["CC6.1", "CC6.1-CC6.3", "CC9.9", "N/A", "-", ""]) | TEXT,
    "Owner": st.sampled_from(["Ann Lee <ann@x.example>", "Ann Lee", "a@x.example; b@x.example", "Lee, Ann", "-", ""])
    | TEXT,
    "Reviewer": st.sampled_from(["ann@x.example", "Bob Ray", ""]),
    "Due date": st.sampled_from(["2026-12-14", "14.12.2026", "03/04/2026", "31/12/2026", "TBD", "-", "", "30/02/2026"]),
    "Period": st.sampled_from(["2026", "2026-01-01 to 2026-12-31", "-", "", "all"]),
    "Priority": st.sampled_from(["High", "p1", "?", "-", ""]),
    "Type": st.sampled_from(["Population", "Sample", "nothing", "-", ""]),
    "Status": st.sampled_from(["Open", "Draft", "Submitted", "Accepted", "N/A", "Withdrawn", "?", ""]),
    "Our status": st.sampled_from(["Done", "Accepted", "N/A", ""]),
    "Mood": TEXT,
}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    headers = ["ID", "Title", *draw(st.lists(st.sampled_from(sorted(set(SOME) - {"ID", "Title"})), unique=True))]
    rows = draw(st.lists(st.tuples(*(SOME[header] for header in headers)), max_size=5))
    return [headers, *rows]


OPTIONS = st.builds(
    ImportOptions,
    date_order=st.sampled_from([None, DateOrder.DMY]),
    number_missing=st.booleans(),
    source_is_auditor=st.booleans(),
)


@FEW
@given(table=tables(), options=OPTIONS)
def test_a_second_import_of_any_list_changes_nothing(table: Table, options: ImportOptions) -> None:
    parsed = parse_request_list(read_table("list.csv", csv_of(table)), options)
    register = after_import(plan_import(parsed, {}), {})
    again = plan_import(parsed, register)
    if again.is_refused:
        assert register == {}
    else:
        assert {row.action for row in again.rows} == {Action.UNCHANGED}
        assert after_import(again, register) == register
        assert (again.withdrawn, again.reinstated) == ((), ())


@FEW
@given(table=tables(), other=tables(), options=OPTIONS)
def test_a_list_after_another_one_settles_in_one_import(table: Table, other: Table, options: ImportOptions) -> None:
    first, second = (parse_request_list(read_table("list.csv", csv_of(one)), options) for one in (table, other))
    register = after_import(plan_import(first, {}), {})
    plan = plan_import(second, register)
    after = after_import(plan, register)
    assert set(register) <= set(after), "no request is ever lost"
    if plan.is_refused:
        assert after == register
    else:
        assert {row.action for row in plan_import(second, after).rows} <= {Action.UNCHANGED}


@FEW
@given(table=tables(), options=OPTIONS)
def test_any_list_can_be_reported(table: Table, options: ImportOptions) -> None:
    plan = plan_import(parse_request_list(read_table("list.csv", csv_of(table)), options), {})
    assert render(plan).count("Nothing is imported") == plan.is_refused
    assert as_json(plan)["is_refused"] == plan.is_refused


@FEW
@given(name=st.sampled_from(["list.csv", "list.json", "list.xlsx"]), content=st.binary(max_size=200))
def test_any_bytes_are_a_table_or_are_refused_in_our_words(name: str, content: bytes) -> None:
    try:
        told = render(plan_import(parse_request_list(read_table(name, content)), {}))
    except UnreadableFile as refusal:
        told = str(refusal)
    assert name in told or "Nothing is imported" in told
