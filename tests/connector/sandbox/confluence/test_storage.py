"""Storage format: what is well formed, and what is read from and written into it."""

from itertools import count

import pytest

from connector.sandbox.confluence import bodytasks, editor, markers, storage

GOOD = [
    "",
    "plain words",
    "<p>a &amp; b &nbsp; &mdash; &eacute;</p>",
    '<p a="&copy; 2026">x<br/>y</p>',
    '<ac:structured-macro ac:name="toc"/><ac:link><ri:page ri:content-title="A"/></ac:link>',
    "<ac:plain-text-body><![CDATA[<not> & parsed]]></ac:plain-text-body>",
    "<p>one</p><p>two</p><!-- a remark -->",
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>E</mi></math>',
]
BAD = [
    ("<p>a</b>", "Unexpected close tag </b>; expected </p>.", "[1,7]"),
    ("<p>a", "Unexpected EOF; was expecting a close tag for element <p>", "[1,"),
    ("a</p>", "Unexpected close tag </p>; no element is open.", "[1,"),
    ("<p>\n<b>x</p>", "Unexpected close tag </p>; expected </b>.", "[2,"),
    ("<p>a & b</p>", "Not well-formed", "[1,"),
    ("<p>&nosuch;</p>", 'Undeclared general entity "nosuch"', "[1,4]"),
    ("<x:y/>", 'Undeclared namespace prefix "x"', "[1,1]"),
    ('<p a="1" a="2"/>', "Duplicate attribute", "[1,"),
    ("<p>a<br>b</p>", "Unexpected close tag </p>; expected </br>.", "[1,"),
    ("</storage><storage>", "Unexpected close tag", "[1,"),
]


@pytest.mark.parametrize("body", GOOD)
def test_well_formed_bodies_pass_and_keep_their_bytes(body: str) -> None:
    storage.validate(body)
    assert storage.splice(body, []) == body


@pytest.mark.parametrize(("body", "message", "place"), BAD)
def test_a_broken_body_is_refused_with_reason_and_place(body: str, message: str, place: str) -> None:
    with pytest.raises(storage.StorageInvalidError) as refused:
        storage.validate(body)
    assert message in str(refused.value)
    assert f"at [row,col {{unknown-source}}]: {place}" in str(refused.value)


def test_a_body_cannot_bring_entities_of_its_own() -> None:
    with pytest.raises(storage.StorageInvalidError):
        storage.validate('<!DOCTYPE x [<!ENTITY a "aa">]><p>&a;</p>')


def test_tokens_cover_the_source_without_gap() -> None:
    body = '<p class="é">a&nbsp;<b>b</b>\n</p><br /> <![CDATA[x]]>'
    source = body.encode()
    rebuilt = b"".join(source[token.begin : token.end] for token in storage.tokens(body))
    assert rebuilt == source


def test_plain_text_is_what_a_reader_sees() -> None:
    body = (
        '<h1>Due</h1><p>on <b>1</b>&nbsp;May</p><ac:structured-macro ac:name="status">'
        '<ac:parameter ac:name="title">DONE</ac:parameter></ac:structured-macro>'
    )
    assert storage.plain_text(body) == "Due\non 1\xa0May"


SELECTIONS = [
    ("<p>the due date</p>", "due", 1, 0, "<p>the [due] date</p>"),
    ("<p>a b a</p>", "a", 2, 1, "<p>a b [a]</p>"),
    ("<p>caf&eacute; &amp; bar</p>", "é & b", 1, 0, "<p>caf[&eacute; &amp; b]ar</p>"),
    ("<p>one <b>two</b> three</p>", "e two t", 1, 0, "<p>on[e ]<b>[two]</b>[ t]hree</p>"),
]


@pytest.mark.parametrize(("body", "words", "how_many", "which", "expected"), SELECTIONS)
def test_a_marker_wraps_exactly_the_selected_words(
    body: str, words: str, how_many: int, which: int, expected: str
) -> None:
    marked = markers.insert(body, words, how_many, which, "REF")
    opened = '<ac:inline-comment-marker ac:ref="REF">'
    assert marked == expected.replace("[", opened).replace("]", "</ac:inline-comment-marker>")
    assert markers.refs(marked) == {"REF"}
    assert markers.selected_text(marked, "REF") == words
    assert markers.without(marked, "REF") == body


@pytest.mark.parametrize(
    ("words", "how_many", "which"), [("absent", 1, 0), ("a", 1, 0), ("a", 2, 2), ("", 1, 0), ("a b", 1, 0)]
)
def test_words_that_are_not_there_as_said_are_no_selection(words: str, how_many: int, which: int) -> None:
    with pytest.raises(markers.SelectionError):
        markers.insert("<p>a</p><p>b a</p>", words, how_many, which, "REF")


TASKS = (
    "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status>"
    '<ac:task-body><ac:link><ri:user ri:account-id="5b:x"/></ac:link> by <time datetime="2026-12-01"/>'
    "</ac:task-body></ac:task><ac:task><ac:task-id>2</ac:task-id><ac:task-status>complete</ac:task-status>"
    "<ac:task-body>b</ac:task-body></ac:task></ac:task-list>"
)


def test_tasks_are_read_with_assignee_and_due_date() -> None:
    first, second = bodytasks.read(TASKS)
    assert (first.local_id, first.is_complete, first.assignee_id) == ("1", False, "5b:x")
    assert first.due_at is not None
    assert first.due_at.isoformat() == "2026-12-01T00:00:00+00:00"
    assert (second.local_id, second.is_complete, second.body) == ("2", True, "b")


def test_ticking_a_task_changes_one_word_of_the_body() -> None:
    ticked = bodytasks.with_status(TASKS, "1", complete=True)
    assert ticked == TASKS.replace("incomplete", "complete", 1)
    assert bodytasks.with_status(TASKS, "7", complete=True) == TASKS


def test_the_editor_adds_its_noise_once_and_leaves_the_words() -> None:
    ids = (f"id-{number}" for number in count(1))
    body = (
        '<ac:structured-macro ac:name="info">\n <ac:rich-text-body>\n  <p>a<br/>b</p>\n </ac:rich-text-body>\n'
        "</ac:structured-macro>\n<table><tr><td>cell</td></tr></table>" + TASKS
    )
    saved = editor.saved_by_editor(body, lambda: next(ids))
    for noise in ("local-id=", "ac:macro-id=", 'ac:schema-version="1"', "<br />", "<ac:task-uuid>", "<p local-id"):
        assert noise in saved
    assert "\n" not in saved
    assert storage.plain_text(saved).split() == storage.plain_text(body).split()
    assert editor.saved_by_editor(saved, lambda: next(ids)) == saved


def test_white_space_that_belongs_to_a_sentence_stays() -> None:
    body = "<p><b>a</b> <i>b</i></p>\n<p>c</p>"
    assert "</b> <i>" in editor.saved_by_editor(body, lambda: "x")
