"""The lines as one table, and as a file with the machine they were measured on."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from bench.line import Line

HEADINGS = ("what", "measured", "floor", "ratio", "promised", "")


def rows(lines: Iterable[Line]) -> list[tuple[str, ...]]:
    return [
        (
            line.what,
            line.measured,
            f"{line.floor.least:g}" if line.floor else "",
            f"{line.ratio:.2f}" if line.ratio is not None else "",
            line.promised,
            line.verdict,
        )
        for line in lines
    ]


def drawn(lines: Sequence[Line]) -> str:
    """Aligned columns under their headings, and below them how each floor is worked out."""
    table = [HEADINGS, *rows(lines)]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    drawn = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    drawn.insert(1, "  ".join("─" * width for width in widths))
    sources = dict.fromkeys(f"  {line.floor.source}" for line in lines if line.floor)
    return "\n".join([*drawn, "", "Floors, the least that the API documents allow (durable-work.md 2.4):", *sources])


def machine(on: date) -> dict[str, object]:
    """What a reader must know to compare times."""
    return {
        "date": on.isoformat(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def write(lines: Iterable[Line], file: Path, on: date) -> None:
    told = {"machine": machine(on), "lines": [asdict(line) | {"verdict": line.verdict} for line in lines]}
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
