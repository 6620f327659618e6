"""docs/when-check-says.md, made from the table of findings; `python -m tests.connector.findings_page` does it."""

from __future__ import annotations

import re
from pathlib import Path

from connector.checks import SUBJECTS
from connector.checks.findings import Kind

PAGE = Path(__file__).parents[2] / "docs" / "when-check-says.md"
HEAD = """\
# When check says …

`tieout check` asks both sites whether what the mapping file names is there and allowed. Each finding has a name that
does not change, in [brackets] at the end of its line and as `name` with `--json`. An **error** is something that will
not work until it is mended (the command ends with 1); a **warning** works less well, or not for long; a **note** is
good to know.

The same is looked at when `tieout serve` starts and every hour. What drifts raises one alert (`tieout alerts`), which
goes away by itself when it is mended; `/readyz` shows the names. While an error is in force, records that a site
refuses wait, for that may be why, and are tried again as soon as something is mended; all others go on.

This page is made from the table that the checks read (`connector/checks/catalogue.py`); *words like these* stand for
names of yours.
"""


def made() -> str:
    parts = [HEAD]
    for subject, kinds in SUBJECTS.items():
        parts.append(f"## {subject}\n")
        parts += [_section(name, kind) for name, kind in kinds.items()]
    return "\n".join(parts)


def _section(name: str, kind: Kind) -> str:
    said = f"> {kind.severity}: {_shown(kind.what)}, *where*: {_shown(kind.why)}"
    return f"### {name}\n\n{said}\n\n**To mend it:** {_shown(kind.mend)}.\n"


def _shown(text: str) -> str:
    """A template as people read it; in code a placeholder cannot be slanted, so it is put in capitals."""
    inside = re.sub(r"`[^`]*`", lambda code: re.sub(r"(?<!{){(\w+)}", lambda m: m[1].upper(), code[0]), text)
    return (
        re.sub(r"(?<!{){(\w+)}(?!})", lambda m: f"*{m[1].replace('_', ' ')}*", inside)
        .replace("{{", "{")
        .replace("}}", "}")
    )


if __name__ == "__main__":
    PAGE.write_text(made(), encoding="utf-8")
