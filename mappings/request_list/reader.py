"""Reads the file an auditor sends (.xlsx, .csv, .json) into plain tables: bytes in, values out, within limits."""

from __future__ import annotations

from .csv_text import read_csv
from .json_list import read_json
from .table import MOST_BYTES, Sheet, UnreadableFile
from .xlsx import read_xlsx

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TEXT = (".csv", ".tsv", ".txt")


def read_table(file_name: str, content: bytes) -> list[Sheet]:
    """The visible tables of a file. What the file is, its first bytes say before its name does.

    Raises `UnreadableFile` when it is none of the three kinds, damaged, protected by a password, or too large.
    """
    name = file_name.lower()
    if not content.strip():
        raise UnreadableFile(f"{file_name} is empty. Send the list as .xlsx, .csv or .json.")
    if len(content) > MOST_BYTES:
        raise UnreadableFile(
            f"{file_name} has {len(content) / 1024 / 1024:.1f} MB; a list may have {MOST_BYTES // 1024 // 1024} MB. "
            "Take pictures and other sheets out, or split it."
        )
    if content.startswith(_OLD_OFFICE):
        raise UnreadableFile(
            f"{file_name} is protected by a password, or is an old .xls file. Open it, and save it as .xlsx without a "
            "password."
        )
    if content.startswith(_ZIP):
        return read_xlsx(file_name, content)
    if name.endswith(".json"):
        return [read_json(file_name, content)]
    if name.endswith(_TEXT):
        return [read_csv(file_name, content)]
    if name.endswith((".xlsx", ".xlsm")):
        raise UnreadableFile(
            f"{file_name} is not an Excel workbook inside, or it is damaged. "
            "Open it in Excel and save it as .xlsx again."
        )
    raise UnreadableFile(f"{file_name}: expected a list as .xlsx, .csv or .json. Save it as one of these.")
