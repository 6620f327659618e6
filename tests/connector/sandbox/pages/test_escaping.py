"""Whatever people wrote comes out as words: never as markup, never as script, whoever wrote it and wherever."""

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.clock import ManualClock
from connector.sandbox.pages.draw_adf import draw_adf
from connector.sandbox.pages.draw_storage import draw_storage
from connector.sandbox.pages.markup import TAGS
from connector.sandbox.seed import seed_acme
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from tests.connector.sandbox.conftest import START
from tests.connector.sandbox.pages.conftest import Surf
from tests.connector.sandbox.pages.surfer import Tag, read

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
MADE_BY_TEMPLATES = {"a", "br", "hr", "img", "time", "details", "summary", "form", "button", "label", "input"}
HARMLESS_TAGS = TAGS | MADE_BY_TEMPLATES
ADDRESSES = {"href", "src", "action"}
SHAPING = {"class", "id", "for", "colspan", "rowspan", "open", "datetime"}
SPOKEN = {"role", "title", "alt", "aria-label", "aria-checked"}
FILLED_IN = {"method", "name", "value", "type"}
HARMLESS_ATTRIBUTES = ADDRESSES | SHAPING | SPOKEN | FILLED_IN


def assert_harmless(page: Tag) -> None:
    """No script but the site's own, no handler, no address that runs anything."""
    for tag in page.all():
        assert tag.name not in ("iframe", "object", "embed", "style", "base"), tag
        assert tag.name != "script" or tag.attrs.get("src") == "/people/static/pages.js", tag
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), tag
            assert name != "style", tag
            if name in ADDRESSES:
                assert value.startswith(("/", "#", "http://", "https://", "mailto:")), tag


@pytest.fixture
def nasty(bot: Visitor) -> str:
    """An issue on which every word is an attack."""
    link = {"type": "text", "text": "click", "marks": [{"type": "link", "attrs": {"href": "javascript:alert(1)"}}]}
    body: dict[str, Any] = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": EVIL}, link]}],
    }
    kind, project = {"name": "Task"}, {"key": "AUD"}
    key = bot.create_issue(project=project, issuetype=kind, summary=EVIL, labels=["<b>x</b>"], description=body)
    bot.comment_issue(key, EVIL)
    bot.attach(key, f"{EVIL.replace('/', '')}.html", b"<script>alert(1)</script>", "text/html")
    remote = {"object": {"url": "javascript:alert(1)", "title": EVIL}}
    bot.call("POST", f"/rest/api/3/issue/{key}/remotelink", json=remote)
    return key


def test_an_attack_on_an_issue_is_read_and_not_run(surf: Surf, nasty: str) -> None:
    surfer = surf("dana")
    for address in (
        f"/browse/{nasty}",
        "/jira/board/AUD",
        "/issues/?jql=project+%3D+AUD",
        f"/jira/board/AUD?words={EVIL}",
    ):
        surfer.open(address)
        assert surfer.status == 200
        assert_harmless(surfer.page)
    assert surfer.open(f"/browse/{nasty}").text.count("<script>alert(1)</script>") >= 3


def test_an_attack_on_a_page_is_read_and_not_run(surf: Surf, bot: Visitor, publish: Callable[[str, str], str]) -> None:
    body = (
        '<p onclick="alert(1)" style="position:fixed">hello<script>alert(1)</script></p>'
        '<a href="javascript:alert(1)">click</a><iframe src="https://evil.example"></iframe>'
        f'<ac:structured-macro ac:name="status"><ac:parameter ac:name="title">{escape(EVIL)}</ac:parameter>'
        '<ac:parameter ac:name="colour">x" onload="</ac:parameter></ac:structured-macro>'
        f"<ac:structured-macro ac:name={quoteattr(EVIL)}/><time datetime={quoteattr(EVIL)}/>"
        f"<ac:image><ri:attachment ri:filename={quoteattr(EVIL)}/></ac:image>"
        '<ac:image><ri:url ri:value="javascript:alert(1)"/></ac:image>'
    )
    page_id = publish(f"{EVIL} page", body)
    bot.comment_page(page_id, EVIL)
    bot.attach_to_page(page_id, f"{EVIL.replace('/', '')}.html", b"<script>alert(1)</script>")
    surfer = surf("clara")
    for address in ("", f"/pages/{page_id}", f"/pages/edit-v2/{page_id}", "/pages"):
        surfer.open(f"/wiki/spaces/SOC2{address}")
        assert surfer.status == 200
        assert_harmless(surfer.page)
    assert f"{EVIL} page" in surfer.text


