"""Our parts of a page are rewritten; people's words around them, and their comments inside them, stay."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.confluence.editor import saved_by_editor
from mappings.storage import (
    check_well_formed,
    escape,
    normalise,
    outside_regions,
    read_regions,
    replace_regions,
)
from mappings.storage.parsing import Chars, Element, parse
from mappings.storage.writing import heading, paragraph, properties, region, table
from tests.mappings.corpus import recorded

FACTS = region("tieout-facts", properties([("Status", "Open"), ("Due", "2026-12-01"), ("Owner", "Ada &amp; Ben")]))
ASKED = region("tieout-asked", heading("What is asked") + paragraph("The list of leavers in the year."))
NEW = {
    "tieout-facts": region("tieout-facts", properties([("Status", "Submitted"), ("Due", "2027-01-15")])),
    "tieout-asked": region("tieout-asked", heading("What is asked") + paragraph("The list of joiners.")),
}
THEIRS = region("my-own", paragraph("tieout-facts is not this"))


def marked(ref: str, text: str) -> str:
    return f'<ac:inline-comment-marker ac:ref="{ref}">{text}</ac:inline-comment-marker>'


def refs(body: str) -> list[tuple[str, str]]:
    """Each comment with the words it is tied to."""
    found: dict[str, str] = {}
    for element in parse(body).descendants():
        if element.name == "ac:inline-comment-marker":
            ref = element.attributes["ac:ref"]
            found[ref] = found.get(ref, "") + "".join(words(element))
    return sorted(found.items())


def words(element: Element) -> Iterator[str]:
    for child in element.children:
        yield from (child.text,) if isinstance(child, Chars) else words(child)


def places(body: str) -> list[int]:
    """Where something may stand on a page: before, between and behind its outermost elements."""
    return [0, *(element.end for element in parse(body).elements()), len(body)]


@pytest.mark.parametrize("path", recorded("confluence_pages"))
def test_rewriting_our_parts_of_a_recorded_page_leaves_all_else_byte_for_byte(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    for first in places(body):
        for second in places(body)[-1:] + places(body)[:1]:
            early, late = sorted((first, second))
            pieces = (body[:early], FACTS, body[early:late], ASKED, body[late:])
            rewritten = replace_regions("".join(pieces), NEW)
            assert (
                rewritten == body[:early] + NEW["tieout-facts"] + body[early:late] + NEW["tieout-asked"] + body[late:]
            )
            assert outside_regions(rewritten) == body


@pytest.mark.parametrize("path", recorded("confluence_pages"))
def test_parts_of_a_recorded_page_that_are_gone_are_put_back_and_nothing_else_is_touched(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    written = replace_regions(body, NEW)
    check_well_formed(written)
    assert outside_regions(written) == body
    assert {key: found.source for key, found in read_regions(written).items()} == NEW
    assert replace_regions(written, NEW) == written


def test_regions_are_found_inside_layouts_and_between_words() -> None:
    body = (
        f'<p>é before</p><ac:layout><ac:layout-section ac:type="single"><ac:layout-cell>{FACTS}<p>mine</p>'
        f"</ac:layout-cell></ac:layout-section></ac:layout>{THEIRS}<blockquote>{ASKED}</blockquote>"
    )
    found = read_regions(body)
    assert list(found) == ["tieout-facts", "tieout-asked"]
    assert [body[part.begin : part.end] for part in found.values()] == [FACTS, ASKED]
    assert THEIRS in replace_regions(body, NEW)


def test_a_part_that_says_the_same_keeps_the_bytes_the_editor_gave_it() -> None:
    numbers = iter(range(100))
    saved = saved_by_editor(f"<p>a</p>{FACTS}<p>b</p>{ASKED}", lambda: f"id-{next(numbers)}")
    assert saved != f"<p>a</p>{FACTS}<p>b</p>{ASKED}"
    assert replace_regions(saved, {"tieout-facts": FACTS, "tieout-asked": ASKED}) == saved


def test_a_deleted_part_comes_back_behind_the_one_before_it_in_our_order() -> None:
    body = f"<p>intro</p>{FACTS}<p>notes</p>"
    assert replace_regions(body, {"tieout-facts": FACTS, "tieout-asked": ASKED}) == (
        f"<p>intro</p>{FACTS}{ASKED}<p>notes</p>"
    )


def test_deleted_first_parts_come_back_at_the_top_in_our_order() -> None:
    third = region("tieout-sync", paragraph("in step"))
    body = f"<p>intro</p>{third}"
    regions = {"tieout-facts": FACTS, "tieout-asked": ASKED, "tieout-sync": third}
    assert replace_regions(body, regions) == f"{FACTS}{ASKED}<p>intro</p>{third}"


def test_on_a_page_with_a_layout_the_top_is_inside_its_first_cell() -> None:
    start = '<ac:layout><ac:layout-section ac:type="single"><ac:layout-cell>'
    end = "<p>x</p></ac:layout-cell></ac:layout-section></ac:layout>"
    assert replace_regions(start + end, {"tieout-facts": FACTS}) == start + FACTS + end


def test_of_a_copied_part_the_first_stays_ours_and_the_copy_becomes_its_authors() -> None:
    copied = ASKED.replace("leavers", "leavers, and my own words")
    written = replace_regions(f"<p>a</p>{ASKED}<p>b</p>{copied}", {"tieout-asked": ASKED})
    assert written == f"<p>a</p>{ASKED}<p>b</p>" + copied.replace("tieout-asked", "copy-of-tieout-asked")
    assert replace_regions(written, {"tieout-asked": ASKED}) == written
    assert read_regions(written)["tieout-asked"].copies == ()


def test_a_copy_with_an_oddly_written_id_is_renamed_too() -> None:
    name = '<ac:parameter ac:name="id">&nbsp;\n&#116;ieout-asked </ac:parameter>'
    odd = f'<ac:structured-macro ac:name="details">{name}</ac:structured-macro>'
    written = replace_regions(ASKED + odd, {"tieout-asked": ASKED})
    assert "\n" + "copy-of-&#116;ieout-asked" in written
    assert read_regions(written)["tieout-asked"].copies == ()


def test_a_part_moved_into_another_part_is_put_back_behind_it() -> None:
    nested = region("tieout-facts", properties([("Status", "Open")]) + ASKED)
    written = replace_regions(nested, {"tieout-facts": FACTS, "tieout-asked": ASKED})
    assert written == FACTS + ASKED


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        # the same words in the same cell, whatever else changed
        (properties([("Due", f"by {marked('r', 'December')} 1")]), properties([("Due", "in December")]), "December"),
        # the same words in the same paragraph
        (paragraph(f"the list of {marked('r', 'leavers')} now"), paragraph("a list of leavers"), "leavers"),
        # the nearest of several
        (paragraph(f"a b a b {marked('r', 'a')} c"), paragraph("a b a b a d"), "a"),
        # the cell changed: the heading of its row
        (
            properties([("Status", marked("r", "Open")), ("Due", "x")]),
            properties([("Status", "Done"), ("Due", "x")]),
            "Status",
        ),
        # a marker around a mention has no words: the heading of its row
        (
            properties([("Owner", marked("r", '<ac:link><ri:user ri:account-id="1"/></ac:link>'))]),
            properties([("Owner", "-")]),
            "Owner",
        ),
        # the row is gone: what stands nearest in the table
        (table(["File"], [["a"], [marked("r", "b")], ["c"]]), table(["File"], [["a"], ["c"]]), "a"),
        # nothing is left of it: the first word
        (paragraph(marked("r", "all of it")), heading("What else") + paragraph("new"), "What"),
        # over two elements: one marker each
        (
            paragraph(f"{marked('r', 'one ')}<strong>{marked('r', 'two')}</strong>"),
            paragraph("one <strong>two</strong> three"),
            "one two",
        ),
        # an entity is one letter
        (paragraph(f"{marked('r', 'Ada &amp; Ben')} ask"), paragraph("now Ada &amp; Ben ask"), "Ada & Ben"),
    ],
)
def test_a_comment_inside_our_part_keeps_its_words_or_the_nearest(old: str, new: str, kept: str) -> None:
    written = replace_regions(region("tieout-x", old), {"tieout-x": region("tieout-x", new)})
    check_well_formed(written)
    assert refs(written) == [("r", kept)]
    assert normalise(written) == normalise(region("tieout-x", new))


def test_a_row_is_known_again_by_its_first_cell_when_rows_move() -> None:
    old = table(["File", "Size"], [["a.pdf", "3 MB"], ["b.pdf", f"3 {marked('r', 'MB')}"]])
    new = table(["File", "Size"], [["new.pdf", "1 MB"], ["a.pdf", "3 MB"], ["b.pdf", "4 MB"]])
    written = replace_regions(region("tieout-x", old), {"tieout-x": region("tieout-x", new)})
    assert f"<td><p>b.pdf</p></td><td><p>4 {marked('r', 'MB')}</p></td>" in written


def test_comments_on_overlapping_words_both_survive() -> None:
    old = paragraph(marked("r1", "one " + marked("r2", "two")) + marked("r2", " three"))
    written = replace_regions(
        region("tieout-x", old), {"tieout-x": region("tieout-x", paragraph("zero one two three"))}
    )
    check_well_formed(written)
    assert refs(written) == [("r1", "one two"), ("r2", "two three")]


def test_a_comment_survives_even_when_our_part_has_no_words_left() -> None:
    written = replace_regions(region("tieout-x", marked("r", "x")), {"tieout-x": region("tieout-x", "<hr/>")})
    check_well_formed(written)
    assert refs(written) == [("r", "")]


def test_comments_outside_our_parts_stay_where_they_are() -> None:
    words = paragraph(f"people {marked('p', 'wrote')} this")
    written = replace_regions(words + FACTS + words, {"tieout-facts": NEW["tieout-facts"]})
    assert written == words + NEW["tieout-facts"] + words


_WORDS = st.text("ab cd&é😀\n", max_size=12).map(escape)
_BLOCK = st.one_of(
    _WORDS.map(paragraph),
    st.lists(st.lists(_WORDS, min_size=2, max_size=2), max_size=3).map(lambda rows: table(["a", "b"], rows)),
    _WORDS.map(lambda words: f"<div><p>{words}</p>{words}<!-- {escape('x')} --></div>"),
)
_MARKED_BLOCK = st.builds(
    lambda block, picks: _with_markers(block, picks),
    st.lists(_BLOCK, min_size=1, max_size=3).map("".join),
    st.sets(st.integers(0, 6)),
)


def _with_markers(block: str, picks: set[int]) -> str:
    """The block with some of its runs of letters inside markers."""
    runs = iter(range(1000))
    return re.sub(
        r"(?<=>)([a-dé😀]+)",
        lambda run: marked(f"r{at}", run[1]) if (at := next(runs)) in picks else run[1],
        block,
    )


@given(st.lists(_MARKED_BLOCK, min_size=3, max_size=3), st.lists(_BLOCK, min_size=3, max_size=3))
def test_whatever_changes_no_word_of_people_and_no_comment_is_lost(old: list[str], people: list[str]) -> None:
    first, second = region("tieout-a", old[0]), region("tieout-b", old[1])
    body = people[0] + first + people[1] + second + people[2]
    new = {"tieout-a": region("tieout-a", old[2]), "tieout-b": region("tieout-b", old[0])}
    new = {key: re.sub("</?ac:inline-comment-marker[^>]*>", "", xml) for key, xml in new.items()}
    written = replace_regions(body, new)
    check_well_formed(written)
    assert {ref for ref, _ in refs(written)} == {ref for ref, _ in refs(first + second)}
    for piece in people:
        assert piece in outside_regions(written)
    for key, xml in new.items():
        assert normalise(read_regions(written)[key].source) == normalise(xml)
    assert replace_regions(written, new) == written
