"""The README's tables, made from the code. `python -m tests.readme_tables` writes them into the README."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from mappings.commands import HOW_TO_DECIDE
from mappings.lifecycle import as_markdown_table
from mappings.records import Kind
from webhooks.cli import tieout
from webhooks.settings import Settings, variable

README = Path(__file__).parents[1] / "README.md"


def tables() -> dict[str, str]:
    """Each table by the name it has in the README."""
    return {
        "decisions": _table("comment|what it does", (line.split(" – ", 1) for line in HOW_TO_DECIDE[1:])),
        "request moves": as_markdown_table(Kind.REQUEST).strip(),
        "task moves": as_markdown_table(Kind.TASK).strip(),
        "settings": _table("variable|without it|what", _settings()),
        "commands": _table("command|what", _commands(tieout, "tieout")),
    }


def with_tables(text: str) -> str:
    """The README's text with every table as the code says it."""
    for name, table in tables().items():
        between = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        assert len(between.findall(text)) == 1, f"the README has one place for the table {name!r}"
        text = between.sub(partial(_filled, table), text)
    return text


def _filled(table: str, place: re.Match[str]) -> str:
    return f"{place[1]}\n{table}\n\n{place[2]}"


def _settings() -> Iterator[list[str]]:
    for name, field in Settings.model_fields.items():
        value = field.default.get_secret_value() if hasattr(field.default, "get_secret_value") else field.default
        yield [f"`{variable(name)}`", f"`{value}`" if value else "", field.description or ""]


def _commands(command: click.Command, name: str) -> Iterator[list[str]]:
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for part in command.list_commands(ctx):
            found = command.get_command(ctx, part)
            assert found is not None, f"`{name} {part}` is listed and not there"
            yield from _commands(found, f"{name} {part}")
        return
    arguments = [p.human_readable_name for p in command.params if isinstance(p, click.Argument)]
    options = [max(p.opts, key=len) for p in command.params if isinstance(p, click.Option)]
    first = (command.help or "").split("\n\n")[0].replace("\n", " ")
    known = f" Options: {', '.join(f'`{option}`' for option in options)}." if options else ""
    yield [f"`{' '.join([name, *arguments])}`", first + known]


def _table(heads: str, rows: Iterator[list[str]]) -> str:
    lines = [
        heads.split("|"),
        ["---"] * len(heads.split("|")),
        *([cell.replace("|", "\\|") for cell in r] for r in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8")
