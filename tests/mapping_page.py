"""docs/mapping-file.md, made from the mapping file's model; `python -m tests.mapping_page` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mappings.rules import AuditRule, Connection, Ladder, Milestone, PersonRule, Provision, Route, Rules, StatusNames

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "mapping-file.md"
HEAD = """\
# The mapping file

`tieout.toml` says what belongs to an audit and what is called how on the two sites. `tieout init` writes one, any
command tells every mistake in it at once, each with its line, and `tieout check` whether it fits the sites.
[tieout.example.toml](tieout.example.toml) has all of it in one. Secrets never stand here: they come from the
environment (README, *Settings*).

This page is made from the model that reads the file (`mappings/rules.py`). A key without a default must be there.
"""
TABLES: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The file", "", Rules),
    ("Jira and Confluence", "`[jira]` and `[confluence]`", Connection),
    ("An audit", "`[audit.KEY]`", AuditRule),
    ("Its ladder", "`[audit.KEY.ladder]`", Ladder),
    ("What is provisioned", "`[audit.KEY.provision]`", Provision),
    ("Its milestones", "`[[audit.KEY.milestones]]`", Milestone),
    ("Its routes", "`[[audit.KEY.routes]]`", Route),
    ("People", "`[[people]]`", PersonRule),
    ("Statuses", "`[status.PROJECT]`", StatusNames),
)
NAMES = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "date": "date",
    "object": "value",
}


def made() -> str:
    parts = [HEAD]
    for title, at, model in TABLES:
        said = " ".join((model.__doc__ or "").split())
        parts.append(f"## {title}\n")
        parts.append(f"{at}{': ' if at else ''}{said}\n")
        parts.append(
            "\n".join(["| key | what it is | without it | what it says |", "| --- | --- | --- | --- |", *_rows(model)])
            + "\n"
        )
    return "\n".join(parts)


def models_on_the_page() -> set[type[BaseModel]]:
    return {model for _, _, model in TABLES}


def models_of_the_file(model: type[BaseModel] = Rules) -> set[type[BaseModel]]:
    """The model and all that stand in it."""
    inside = {part for info in model.model_fields.values() for part in _parts(info.annotation)}
    return {model}.union(*(models_of_the_file(part) for part in inside))


def _rows(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        said = " ".join((info.description or "").split())
        yield f"| `{name}` | {_kind(info.annotation)} | {_default(info)} | {said} |".replace("|  |", "| |")


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), [one for one in get_args(annotation) if one is not NoneType]
    if origin is Annotated:
        return _kind(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(map(_kind, arguments))
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0])}".replace("list of table, see", "list of tables, see")
    if origin is dict:
        return f"table of {_kind(arguments[1])}".replace("table of table, see", "tables, see")
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{one.value}`" for one in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return next(f"table, see *{title}*" for title, _, model in TABLES if model is annotation)
    return NAMES[annotation.__name__]


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**needed**"
    value = info.get_default(call_default_factory=True)
    if value is None or value in ((), {}) or isinstance(value, BaseModel):
        return ""
    plain = value.value if isinstance(value, Enum) else value
    return f"`{list(plain) if isinstance(plain, tuple) else str(plain).lower() if isinstance(plain, bool) else plain}`"


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8")
