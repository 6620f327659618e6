"""Documents: Atlassian's own examples are documents to us, and their words can be read."""

import json
from pathlib import Path

import pytest

from connector.sandbox.jira import adf
from tests.connector.sandbox.conftest import doc

CORPUS = Path(__file__).parents[4] / ".." / "shared" / "corpus" / "adf"


def test_atlassians_examples_are_documents() -> None:
    examples = sorted(CORPUS.glob("atlaskit-valid__*.json")) + sorted(CORPUS.glob("atlaskit-fixture__*.json"))
    if not examples:
        pytest.skip("../shared is not here: no documents to read")
    refused = [path.name for path in examples if not adf.is_document(json.loads(path.read_text(encoding="utf-8")))]
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
