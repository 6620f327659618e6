"""Reading files: what they are, what stands in them, and what is refused."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from mappings.request_list import Sheet, UnreadableFile, read_table
from mappings.request_list.table import cell_text, column_letter

from .lists import Table, csv_of, xlsx_of


def cells(sheet: Sheet) -> list[list[str]]:
    return [[cell_text(cell) for cell in row.cells] for row in sheet.rows]


def changed_zip(content: bytes, path: str, change: Any) -> bytes:
    """The workbook with one of its parts changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(entry.filename, change(part) if entry.filename == path else part)
    return stream.getvalue()


# --- workbooks


def test_rows_of_a_workbook_are_numbered_as_a_person_sees_them() -> None:
    content = xlsx_of({"PBC": [["List"], [], ["ID", "Title"], [], [1, "a"]]})
    [sheet] = read_table("list.xlsx", content)
    assert [row.number for row in sheet.rows] == [1, 3, 5]


def test_a_native_date_stays_a_date() -> None:
    [sheet] = read_table("list.xlsx", xlsx_of({"PBC": [["Due"], [date(2026, 12, 14)]]}))
    assert sheet.rows[1].cells == (datetime(2026, 12, 14),)  # noqa: DTZ001 a sheet knows no zones
    assert cells(sheet)[1] == ["2026-12-14"]


def test_numbers_are_text_without_a_decimal_point_of_the_program() -> None:
    [sheet] = read_table("list.xlsx", xlsx_of({"PBC": [[1, 2.0, 1.5, True]]}))
    assert cells(sheet) == [["1", "2", "1.5", "yes"]]


def test_a_number_with_leading_noughts_keeps_them() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for column, (value, number_format) in enumerate([(7, "000"), (1.1, "0.00")], 1):
        cell = sheet.cell(1, column, value)
        cell.number_format = number_format
    stream = io.BytesIO()
    workbook.save(stream)
    assert cells(read_table("list.xlsx", stream.getvalue())[0]) == [["007", "1.10"]]


def test_hidden_and_empty_sheets_are_not_read() -> None:
    content = xlsx_of({"PBC": [["ID"]], "Old": [["ID"]], "Empty": []}, hidden="Old")
    assert [sheet.name for sheet in read_table("list.xlsx", content)] == ["PBC"]


def test_a_cell_merged_over_rows_stands_for_each_of_them() -> None:
    table: Table = [["Category", "Title"], ["Access", "a"], [None, "b"], [None, "c"]]
    [sheet] = read_table("list.xlsx", xlsx_of({"PBC": table}, merged=["A2:A3"]))
    assert cells(sheet) == [["Category", "Title"], ["Access", "a"], ["Access", "b"], ["", "c"]]


def test_a_wide_merged_row_is_known_as_one() -> None:
    [sheet] = read_table("list.xlsx", xlsx_of({"PBC": [["My list", None, None], ["a", "b", "c"]]}, merged=["A1:C1"]))
    assert sheet.merged == {1}


def test_a_formula_with_a_saved_result_is_its_result() -> None:
    content = xlsx_of({"PBC": [["ID"], ["=1+1"]]})
    saved = changed_zip(
        content, "xl/worksheets/sheet1.xml", lambda x: x.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    )
    assert cells(read_table("list.xlsx", saved)[0]) == [["ID"], ["2"]]


def test_a_formula_without_a_result_is_text_and_known_as_a_formula() -> None:
    [sheet] = read_table("list.xlsx", xlsx_of({"PBC": [["ID"], ['=HYPERLINK("http://x","y")']]}))
    assert cells(sheet)[1] == ['=HYPERLINK("http://x","y")']
    assert sheet.formulas == {(2, 0): '=HYPERLINK("http://x","y")'}


def test_a_sheet_that_claims_a_million_rows_is_read_by_what_it_holds() -> None:
    content = xlsx_of({"PBC": [["ID"], [1]]})
    claims = changed_zip(
        content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')
    )
    assert cells(read_table("list.xlsx", claims)[0]) == [["ID"], ["1"]]


