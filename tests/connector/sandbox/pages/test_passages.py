"""A body edited as a person edits it: the words that were changed, and nothing else of the source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.pages.passages import edited, found_again, passages

BODY = (
    '<h2>Notes</h2><p>Met <strong>the</strong> owner on <ac:inline-comment-marker ac:ref="r">Tuesday'
    "</ac:inline-comment-marker>.</p><table><tbody><tr><th><p>Due</p></th>"
    '<td><p><time datetime="2026-01-01"/></p></td><td/></tr></tbody></table><ul><li>one &amp; two</li>'
    '<li><p>x<br/>y</p></li></ul><p><ac:structured-macro ac:name="status"><ac:parameter ac:name="title">Open'
    '</ac:parameter></ac:structured-macro> since</p><p>by <ac:link><ri:user ri:account-id="u"/></ac:link></p>'
)
SENTENCE = "Met the owner on Tuesday."
MARKED = '<ac:inline-comment-marker ac:ref="r">Tuesday</ac:inline-comment-marker>'
ON_FRIDAY = MARKED.replace("Tuesday", "Friday")


def write(old: str, new: str) -> str:
    (name,) = (name for name, passage in passages(BODY).items() if passage.text == old)
    return edited(BODY, {name: new}, {}, {})


def test_every_text_can_be_typed_into_and_so_can_an_empty_cell() -> None:
    texts = [passage.text for passage in passages(BODY).values()]
    assert texts == ["Notes", SENTENCE, "Due", "", "one & two", "x\ny", " since", "by "]


def test_what_was_not_touched_keeps_its_bytes() -> None:
    everything = {name: passage.text.replace("\n", "\r\n") for name, passage in passages(BODY).items()}
    assert edited(BODY, everything, {}, {}) == BODY


@pytest.mark.parametrize(
    ("new", "source"),
    [
        ("Met an owner on Tuesday. OK?", f"<p>Met <strong>an</strong> owner on {MARKED}. OK?</p>"),
        ("Met the owner on Friday.", f"<p>Met <strong>the</strong> owner on {ON_FRIDAY}.</p>"),
        ("Met the owner.", "<p>Met <strong>the</strong> owner.</p>"),
        (f"{SENTENCE}\nAll <well>", f"<p>Met <strong>the</strong> owner on {MARKED}.</p><p>All &lt;well&gt;</p>"),
        ("", ""),
    ],
)
def test_formatting_and_comments_stay_on_their_words(new: str, source: str) -> None:
    old = f"<p>Met <strong>the</strong> owner on {MARKED}.</p>"
    assert write(SENTENCE, new) == BODY.replace(old, source)


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("", "done", "<td/>", "<td>done</td>"),
        ("one & two", "one & two\nthree", "<li>one &amp; two</li>", "<li>one &amp; two</li><li>three</li>"),
        ("x\ny", "x\nz", "<p>x<br/>y</p>", "<p>x<br/>z</p>"),
        ("x\ny", "", "<p>x<br/>y</p>", "<p></p>"),
        ("by ", "seen by ", "<p>by <ac:link>", "<p>seen by <ac:link>"),
        ("by ", "", "<p>by <ac:link>", "<p><ac:link>"),
    ],
)
def test_lists_cells_breaks_and_mentions_are_kept(old: str, new: str, before: str, after: str) -> None:
    assert write(old, new) == BODY.replace(before, after)


def test_a_date_a_lozenge_and_the_end_are_changed_at_once() -> None:
    date_at, lozenge_at = BODY.index("<time"), BODY.index("<ac:structured-macro")
    found = edited(BODY, {}, {date_at: "2026-12-24"}, {lozenge_at: "R&D"}, "Seen.\r\n\r\nClara")
    assert found == BODY.replace("2026-01-01", "2026-12-24").replace(">Open<", ">R&amp;D<") + "<p>Seen.</p><p>Clara</p>"


@given(st.sampled_from([SENTENCE, "one & two", "Due"]), st.text("aTu .<&\u00a0te", max_size=30))
def test_whatever_is_typed_is_what_is_read_afterwards(old: str, new: str) -> None:
    after = [passage.text for passage in passages(write(old, new)).values()]
    before = [passage.text for passage in passages(BODY).values()]
    at = before.index(old)
    assert after == [*before[:at], *([new] if new.strip() or old == "Due" else []), *before[at + 1 :]]


def test_words_are_found_again_in_a_newer_version_only_if_they_still_stand_there_once() -> None:
    (name,) = (name for name, passage in passages(BODY).items() if passage.text == SENTENCE)
    longer = f"<p>New above.</p>{BODY}"
    moved = found_again({name: "Met nobody."}, BODY, longer)
    assert moved is not None
    assert "Met nobody." in edited(longer, moved, {}, {}).replace("<strong>", "").replace("</strong>", "")
    assert found_again({name: "Met nobody."}, BODY, BODY + BODY) is None
    assert found_again({name: "Met nobody."}, BODY, "<p>theirs</p>") is None
