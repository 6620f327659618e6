"""Reads the mapping file `tieout.toml` into rules. Every problem is told at once: where, what came, what would do."""

import re
import tomllib
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from mappings.rules import Key, Rules
from webhooks.problems import Misconfigured, did_you_mean
from webhooks.rule_checks import Problem, check_pieces, check_whole
from webhooks.toml_lines import Path, key_lines, line_of

SECRET_WORDS = re.compile(r"token|secret|password|api_?key", re.IGNORECASE)

WOULD_DO = {
    "string_type": "expected text in quotes",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "date_type": "expected a date such as 2026-12-31",
    "date_parsing": "expected a date such as 2026-12-31",
    "date_from_datetime_parsing": "expected a date such as 2026-12-31",
    "date_from_datetime_inexact": "expected a date without a time, such as 2026-12-31",
    "tuple_type": "expected a list in [brackets]",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "too_short": "expected at least one",
}
"""What would be right, for pydantic's kinds of error whose own words say less."""

PATTERNS = (
    ("@", "expected an e-mail address such as ana@example.com"),
    ("https?", "expected a site's address such as https://acme.atlassian.net"),
    ("A-Z0-9_]+-", "expected an issue's key such as AUD-1"),
    ("A-Za-z0-9", "expected letters, digits, dots, dashes or underscores, and no blank"),
)
"""What would be right where a pattern is not matched, known by a piece of the pattern."""


def read_rules(file: FilePath) -> Rules:
    """The rules in a file. Raises Misconfigured with every problem, each with its line."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        told = f"{file}: there is no such file; `tieout init` asks its way to one, or set TIEOUT_CONFIG"
        raise Misconfigured("The mapping file", [told]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("The mapping file", [f"{file}: cannot be read: {error}"]) from error
    return parse_rules(text, file.name)


def parse_rules(text: str, name: str = "tieout.toml") -> Rules:
    """The rules in `text`; `name` stands before the line in each problem."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured("The mapping file", [_syntax_problem(error, name)]) from error
    rules, problems = _checked(raw)
    if rules is None or problems:
        lines = key_lines(text)
        placed = sorted({(line_of(path, lines), path_text(path), told) for path, told in problems})
        raise Misconfigured("The mapping file", [f"{name}:{line}: {at}: {told}" for line, at, told in placed])
    return rules


def field_problem(model: type[BaseModel], name: str, value: object) -> str | None:
    """What is wrong with a value for one field of a model, in the words the file's problems have; None when nothing."""
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        mine = [each for each in error.errors(include_url=False) if each["loc"][:1] == (name,)]
        return _shape_problem(mine[0])[1] if mine else None
    return None


def key_problem(key: str) -> str | None:
    """What is wrong with an audit's key; None when nothing."""
    try:
        TypeAdapter(Key).validate_python(key)
    except ValidationError as error:
        return _shape_problem(error.errors(include_url=False)[0])[1]
    return None


def path_text(path: Path) -> str:
    """A path as a person writes it: `audit.soc2.routes[0].project`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _checked(raw: dict[str, Any]) -> tuple[Rules | None, list[Problem]]:
    try:
        rules = Rules.model_validate(raw)
    except ValidationError as error:
        shapes = [_shape_problem(e) for e in error.errors(include_url=False)]
        return None, [*shapes, *check_pieces(raw)]
    return rules, [*check_pieces(raw), *check_whole(rules)]


def _syntax_problem(error: tomllib.TOMLDecodeError, name: str) -> str:
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    told, line, column = match.groups() if match else (str(error), None, None)
    place = f"{name}:{line}:{column}" if line else f"{name}: at its end"
    hint = ' (text stands in quotes: space = "SOC2")' if told == "Invalid value" else ""
    return f"{place}: this is not TOML: {told}{hint}"


def _shape_problem(error: ErrorDetails) -> Problem:
    """One of pydantic's errors in our words. A value that may be a secret is not repeated."""
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    kind, value = error["type"], error["input"]
    if kind == "missing":
        return path, "is missing"
    if kind == "extra_forbidden":
        return path, _unknown(path)
    if kind == "string_pattern_mismatch":
        pattern = str(error["ctx"]["pattern"])
        would_do = next((words for piece, words in PATTERNS if piece in pattern), error["msg"])
    else:
        would_do = WOULD_DO.get(kind, re.sub("^Input should be", "expected", error["msg"]))
    return path, f"{would_do}; got {_shown(value)}"


def _unknown(path: Path) -> str:
    name = str(path[-1])
    hint = did_you_mean(name, _known(path[:-1]))
    if not hint and SECRET_WORDS.search(name):
        return "is not known here; secrets never stand in this file, set TIEOUT_JIRA_TOKEN or its like"
    return f"is not known here{hint}"


def _shown(value: object) -> str:
    text = repr(str(value)) if not isinstance(value, str | int | float | list | dict | bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _known(path: Path) -> tuple[str, ...]:
    """The keys that the table at `path` may have."""
    at: Any = Rules
    for part in path:
        fields = at.model_fields if _is_model(at) else {}
        at = fields[part].annotation if part in fields else _content(at)
    return tuple(at.model_fields) if _is_model(at) else ()


def _content(annotation: Any) -> Any:
    """What a table or a list holds: the last type of `dict[…, X]`, the first of `tuple[X, ...]`."""
    arguments = get_args(annotation)
    if not arguments:
        return None
    return arguments[-1] if get_origin(annotation) is dict else arguments[0]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
