"""Jira's document format: what is written passes Atlassian's schema, whatever is read gives text."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from mappings.adf import MAX_DEPTH, adf_to_text, comment_text, to_adf
from mappings.text import Bullets, Document, Heading, Mention, Paragraph, Text, paragraphs, plain
from tests.mappings.corpus import CORPUS, recorded
from tests.mappings.nasty import NASTY


@cache
def schema() -> Draft4Validator:
    path = CORPUS / "adf" / "atlaskit-adf-schema-57.7.22__full.json"
    if not path.exists():
        pytest.skip(f"../shared is not here: {path}")
    return Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


_RUNS = st.lists(
    st.builds(Text, NASTY, st.booleans(), st.none() | NASTY | NASTY.map("https://example.com/{}".format))
    | st.builds(Mention, NASTY, NASTY),
    max_size=4,
).map(tuple)
_DOCUMENTS = st.lists(
    st.builds(Paragraph, _RUNS)
    | st.builds(Heading, st.integers(-1, 9), NASTY)
    | st.builds(Bullets, st.lists(_RUNS, max_size=3).map(tuple)),
    max_size=5,
).map(tuple)


@settings(max_examples=40)
@given(_DOCUMENTS)
def test_every_document_passes_the_schema_of_atlassian(document: Document) -> None:
    written = to_adf(document)
    schema().validate(written)
    assert '"text": ""' not in json.dumps(written)


@given(st.lists(st.text("ab\n <&é😀-", min_size=1).map(Text), min_size=1, max_size=4))
def test_what_is_written_reads_back_as_its_plain_text(runs: list[Text]) -> None:
    document = (Heading(2, "Head"), Paragraph(tuple(runs)), Bullets((tuple(runs), (Mention("5b", "Ada"),))))
    assert adf_to_text(to_adf(document)).split() == plain(document).split()


def test_a_document_is_laid_out_as_plain_text_is() -> None:
    document = (
        *paragraphs("one\ntwo\n\nthree"),
        Heading(3, "Head"),
        Bullets(((Text("a "), Text("b", strong=True)), (Mention("5b", "Ada"), Text(" c", href="https://x.example")))),
    )
    assert adf_to_text(to_adf(document)) == plain(document)


def test_marks_mentions_and_breaks_are_written_as_jira_does() -> None:
    written = to_adf((Paragraph((Text("a\nb", strong=True, href="https://x.example"), Mention("5b", "Ada"))),))
    marks = [{"type": "strong"}, {"type": "link", "attrs": {"href": "https://x.example"}}]
    assert written["content"][0]["content"] == [
        {"type": "text", "text": "a", "marks": marks},
        {"type": "hardBreak"},
        {"type": "text", "text": "b", "marks": marks},
        {"type": "mention", "attrs": {"id": "5b", "text": "@Ada"}},
    ]


def test_a_link_to_anything_but_web_or_mail_is_only_text() -> None:
    written = to_adf((Paragraph((Text("x", href="javascript:alert(1)"),)),))
    assert written["content"][0]["content"] == [{"type": "text", "text": "x"}]


def _texts(node: Any) -> list[str]:
    """Every text that stands in a recorded document, wherever."""
    if isinstance(node, list):
        return [text for child in node for text in _texts(child)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if node.get("type") == "text" else []
    return own + [text for child in node.values() for text in _texts(child)]


@pytest.mark.parametrize("path", [*recorded("adf", "atlaskit-valid*"), *recorded("adf", "atlaskit-fixture*")])
def test_every_recorded_document_gives_its_texts_in_order(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    read = "".join(adf_to_text(document).split())
    at = 0
    for text in _texts(document):
        wanted = "".join(text.split())
        assert wanted in read[at:]
        at = read.index(wanted, at) + len(wanted)


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ({"type": "emoji", "attrs": {"shortName": ":ok:", "text": "👌"}}, "👌"),
        ({"type": "emoji", "attrs": {"shortName": ":acme:"}}, ":acme:"),
        ({"type": "date", "attrs": {"timestamp": "1796083200000"}}, "2026-12-01"),
        ({"type": "date", "attrs": {"timestamp": "soon"}}, "soon"),
        ({"type": "date", "attrs": {"timestamp": "9" * 40}}, "9" * 40),
        ({"type": "status", "attrs": {"text": "Done", "color": "green"}}, "Done"),
        ({"type": "inlineCard", "attrs": {"url": "https://x.example/1"}}, "https://x.example/1"),
        ({"type": "blockCard", "attrs": {"data": {"name": "Report"}}}, "Report"),
        ({"type": "mediaSingle", "content": [{"type": "media", "attrs": {"alt": "a.png"}}]}, "[a.png]"),
        ({"type": "mention", "attrs": {"id": "5b"}}, "@5b"),
        ({"type": "mention", "attrs": {"id": "5b", "text": "@Ada"}}, "@Ada"),
        ({"type": "expand", "attrs": {"title": "More"}, "content": [{"type": "text", "text": "in"}]}, "More\n\nin"),
        ({"type": "hologram", "content": [{"type": "text", "text": "inside"}]}, "inside"),
        ({"type": "hologram", "attrs": {"text": "inside"}}, "inside"),
        ({"type": "hologram"}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_each_kind_of_node_gives_sensible_text(node: dict[str, Any], text: str) -> None:
    assert adf_to_text({"type": "doc", "content": [node]}) == text


def test_lists_tables_and_tasks_read_as_a_person_would_write_them() -> None:
    def text(words: str) -> dict[str, Any]:
        return {"type": "paragraph", "content": [{"type": "text", "text": words}]}

    def item(*content: dict[str, Any]) -> dict[str, Any]:
        return {"type": "listItem", "content": list(content)}

    def cell(kind: str, words: str) -> dict[str, Any]:
        return {"type": kind, "content": [text(words)] if words else []}

    nested = {"type": "bulletList", "content": [item(text("inner"))]}
    rows = [[("tableHeader", "File"), ("tableHeader", "Size")], [("tableCell", "a.pdf"), ("tableCell", "")]]
    table = [{"type": "tableRow", "content": [cell(*each) for each in row]} for row in rows]
    task = {"type": "taskItem", "attrs": {"state": "DONE"}, "content": [{"type": "text", "text": "read"}]}
    document = {
        "type": "doc",
        "content": [
            {"type": "orderedList", "attrs": {"order": 3}, "content": [item(text("one"), nested), item(text("two"))]},
            {"type": "table", "content": table},
            {"type": "taskList", "content": [task, {"type": "taskList", "content": [task]}]},
        ],
    }
    assert adf_to_text(document) == ("3. one\n  - inner\n4. two\n\nFile | Size\na.pdf | \n\n[x] read\n  [x] read")


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["type", "content", "attrs", "text", "marks", "order"]), inner, max_size=4)
    | st.builds(
        lambda kind, content, attrs: {"type": kind, "content": content, "attrs": attrs},
        st.sampled_from(["doc", "text", "table", "tableRow", "bulletList", "orderedList", "date", "applicationCard"]),
        inner,
        inner,
    ),
    max_leaves=15,
)  # fmt: skip


@given(_JUNK)
def test_nothing_that_jira_could_send_stops_the_reading(junk: Any) -> None:
    assert isinstance(adf_to_text(junk), str)


def test_a_document_without_end_is_read_as_far_as_is_sensible() -> None:
    node: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(MAX_DEPTH * 4):
        node = {
            "type": "bulletList",
            "content": [{"type": "listItem", "content": [node, {"type": "text", "text": "x"}]}],
        }
    assert "x" in adf_to_text({"type": "doc", "content": [node]})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (None, ""),
        ("plain\r\nwords ", "plain\nwords"),
        ("[~accountid:5b-ada] and [~bob], see [the page|https://x.example]", "@5b-ada and @bob, see the page"),
        ("{quote}he said{quote}", "he said"),
        ("{code:java}x{code}", "x"),
        ({"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hi"}]}]}, "hi"),
    ],
)
def test_a_comment_is_text_in_either_version_of_the_interface(body: Any, text: str) -> None:
    assert comment_text(body) == text
