"""Every type of request has guidance short enough to be read."""

import pytest

from mappings.guidance import GUIDANCE, guidance_for


@pytest.mark.parametrize("kind", ["population", "sample", "policy", "configuration", "walkthrough", "other"])
def test_each_type_has_two_or_three_sentences(kind: str) -> None:
    lines = guidance_for(kind)
    assert len(lines) in (2, 3)
    assert all(line.endswith(".") and len(line) <= 120 for line in lines)
    assert set(GUIDANCE) == {"population", "sample", "policy", "configuration", "walkthrough", "other"}


def test_an_unknown_type_gets_the_general_lines() -> None:
    assert guidance_for("interpretive dance") == guidance_for("") == GUIDANCE["other"]
    assert guidance_for(" Population ") == GUIDANCE["population"]


def test_a_companys_own_words_win_also_for_types_of_its_own() -> None:
    own = {"policy": ("Ask Petra.",), "Pen Test": ("The report and the letter.",)}
    assert guidance_for("policy", own) == ("Ask Petra.",)
    assert guidance_for("Pen test", own) == ("The report and the letter.",)
    assert guidance_for("sample", own) == GUIDANCE["sample"]
