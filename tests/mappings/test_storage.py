"""Storage format: what is escaped, refused, read as text, and taken for the same."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.confluence.editor import saved_by_editor
from mappings.storage import NotStorage, check_well_formed, escape, normalise, plain_text, to_storage
from mappings.storage.parsing import MAX_DEPTH, parse
from mappings.text import Bullets, Heading, Mention, Paragraph, Text, paragraphs, plain
from tests.mappings.corpus import GOLDEN, recorded
from tests.mappings.nasty import NASTY


@given(NASTY)
def test_escaped_text_is_always_well_formed_and_reads_back(text: str) -> None:
    body = f'<p title="{escape(text)}">{escape(text)}</p>'
    check_well_formed(body)
    kept = "".join(c for c in text if c in "\t\n\r" or " " <= c < "\ud800" or "\ue000" <= c < "\ufffe" or c > "\uffff")
    assert plain_text(body).split() == kept.replace("\xa0", " ").split()


@given(NASTY, NASTY, NASTY)
def test_a_document_is_well_formed_whatever_is_written_in_it(text: str, name: str, address: str) -> None:
    document = (
        Heading(9, text),
        Paragraph(
            (Text(text, strong=True, href=address), Mention(name, text), Text(text, href=f"https://x/{address}"))
        ),
        Bullets(((Text(text),), (Mention(name, name),))),
    )
    check_well_formed(to_storage(document))


def test_a_document_reads_back_as_its_plain_text() -> None:
    document = (
        *paragraphs("First line\nsecond line\n\nNext"),
        Heading(2, "What & why"),
        Bullets(((Text("one", strong=True), Text(" of two")), (Text("<two>", href="https://example.com/?a=1&b=2"),))),
    )
    assert plain_text(to_storage(document)) == plain(document)


def test_a_link_to_anything_but_web_or_mail_is_only_text() -> None:
    written = to_storage((Paragraph((Text("press", href="javascript:alert(1)"), Text("me", href="mailto:a@b.c"))),))
    assert written == '<p>press<a href="mailto:a@b.c">me</a></p>'


def test_a_mention_is_a_user_link() -> None:
    assert to_storage((Paragraph((Mention('5b1"0', "Ada"),)),)) == (
        '<p><ac:link><ri:user ri:account-id="5b1&quot;0"/></ac:link></p>'
    )


@pytest.mark.parametrize(
    ("body", "where", "excerpt"),
    [
        ("<p>one\ntwo <b>x</p>", "line 2, column 11", "two <b>x</p>"),
        ("<p>&unknown;</p>", "line 1, column 4", "&unknown;"),
        ("a < b", "line 1, column 4", "a < b"),
        ("</p>", "line 1, column 3", "</p>"),
        ("<p>\x0b</p>", "line 1, column 4", "<p>"),
        ("<x:thing/>", "line 1, column 1", "<x:thing/>"),
        ("é\n<p x:y='1'>z</p>", "line 2, column 1", "<p x:y='1'>"),
        ("ok \ud800", "line 1, column 4", "ok"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>&b;', "line 1", "<!DOCTYPE"),
        ('<p xmlns:q="u"><q:r/></p>', "line 1, column 16", "<q:r/>"),
    ],
)
def test_what_is_not_storage_format_is_refused_with_its_place(body: str, where: str, excerpt: str) -> None:
    with pytest.raises(NotStorage, match=where) as refused:
        check_well_formed(body)
    assert excerpt in str(refused.value)


def test_a_body_cannot_nest_without_end() -> None:
    with pytest.raises(NotStorage, match="nested at most"):
        parse("<b>" * (MAX_DEPTH + 1) + "</b>" * (MAX_DEPTH + 1))
    deep = "<b>" * (MAX_DEPTH - 1) + "x" + "</b>" * (MAX_DEPTH - 1)
    assert plain_text(deep) == "x"
    assert normalise(normalise(deep)) == normalise(deep)


@pytest.mark.parametrize("path", recorded("confluence_pages"))
def test_every_node_of_a_recorded_page_knows_its_own_source(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    check_well_formed(body)
    for element in parse(body).descendants():
        assert body[element.begin : element.inner_begin].startswith(f"<{element.name}")
        assert body[element.inner_end : element.end] in (f"</{element.name}>", "")
        parse(body[element.begin : element.end])


@pytest.mark.parametrize("path", recorded("confluence_pages"))
def test_a_recorded_page_saved_by_the_editor_still_says_the_same(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    numbers = iter(range(10_000))
    saved = saved_by_editor(body, lambda: f"id-{next(numbers)}")
    assert normalise(saved) == normalise(body)
    assert normalise(normalise(body)) == normalise(body)


@pytest.mark.parametrize("before", sorted(GOLDEN.glob("*.before.xml")), ids=lambda path: path.name)
def test_an_edited_text_has_the_canonical_form_on_record(before: Path) -> None:
    after = before.with_name(before.name.replace(".before.", ".after."))
    assert normalise(before.read_text(encoding="utf-8")) == after.read_text(encoding="utf-8").rstrip("\n")


@pytest.mark.parametrize("page", sorted(GOLDEN.glob("*.words.xml")), ids=lambda path: path.name)
def test_a_text_reads_as_the_words_on_record(page: Path) -> None:
    words = page.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")
    assert plain_text(page.read_text(encoding="utf-8"), {"5b10": "Clara Weiss"}) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p />", "<p></p>"),
        ("<td></td>", "<td><p local-id='1' /></td>"),
        ("<td>x</td>", "<td><p>x</p></td>"),
        ("<p>a&nbsp;b&eacute;</p>", "<p>a bé</p>"),
        ("<p>a</p>\n\n<p>b</p>", "<p>a</p><p>b</p>"),
        ('<p a="1" b="2">x</p>', '<p b="2" a="1">x</p>'),
        ('<p>a <ac:inline-comment-marker ac:ref="r">b</ac:inline-comment-marker> c</p>', "<p>a b c</p>"),
        ("<table><colgroup><col/></colgroup><tr></tr></table>", "<table><tbody><tr></tr></tbody></table>"),
        ("<p><b>x </b>y<i>z</i></p>", "<p><strong>x </strong>y<em>z</em></p>"),
        ("<p><span style='x'>a</span></p>", "<p>a</p>"),
        ("<ac:plain-text-body><![CDATA[a<b]]></ac:plain-text-body>", "<ac:plain-text-body>a&lt;b</ac:plain-text-body>"),
    ],
)  # fmt: skip
def test_spellings_of_the_same_are_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<p>a b</p>", "<p>ab</p>"),
        ("<p>a</p>", "<h1>a</h1>"),
        ("<p>a<br/>b</p>", "<p>a b</p>"),
        ("<p>a</p><p>b</p>", "<p>ab</p>"),
        ('<time datetime="2026-12-01"/>', '<time datetime="2026-12-02"/>'),
        ("<pre>a  b</pre>", "<pre>a b</pre>"),
        ("<ac:task-status>complete</ac:task-status>", "<ac:task-status>incomplete</ac:task-status>"),
        ('<ri:user ri:account-id="1"/>', '<ri:user ri:account-id="2"/>'),
    ],
)  # fmt: skip
def test_a_change_of_words_is_not_normalised_away(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


_TAGS = (
    "p strong b td tr table tbody span li ul pre ac:task-body col time ac:structured-macro ac:parameter "
    "ac:inline-comment-marker ac:plain-text-body br div ac:link"
)
_XML = st.recursive(
    NASTY.map(escape)
    | st.sampled_from(["&nbsp;", " ", "\r\n", "<!-- c -->", "<![CDATA[ x&y ]]>", "a", "&#10;", "&#13;"]),
    lambda inner: st.builds(
        lambda tag, value, children: f'<{tag} ac:name="{escape(value)}">{"".join(children)}</{tag}>',
        st.sampled_from(_TAGS.split()),
        NASTY,
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(_XML)
def test_the_canonical_form_is_its_own_canonical_form(xml: str) -> None:
    once = normalise(xml)
    check_well_formed(once)
    assert normalise(once) == once


@given(_XML)
def test_any_well_formed_text_reads_as_words(xml: str) -> None:
    words = plain_text(xml)
    assert not any(mark in words for mark in "\x1d\x1e\x1f")
    assert plain_text("".join(f"<p>{escape(line)}</p>" for line in words.split("\n\n"))).split() == words.split()
