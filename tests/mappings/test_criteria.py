"""The Trust Services Criteria and how their names are read."""

import csv
from pathlib import Path

import pytest

from mappings.criteria import CRITERIA, PRIVACY, SECURITY, parse_criteria

from .corpus import recorded


def test_there_are_61_criteria_of_which_33_are_common_and_18_are_on_privacy() -> None:
    assert len(CRITERIA) == 61
    assert sum(c.category == SECURITY for c in CRITERIA.values()) == 33
    assert sum(c.category == PRIVACY for c in CRITERIA.values()) == 18


@pytest.mark.parametrize("path", recorded("controls", "strongdm-comply__tsc-2017_ids.csv"))
def test_the_ids_are_those_of_the_published_criteria(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        published = [row["criterion"] for row in csv.DictReader(file)]
    assert sorted(CRITERIA) == sorted(published)


@pytest.mark.parametrize("path", recorded("controls", "strongdm-comply__tsc-2017_ids.csv"))
def test_the_titles_are_our_own(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        theirs = {row["name"].casefold() for row in csv.DictReader(file)}
    assert {c.title.casefold() for c in CRITERIA.values()} & theirs == set()


def test_every_title_is_short_and_said_once() -> None:
    titles = [criterion.title for criterion in CRITERIA.values()]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 40


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("CC6.1", ["CC6.1"]),
        ("cc 6.1", ["CC6.1"]),
        ("CC-6.1", ["CC6.1"]),
        ("CC6.01", ["CC6.1"]),
        ("SOC2_CC6.3", ["CC6.3"]),
        ("SOC 2: CC6.3", ["CC6.3"]),
        ("TSC CC6.1", ["CC6.1"]),
        ("TSC 2017 - CC6.1", ["CC6.1"]),
        ("(CC6.1)", ["CC6.1"]),
        ("CC6.1, CC6.2;CC6.3 / CC7.1\nCC7.2", ["CC6.1", "CC6.2", "CC6.3", "CC7.1", "CC7.2"]),
        ("CC6.1 and CC7.2 & A1.1", ["CC6.1", "CC7.2", "A1.1"]),
        ("CC6.1 CC6.2", ["CC6.1", "CC6.2"]),
        ("CC6.1, 6.2", ["CC6.1", "CC6.2"]),
        ("CC6.1-CC6.3", ["CC6.1", "CC6.2", "CC6.3"]),
        ("CC6.1 – CC6.3", ["CC6.1", "CC6.2", "CC6.3"]),
        ("CC6.1 to 6.3", ["CC6.1", "CC6.2", "CC6.3"]),
        ("A1.1-3", ["A1.1", "A1.2", "A1.3"]),
        ("CC6.8-CC7.2", ["CC6.8", "CC7.1", "CC7.2"]),
        ("PI1.4", ["PI1.4"]),
        ("P1.1", ["P1.1"]),
        ("C1.1", ["C1.1"]),
        ("CC6.1 - Logical access", ["CC6.1"]),
        ("CC6.1: Logical access", ["CC6.1"]),
        ("A1.2, CC1.1, A1.2", ["CC1.1", "A1.2"]),
        ("", []),
        ("SOC 2", []),
    ],
)
def test_usual_spellings_are_read_in_the_order_of_the_criteria(text: str, known: list[str]) -> None:
    parsed = parse_criteria(text)
    assert (list(parsed.known), list(parsed.unknown)) == (known, [])


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("CC9.9", [], ["CC9.9"]),
        ("CC6.10", [], ["CC6.10"]),
        ("CC6.1.2", [], ["CC6.1.2"]),
        ("CC6", [], ["CC6"]),
        ("ACC6.1", [], ["ACC6.1"]),
        ("ISO A.5.1", [], ["ISO A.5.1"]),
        ("CC6.3-CC6.1", [], ["CC6.3-CC6.1"]),
        ("A1.1-C1.2", [], ["A1.1-C1.2"]),
        ("CC6.1, CC9.9, CC6.2, 9.9", ["CC6.1", "CC6.2"], ["CC9.9", "9.9"]),
        ("6.1", [], ["6.1"]),
    ],
)
def test_what_names_no_criterion_is_told_and_never_guessed_at(text: str, known: list[str], unknown: list[str]) -> None:
    parsed = parse_criteria(text)
    assert (list(parsed.known), list(parsed.unknown)) == (known, unknown)


def test_every_id_is_read_as_itself() -> None:
    for id_ in CRITERIA:
        assert parse_criteria(id_.lower()).known == (id_,)
