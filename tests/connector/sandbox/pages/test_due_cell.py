"""The date in the Due row, set without touching anything else."""

from datetime import date

import pytest

from connector.sandbox.pages.acting import TurnedAwayError
from connector.sandbox.pages.due_cell import with_due

ON = date(2026, 12, 1)


def facts(cell: str, before: str = "", name: str = "details") -> str:
    rows = f"<tr><th><p>Number</p></th><td><p>R-1</p></td></tr><tr><th><p>Due</p></th><td>{cell}</td></tr>"
    table = f"<table><tbody>{rows}</tbody></table>"
    return (
        f'{before}<ac:structured-macro ac:name="{name}"><ac:parameter ac:name="id">tieout-facts</ac:parameter>'
        f"<ac:rich-text-body>{table}</ac:rich-text-body></ac:structured-macro><p>Due <time datetime='2020-01-01'/></p>"
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<p><time datetime="2026-11-30"/></p>', '<p><time datetime="2026-12-01"/></p>'),
        ('<p local-id="a"><time datetime="2026-11-30" /> </p>', '<p local-id="a"><time datetime="2026-12-01" /> </p>'),
        ("<p><time datetime='2026-11-30'></time></p>", '<p><time datetime="2026-12-01"></time></p>'),
        ("<p>Not set</p>", '<p><time datetime="2026-12-01" /></p>'),
        ("<p><strong>Not</strong> set</p>", '<p><strong><time datetime="2026-12-01" /></strong></p>'),
        ("", '<p><time datetime="2026-12-01" /></p>'),
    ],
)
def test_a_date_takes_the_place_of_what_the_cell_says(cell: str, expected: str) -> None:
    assert with_due(facts(cell), ON) == facts(expected)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [('<p><time datetime="2026-11-30"/></p>', "<p></p>"), ("<p>Not set</p>", "<p></p>")],
)
def test_a_date_is_taken_out(cell: str, expected: str) -> None:
    assert with_due(facts(cell), None) == facts(expected)


@pytest.mark.parametrize("body", ["<p>Due</p>", facts("<p>Not set</p>", name="panel")])
def test_a_page_without_a_due_row_in_its_properties_says_so(body: str) -> None:
    with pytest.raises(TurnedAwayError, match="no Due row"):
        with_due(body, ON)


def test_a_due_row_outside_the_properties_stays_as_it_is() -> None:
    before = "<table><tbody><tr><th>Due</th><td>never</td></tr></tbody></table>"
    assert with_due(facts("<p>Not set</p>", before), ON) == facts('<p><time datetime="2026-12-01" /></p>', before)
