"""Wiki markup: what is written reads back as it was, nothing from outside is markup, and people's markup gives text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.text import Bullets, Document, Heading, Mention, Paragraph, Run, Text, paragraphs, plain
from mappings.wiki import from_wiki, to_wiki, wiki_to_text
from tests.mappings.nasty import NASTY

_WORDS = st.lists(st.text("ab1é.-+*_#{}[]|!\\^~?&;:()<>/'\"h", min_size=1, max_size=8), min_size=1, max_size=4).map(
    " ".join
)


def _run(index: int, text: str) -> Run:
    """Runs of every kind in turn, so that no two neighbours are of one kind."""
    kinds = (
        Text(text),
        Text(text, strong=True),
        Text(text, href="https://wiki.example/a_b?x=1&y=2#z"),
        Mention("dana.kim", "dana.kim"),
    )
    return kinds[index % len(kinds)]


_RUNS = st.lists(_WORDS, min_size=1, max_size=5).map(lambda texts: tuple(_run(n, text) for n, text in enumerate(texts)))
_WRITTEN = st.lists(
    st.builds(Paragraph, _RUNS)
    | st.builds(Heading, st.integers(1, 6), _WORDS)
    | st.builds(Bullets, st.lists(_RUNS, min_size=1, max_size=3).map(tuple)),
    max_size=4,
).map(tuple)


@given(_WRITTEN)
def test_what_is_written_reads_back_as_the_same_document(document: Document) -> None:
    assert from_wiki(to_wiki(document)) == document


@given(NASTY)
def test_whatever_comes_from_outside_is_text_and_never_markup(text: str) -> None:
    read = from_wiki(to_wiki(paragraphs(text)))
    assert all(isinstance(block, Paragraph) for block in read)
    runs = [run for block in read if isinstance(block, Paragraph) for run in block.runs]
    assert all(isinstance(run, Text) and not run.strong and run.href is None for run in runs)


@given(NASTY)
def test_reading_never_fails(text: str) -> None:
    wiki_to_text(text)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("{color:red}now{color}", r"\{color:red\}now\{color\}"),
        ("[~admin] look", r"\[\~admin\] look"),
        ("!https://evil.example/x.png!", r"\!https://evil.example/x.png\!"),
        ("* not a list", r"\* not a list"),
        ("- nor this", r"\- nor this"),
        ("# nor this", "&#35; nor this"),
        ("h1. no heading", "&#104;1. no heading"),
        ("bq. no quote", "&#98;q. no quote"),
        ("----", r"\-\-\-\-"),
        ("a|b||c", r"a\|b\|\|c"),
        (r"C:\new \\server", r"C:&#92;new &#92;&#92;server"),
        ("&lt;b&gt; & co", "&amp;lt;b&amp;gt; & co"),
        ("access-review_2026.xlsx", r"access-review\_2026.xlsx"),
        ("https://x.example/a_b-c", "https://x.example/a_b-c"),
        ("all done (y) :)", r"all done \(y) &#58;)"),
    ],
)
def test_each_mark_is_escaped_where_it_would_be_one(said: str, written: str) -> None:
    assert to_wiki((Paragraph((Text(said),)),)) == written
    assert wiki_to_text(written) == said


def test_a_document_is_laid_out_as_plain_text_is() -> None:
    runs = (Text("a "), Text("b", strong=True)), (Text("c"), Text(" d", href="https://x.example"))
    document = (*paragraphs("one\ntwo\n\nthree"), Heading(3, "Head"), Bullets(runs))
    assert to_wiki(document) == "one\ntwo\n\nthree\n\nh3. Head\n\n* a {*}b{*}\n* c [d|https://x.example]"
    assert wiki_to_text(to_wiki(document)) == plain(document)


@pytest.mark.parametrize("name", ["", "a b", "x]y", "x|y", "{x}"])
def test_a_name_that_would_break_out_of_a_mention_is_only_text(name: str) -> None:
    (block,) = from_wiki(to_wiki((Paragraph((Mention(name, "Dana"),)),)))
    assert block == Paragraph((Text("@Dana"),))


@pytest.mark.parametrize("address", ["https://x.example/a]b|c", "https://x.example/{a}\\b", "https://x.example/a b"])
def test_an_address_cannot_end_its_link(address: str) -> None:
    (block,) = from_wiki(to_wiki((Paragraph((Text("x", href=address), Text(" y"))),)))
    assert isinstance(block, Paragraph)
    assert [run.text for run in block.runs if isinstance(run, Text)] == ["x", " y"]


def test_a_link_to_anything_but_web_or_mail_is_only_text() -> None:
    assert to_wiki((Paragraph((Text("x", href="javascript:alert(1)"),)),)) == "x"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("*auditor:* see _here_, not -there-", "auditor: see here, not there"),
        ("due 2026-12-01", "due 2026-12-01"),
        ("see [the report|https://x.example/r] and [https://x.example]", "see the report and https://x.example"),
        ("[~dana.kim] please", "@dana.kim please"),
        ("{quote}\nsaid\n{quote}", "said"),
        ("||Name||Size||\n|a.csv|12|", "Name | Size\na.csv | 12"),
        ("* one\n* two\n\nafter", "- one\n- two\n\nafter"),
        ("# first\n# second", "- first\n- second"),
        ("h2. Scope\nAll of it.", "Scope\n\nAll of it."),
        ("a\\\\b", "a\nb"),
        ("!shot.png|thumbnail!", "[shot.png]"),
        ("snake_case_name and 3*4*5", "snake_case_name and 3*4*5"),
        ("one\r\ntwo\r\n\r\nthree", "one\ntwo\n\nthree"),
        ("", ""),
    ],
)
def test_what_people_write_reads_as_they_see_it(markup: str, text: str) -> None:
    assert wiki_to_text(markup) == text