def test_openpyxl_parses_with_defusedxml() -> None:
    assert openpyxl.DEFUSEDXML


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_xml_entities_are_refused(part: str) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    content = changed_zip(
        xlsx_of({"PBC": [["ID"], ["x"]]}),
        part,
        lambda xml: bomb + xml.replace(b"PBC", b"&b;").replace(b">x<", b">&b;<"),
    )
    with pytest.raises(UnreadableFile, match="cannot be read as an Excel workbook"):
        read_table("list.xlsx", content)


def test_a_workbook_that_unpacks_to_far_more_than_a_list_is_refused_unopened() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(51 * 1024 * 1024))
    assert len(stream.getvalue()) < 1024 * 1024
    with pytest.raises(UnreadableFile, match="would unpack to 51 MB; at most 50 MB"):
        read_table("list.xlsx", stream.getvalue())


def lying_zip(unpacked: int, claimed: int) -> bytes:
    """A workbook whose sheet unpacks to `unpacked` bytes and whose directory says `claimed`, twice over."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/_rels/workbook.xml.rels", b"<Relationships/>")
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(unpacked))
    return stream.getvalue().replace(unpacked.to_bytes(4, "little"), claimed.to_bytes(4, "little"))


@pytest.mark.parametrize("claimed", [0, 10, 1024 * 1024])
def test_a_workbook_that_lies_about_what_it_unpacks_to_is_refused_without_unpacking_it(claimed: int) -> None:
    content = lying_zip(60 * 1024 * 1024, claimed)
    tracemalloc.start()
    with pytest.raises(UnreadableFile):
        read_table("list.xlsx", content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


def test_a_workbook_whose_parts_lie_over_each_other_counts_each_of_them() -> None:
    """A directory of a thousand names for one and the same compressed part, as in the best known zip bomb."""
    content = lying_zip(100 * 1024, 100 * 1024)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.start_dir
    entry = content[start : content.index(b"PK\x05\x06")]
    again = entry[entry.rindex(b"PK\x01\x02") :] * 1_000
    count = (3 + 1_000).to_bytes(2, "little")
    end = bytearray(content[content.index(b"PK\x05\x06") :])
    end[8:12], end[12:16] = count + count, (len(entry) + len(again)).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="would unpack to 97 MB"):
        read_table("list.xlsx", content[:start] + entry + again + bytes(end))


def test_a_password_is_named_as_the_likely_reason() -> None:
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read_table("list.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("list.xlsx", b"ID,Title", "not an Excel workbook inside"),
        ("list.xlsx", b"PK\x03\x04 torn", "cannot be read as an Excel workbook"),
        ("list.pdf", b"%PDF-1.7", r"expected a list as \.xlsx, \.csv or \.json"),
        ("list.csv", b" \n", "is empty"),
        ("list.csv", b"a,b\n" + b"x" * (20 * 1024 * 1024), "20 MB"),
    ],
)
def test_a_file_of_another_kind_or_size_is_refused_with_what_to_do(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_table(name, content)


def test_a_zip_file_that_is_no_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableFile, match="zip file but not an Excel workbook"):
        read_table("list.xlsx", stream.getvalue())


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_torn_workbook_is_refused_in_our_words(cut: float) -> None:
    content = xlsx_of({"PBC": [["ID", "Title"], [1, "a"]]})
    with pytest.raises(UnreadableFile, match="open it in Excel"):
        read_table("list.xlsx", content[: int(len(content) * cut)])


def test_too_many_columns_or_rows_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="201 columns came, at most 200"):
        read_table("list.xlsx", xlsx_of({"PBC": [[*range(201)]]}))
    with pytest.raises(UnreadableFile, match="line 2: 201 columns came"):
        read_table("list.csv", csv_of([["a", "b"], [*range(201)], ["c", "d"]]))
    with pytest.raises(UnreadableFile, match="more than 10,000 rows"):
        read_table("list.csv", csv_of([["a", "b"]] * 10_001))


# --- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_evenness_of_the_table(delimiter: str) -> None:
    table = [["ID", "Title", "Due"], ["1", "a, b; c", "x"], ["2", "d | e, f", "y"]]
    [sheet] = read_table("list.csv", csv_of(table, delimiter))
    assert cells(sheet) == table
    assert sheet.delimiter == delimiter


def test_excels_own_line_about_the_delimiter_is_followed_and_not_read() -> None:
    [sheet] = read_table("list.csv", b"sep=;\r\nID;Title\r\n1;a\r\n")
    assert [row.number for row in sheet.rows] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_with_and_without_its_mark(encoding: str) -> None:
    [sheet] = read_table("list.csv", csv_of([["ID", "Title"], ["1", "Prüfung ✅ مراجعة"]], encoding=encoding))
    assert cells(sheet) == [["ID", "Title"], ["1", "Prüfung ✅ مراجعة"]]
    assert sheet.warnings == ()


def test_a_stray_nought_does_not_make_a_file_utf_16() -> None:
    [sheet] = read_table("list.csv", "ID,Title\n1,ab\x00c Í\n".encode())
    assert cells(sheet)[1] == ["1", "abc Í"]


def test_windows_text_is_read_with_a_warning() -> None:
    [sheet] = read_table("list.csv", csv_of([["ID", "Title"], ["1", "Prüfung – “neu”"]], encoding="cp1252"))
    assert cells(sheet)[1] == ["1", "Prüfung – “neu”"]
    assert "not UTF-8" in sheet.warnings[0]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="neither UTF-8, UTF-16 nor Windows text"):
        read_table("list.csv", b"ID,Title\n1,\x81\x8d\n")


def test_a_csv_row_is_numbered_by_the_line_it_begins_on() -> None:
    [sheet] = read_table("list.csv", b'ID,Title\r\n1,"two\r\nlines"\r\n\r\n2,b\r\n')
    assert [row.number for row in sheet.rows] == [1, 2, 5]
    assert cells(sheet)[1] == ["1", "two\nlines"]


def test_a_quote_that_is_not_closed_is_refused_with_its_line_and_swallows_nothing() -> None:
    with pytest.raises(UnreadableFile, match="begins on line 3 cannot be read"):
        read_table("list.csv", b'ID,Title\n1,a\n2,"b\n3,c\n')


# --- JSON


@pytest.mark.parametrize("content", [b'[{"id": 7, "title": "a"}]', b'{"requests": [{"id": 7, "title": "a"}]}'])
def test_json_is_an_array_of_objects_or_holds_one_under_requests(content: bytes) -> None:
    [sheet] = read_table("list.json", content)
    assert cells(sheet) == [["id", "title"], ["7", "a"]]
    assert [row.number for row in sheet.rows] == [0, 1]


def test_json_values_become_cells() -> None:
    [sheet] = read_table("list.json", b'[{"a": ["x", 1], "b": true, "c": null, "d": {"e": 1}, "f": []}, {"g": ""}]')
    assert cells(sheet)[1:] == [["x, 1", "yes", "", '{"e": 1}', "", ""]]


@pytest.mark.parametrize(
    "content", [b"{", b"[1]", b'{"items": []}', b"[" * 100_000, b'"text"', b'[{"a": 1}, "b"]', b"\xff\xfe\xff"]
)
def test_other_json_is_refused_with_what_was_expected(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"expected an object|expected an array|is not sound JSON"):
        read_table("list.json", content)


# --- cells


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  a \r\n b ", "a \n b"),
        ("a\x00\x07b", "ab"),
        ("a_x000D_\nb", "a\nb"),
        ("'=1+1", "=1+1"),
        ("'quoted'", "'quoted'"),
        ("\ufeffID", "ID"),
        ("👩‍💻 مرحبا", "👩‍💻 مرحبا"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04"),  # noqa: DTZ001 a sheet knows no zones
        (None, ""),
    ],
)
def test_cells_are_cleaned_of_what_nobody_typed_and_of_nothing_else(cell: Any, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")])
def test_columns_have_the_letters_of_a_spreadsheet(index: int, letter: str) -> None:
    assert column_letter(index) == letter
