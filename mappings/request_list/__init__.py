"""Reading an auditor's request list and planning what an import of it would do. Pure: bytes in, a plan out.

    plan = plan_import(parse_request_list(read_table(file_name, content), options), existing)

Never here: writing to the register, knowing whether an owner exists in Jira, or where the file came from.
"""

from .comparison import ExistingRequest
from .dates import DateOrder
from .export import CellChange, CurrentValues, changed_cells, write_csv, write_xlsx
from .findings import Finding, Level, Question
from .options import ImportOptions
from .parse import ParsedList, parse_request_list
from .people import person
from .plan import Action, ImportPlan, PlannedRow, after_import, plan_import
from .reader import read_table
from .report import as_json, render, summary
from .rows import ABSENT, CLEAR, RequestRow
from .table import Sheet, UnreadableFile

__all__ = [
    "ABSENT",
    "CLEAR",
    "Action",
    "CellChange",
    "CurrentValues",
    "DateOrder",
    "ExistingRequest",
    "Finding",
    "ImportOptions",
    "ImportPlan",
    "Level",
    "ParsedList",
    "PlannedRow",
    "Question",
    "RequestRow",
    "Sheet",
    "UnreadableFile",
    "after_import",
    "as_json",
    "changed_cells",
    "parse_request_list",
    "person",
    "plan_import",
    "read_table",
    "render",
    "summary",
    "write_csv",
    "write_xlsx",
]
