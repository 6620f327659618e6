"""Documents: Atlassian's own examples are documents to us, and their words can be read."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft4Validator

from connector.sandbox.jira import adf, adf_attributes, adf_model
from tests.connector.sandbox.conftest import doc
from tests.connector.sandbox.jira import adf_shapes

CORPUS = Path(__file__).parents[4] / ".." / "shared" / "corpus" / "adf"


def test_atlassians_examples_are_documents() -> None:
    examples = sorted(CORPUS.glob("atlaskit-valid__*.json")) + sorted(CORPUS.glob("atlaskit-fixture__*.json"))
    if not examples:
        pytest.skip("../shared is not here: no documents to read")
    refused = {path.name.partition("__")[2].partition("-")[0] for path in examples if not adf.is_document(_read(path))}
    assert refused == {"applicationCard"}  # older than the schema, which has no such node any more


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
        {"type": "heading", "attrs": {"level": 7}, "content": [TEXT]},
        {"type": "heading", "attrs": {"level": "2"}, "content": [TEXT]},
        {"type": "paragraph", "attrs": {"style": "loud"}, "content": [TEXT]},
        {"type": "paragraph", "style": "loud", "content": [TEXT]},
        {"type": "paragraph", "content": [{**TEXT, "marks": [{"type": "textColor", "attrs": {"color": "red"}}]}]},
        {"type": "paragraph", "content": [{"type": "status", "attrs": {"text": "DONE", "color": "lime"}}]},
        {"type": "panel", "attrs": {"panelType": "loud"}, "content": [LINE]},
        {"type": "panel", "content": [LINE]},
        {"type": "panel", "attrs": {"panelType": "info"}, "content": []},
        {"type": "table", "content": [{"type": "tableCell", "content": [LINE]}]},
        {"type": "taskList", "attrs": {"localId": "1"}, "content": [{"type": "taskItem", "attrs": {"localId": "2"}}]},
        {"type": "paragraph", "content": [{**TEXT, "marks": [{"type": "code"}, {"type": "strong"}]}]},
        {"type": "codeBlock", "content": [{**TEXT, "marks": [{"type": "strong"}]}]},
        {"type": "blockquote", "content": [{**LINE, "marks": [{"type": "alignment", "attrs": {"align": "end"}}]}]},
        {"type": "expand", "attrs": {"title": "more"}, "content": []},
        {"type": "layoutSection", "content": [{"type": "layoutColumn", "attrs": {"width": 100}, "content": [LINE]}]},
        {"type": "mediaGroup", "content": [{"type": "caption", "content": [TEXT]}]},
        {"type": "rule", "content": []},
    ],
)
def test_a_node_in_the_wrong_place_or_without_what_it_must_say_is_refused(node: dict[str, Any]) -> None:
    """Atlassian's schema refuses each of these."""
    assert not adf.is_document({"type": "doc", "version": 1, "content": [LINE, node]})
    assert adf.is_document({"type": "doc", "version": 1, "content": [LINE]})


def test_nodes_stand_where_atlassians_schema_lets_them() -> None:
    """Node by node: which kinds it may hold in which order, how many, and with which marks."""
    theirs = adf_shapes.rows(_schema())
    assert adf_model.SHAPES.replace("\n    ", " ").strip().split("\n") == theirs


@pytest.mark.long
def test_documents_broken_by_chance_are_refused_here_where_the_schema_refuses_them() -> None:
    validator = Draft4Validator(_schema())
    rng = Random(7)
    whole = [
        _read(path) for path in sorted(CORPUS.glob("atlaskit-valid__*.json")) if "applicationCard" not in path.name
    ]
    parts = [node for document in whole for node in _nodes(document) if node is not document]
    broken = [_broken(rng.choice(whole), parts, rng) for _ in range(40)]
    judged = [(adf.is_document(document), validator.is_valid(document)) for document in broken]
    assert [ours for ours, _ in judged] == [theirs for _, theirs in judged]
    assert len(set(judged)) == 2, "some of them should be whole yet, and some broken"


def _broken(document: Any, parts: list[Any], rng: Random) -> Any:
    """A copy with one thing done to one of its nodes: something put in or taken out, or a mark added."""
    document = deepcopy(document)
    node = rng.choice(list(_nodes(document)))
    content = node.get("content") or [{}]
    match rng.randrange(4):
        case 0:
            node["content"] = [*node.get("content", []), rng.choice(parts)]
        case 1:
            content[rng.randrange(len(content))] = rng.choice(parts)
        case 2:
            node["marks"] = [*node.get("marks", []), {"type": rng.choice(["strong", "code", "em"])}]
        case _:
            content.pop(rng.randrange(len(content)))
    return document


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in node.get("content", ()):
        yield from _nodes(child)


def test_nodes_and_marks_may_say_what_atlassians_schema_lets_them() -> None:
    """Name by name: type, range or words, and whether it must be there."""
    ours = {**adf_attributes.table(adf_attributes.NODES), **adf_attributes.table(adf_attributes.MARKS)}
    theirs = {}
    for name, defined in _schema()["definitions"].items():
        attrs = defined.get("properties", {}).get("attrs") or {}
        if "properties" in attrs and not name.endswith("_root_only_node"):
            assert attrs["additionalProperties"] is False
            (kind,) = defined["properties"]["type"]["enum"]
            needed = attrs.get("required", ())
            theirs[kind] = {f"{key}{'!' * (key in needed)}": _what(value) for key, value in attrs["properties"].items()}
    assert ours == theirs


def _what(schema: dict[str, Any]) -> str:
    """A type as our tables write it."""
    patterns = {"^#[0-9a-fA-F]{6}$": "colour", "^#[0-9a-fA-F]{8}$|^#[0-9a-fA-F]{6}$": "colours"}
    if "pattern" in schema:
        return patterns.get(schema["pattern"], "lozenge")
    if "enum" in schema and schema["enum"] != ["\n"]:
        return "|".join(schema["enum"])
    if schema.get("type") == "number" and {"minimum", "maximum"} & schema.keys():
        return f"{schema.get('minimum', '')}..{schema.get('maximum', '')}"
    return "string" if "enum" in schema else schema.get("type", "any")


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


def _schema() -> Any:
    path = CORPUS / "atlaskit-adf-schema-57.7.22__full.json"
    if not path.is_file():
        pytest.skip("../shared is not here: no schema to hold the tables against")
    return _read(path)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
