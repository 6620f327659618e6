"""Documents: Atlassian's own examples are documents to us, and their words can be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.jira import adf
from tests.connector.sandbox.conftest import doc

CORPUS = Path(__file__).parents[4] / ".." / "shared" / "corpus" / "adf"


def test_atlassians_examples_are_documents() -> None:
    examples = sorted(CORPUS.glob("atlaskit-valid__*.json")) + sorted(CORPUS.glob("atlaskit-fixture__*.json"))
    if not examples:
        pytest.skip("../shared is not here: no documents to read")
    refused = [path.name for path in examples if not adf.is_document(_read(path))]
    assert refused == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {"type": "paragraph", "content": []},
        {"type": "doc", "content": []},
        {"type": "doc", "version": 2, "content": []},
        {"type": "doc", "version": 1},
        {"type": "doc", "version": 1, "content": ["text"]},
        {"type": "doc", "version": 1, "content": [{"type": "marquee"}]},
        {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]},
        {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": "text"}]},
    ],
)
def test_what_is_no_document_is_refused(value: object) -> None:
    assert not adf.is_document(value)


TEXT = {"type": "text", "text": "x"}
LINE = {"type": "paragraph", "content": [TEXT]}


@pytest.mark.parametrize(
    "node",
    [
        TEXT,  # words need a paragraph
        {"type": "listItem", "content": [LINE]},
        {"type": "bulletList", "content": []},
        {"type": "bulletList", "content": [LINE]},
        {
            "type": "bulletList",
            "content": [{"type": "listItem", "content": [{"type": "heading", "attrs": {"level": 1}}]}],
        },
        {"type": "paragraph", "content": [LINE]},
        {"type": "paragraph", "marks": [{"type": "strong"}], "content": [TEXT]},
        {"type": "paragraph", "content": [{**TEXT, "marks": [{"type": "blink"}]}]},
        {"type": "paragraph", "content": [{**TEXT, "marks": [{"type": "link", "attrs": {}}]}]},
        {"type": "paragraph", "content": [{"type": "mention", "attrs": {"text": "@Priya"}}]},
        {"type": "paragraph", "content": [{"type": "status", "attrs": {"text": "DONE"}}]},
        {"type": "heading", "content": [TEXT]},
        {"type": "panel", "content": [LINE]},
        {"type": "panel", "attrs": {"panelType": "info"}, "content": []},
        {"type": "table", "content": [{"type": "tableCell", "content": [LINE]}]},
        {"type": "taskList", "attrs": {"localId": "1"}, "content": [{"type": "taskItem", "attrs": {"localId": "2"}}]},
    ],
)
def test_a_node_in_the_wrong_place_or_without_what_it_must_say_is_refused(node: dict[str, Any]) -> None:
    """Atlassian's schema refuses each of these; of 2,400 documents broken by chance none was refused here only."""
    assert not adf.is_document({"type": "doc", "version": 1, "content": [LINE, node]})
    assert adf.is_document({"type": "doc", "version": 1, "content": [LINE]})


def test_text_goes_in_and_comes_out_the_same() -> None:
    for text in ("one", "one\ntwo", "ä ö"):
        assert adf.is_document(adf.from_text(text))
        assert adf.to_text(adf.from_text(text)) == text
    assert adf.to_text(doc("Hello")) == "Hello"


def test_blocks_end_lines_and_mentions_are_read() -> None:
    mention = {"type": "mention", "attrs": {"id": "1", "text": "@Priya"}}
    listed = {"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "item"}]}]}
    value = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "heading", "content": [{"type": "text", "text": "Head"}]},
            {"type": "paragraph", "content": [mention, {"type": "hardBreak"}, {"type": "text", "text": "below"}]},
            {"type": "bulletList", "content": [listed]},
        ],
    }
    assert adf.to_text(value) == "Head\n@Priya\nbelow\nitem"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
