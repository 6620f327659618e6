"""What each behaviour of the sandbox rests on: a section of `reference/atlassian.md`, words of it, and the test.

The sandbox's own authors are no evidence. A row whose words stand no longer in that section, or whose test is gone,
is red.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REFERENCE = HERE.parents[2] / ".." / "shared" / "reference" / "atlassian.md"
HEADING = re.compile(r"^## (\d\.\d) ", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """`test` is file and function below this folder."""

    section: str
    words: str
    test: str


def _read(line: str) -> Source:
    section, words, test = line.split(" | ")
    return Source(section, words, test)


LINES = (HERE / "sources.txt").read_text(encoding="utf-8").splitlines()
SOURCES = tuple(_read(line) for line in LINES if line and not line.startswith("#"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: f"{source.section} {source.test.partition('::')[2]}")
def test_a_behaviour_rests_on_the_reference(source: Source) -> None:
    file, _, name = source.test.partition("::")
    assert f"def test_{name}(" in _text(HERE / file), f"{source.test} is gone"
    if REFERENCE.is_file():
        assert source.words in _sections()[source.section]


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def _sections() -> dict[str, str]:
    parts = HEADING.split(_text(REFERENCE))
    return dict(zip(parts[1::2], parts[2::2], strict=True))