def test_an_attack_in_an_address_is_read_and_not_run(surf: Surf) -> None:
    surfer = surf("dana").open(f"/jira/board/{EVIL.replace('/', '')}")
    assert surfer.status == 404
    assert_harmless(surfer.page)


WORDS = st.text("ab<>&\"' ", max_size=8)
NAMES = st.sampled_from(
    (
        *("p", "td", "table", "script", "iframe", "svg", "a", "img", "style", "time", "form", "input", "ac:link"),
        *("ac:structured-macro", "ac:rich-text-body", "ac:parameter", "ri:user", "ri:page", "ri:attachment", "ri:url"),
        *("ac:task-list", "ac:task", "ac:task-body", "ac:image", "ac:inline-comment-marker", "ac:layout-section"),
    )
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["href", "onclick", "style", "src", "class", "ac:name", "datetime", "colspan", "ri:filename", "ri:value"]
    ),
    st.one_of(
        WORDS, st.sampled_from(["javascript:alert(1)", "data:text/html,x", "status", "info", "jira", "details", "//x"])
    ),
    max_size=3,
)


def _element(name: str, attributes: dict[str, str], inside: list[str]) -> str:
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{written}>{''.join(inside)}</{name}>"


BODIES = st.recursive(
    WORDS.map(escape),
    lambda inner: st.builds(_element, NAMES, ATTRIBUTES, st.lists(inner, max_size=3)),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def acme() -> Site:
    site = Site(ManualClock(START))
    seed_acme(site)
    return site


@given(body=BODIES)
def test_no_storage_body_brings_markup_of_its_own(acme: Site, body: str) -> None:
    person, page = next(iter(acme.accounts.values())), next(iter(acme.confluence.pages.values()))
    drawn = read(str(draw_storage(acme, person, page, body, START.date(), is_live=True)))
    assert {tag.name for tag in drawn.all()} <= HARMLESS_TAGS
    assert {name for tag in drawn.all() for name in tag.attrs} <= HARMLESS_ATTRIBUTES
    assert_harmless(drawn)


LEAVES = st.one_of(
    st.none(), st.integers(), WORDS, st.lists(WORDS, max_size=2), st.dictionaries(WORDS, WORDS, max_size=2)
)
NODES = st.recursive(
    st.fixed_dictionaries(
        {
            "type": st.just("text"),
            "text": WORDS,
            "marks": st.one_of(LEAVES, st.just([{"type": "link", "attrs": {"href": "javascript:alert(1)"}}])),
        }
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "type": st.sampled_from(
                [
                    "paragraph",
                    "heading",
                    "panel",
                    "status",
                    "date",
                    "mention",
                    "media",
                    "inlineCard",
                    "expand",
                    "taskItem",
                    "emoji",
                    "table",
                    "script",
                ]
            ),
            "content": st.one_of(LEAVES, st.lists(inner, max_size=3)),
            "attrs": st.one_of(
                LEAVES, st.fixed_dictionaries({"url": WORDS, "text": WORDS, "timestamp": LEAVES, "level": LEAVES})
            ),
        }
    ),
    max_leaves=10,
)


@given(node=NODES)
def test_no_document_brings_markup_of_its_own(acme: Site, node: dict[str, Any]) -> None:
    drawn = read(str(draw_adf(acme, {"type": "doc", "version": 1, "content": [node]})))
    assert {tag.name for tag in drawn.all()} <= HARMLESS_TAGS
    assert {name for tag in drawn.all() for name in tag.attrs} <= HARMLESS_ATTRIBUTES
    assert_harmless(drawn)
