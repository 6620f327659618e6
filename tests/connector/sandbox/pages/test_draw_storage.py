"""Storage format as people see it, construct by construct."""

from collections.abc import Callable

import pytest

from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from tests.connector.sandbox.pages.conftest import Surf
from tests.connector.sandbox.pages.surfer import Tag

Draw = Callable[[str], Tag]


@pytest.fixture
def draw(surf: Surf, publish: Callable[[str, str], str]) -> Draw:
    """A body on a page, as Dana sees it."""

    def show(body: str) -> Tag:
        page_id = publish("Drawn", body)
        return surf("dana").open(f"/wiki/spaces/SOC2/pages/{page_id}").page.one(class_="storage")

    return show


def macro(name: str, body: str = "", **parameters: str) -> str:
    given = "".join(f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items())
    return f'<ac:structured-macro ac:name="{name}">{given}{body}</ac:structured-macro>'


def rich(body: str) -> str:
    return f"<ac:rich-text-body>{body}</ac:rich-text-body>"


@pytest.mark.parametrize("tag", ["h1", "h3", "blockquote", "strong", "em", "code", "sub", "pre"])
def test_plain_markup_keeps_its_meaning(draw: Draw, tag: str) -> None:
    assert draw(f"<div><{tag}>words</{tag}></div>").one(tag).text == "words"


@pytest.mark.parametrize(
    ("name", "css"), [("info", "panel-info"), ("warning", "panel-warning"), ("panel", "panel-plain")]
)
def test_panels_are_boxes_with_their_title(draw: Draw, name: str, css: str) -> None:
    assert draw(macro(name, rich("<p>mind</p>"), title="Careful")).one(class_=css).text == "Careful mind"


@pytest.mark.parametrize(("colour", "css"), [("Red", "red"), ("Green", "green"), ("Pink", "grey"), ("", "grey")])
def test_a_lozenge_has_its_colour(draw: Draw, colour: str, css: str) -> None:
    assert (
        draw(f"<p>{macro('status', colour=colour, title='Returned')}</p>").one(class_="lozenge").attrs["class"]
        == f"lozenge {css}"
    )


def test_code_keeps_what_stands_in_it(draw: Draw) -> None:
    drawn = draw(macro("code", "<ac:plain-text-body><![CDATA[if a < b: </p>]]></ac:plain-text-body>"))
    assert drawn.one("pre").text == "if a < b: </p>"


def test_merged_cells_stay_merged(draw: Draw) -> None:
    cell = draw('<table><tbody><tr><td colspan="2" rowspan="x">a</td></tr></tbody></table>').one("td")
    assert cell.attrs == {"colspan": "2"}


def test_a_link_to_a_page_leads_there_and_one_to_no_page_is_words(draw: Draw) -> None:
    to = '<p><ac:link><ri:page ri:content-title="{}" /><ac:link-body>here</ac:link-body></ac:link></p>'
    drawn = draw(to.format("SOC 2 evidence") + to.format("Nowhere"))
    assert [link.text for link in drawn.all("a")] == ["here"]
    assert drawn.text == "here here"


def test_a_link_to_the_sites_own_address_stays_on_the_site(site: Site, draw: Draw) -> None:
    drawn = draw(f'<p><a href="{site.base_url}/browse/AUD-1">AUD-1</a> <a href="https://example.com/x">x</a></p>')
    assert [link.attrs["href"] for link in drawn.all("a")] == ["/browse/AUD-1", "https://example.com/x"]


def test_a_picture_is_shown_only_when_it_is_attached_as_one(
    bot: Visitor, surf: Surf, draw: Draw, publish: Callable[[str, str], str]
) -> None:
    page_id = publish("Pictures", '<ac:image ac:alt="screen"><ri:attachment ri:filename="a.png" /></ac:image>')
    files = {"file": ("a.png", b"png", "image/png"), "minorEdit": (None, "true")}
    path = f"/wiki/rest/api/content/{page_id}/child/attachment"
    surfer = surf("dana").open(f"/wiki/spaces/SOC2/pages/{page_id}")
    assert not list(surfer.page.one(class_="storage").all("img"))
    bot.call("PUT", path, files=files, headers={"X-Atlassian-Token": "nocheck"})
    picture = surfer.open(f"/wiki/spaces/SOC2/pages/{page_id}").page.one(class_="storage").one("img")
    assert picture.attrs["alt"] == "screen"
    assert surfer.open(picture.attrs["src"]).answer.data == b"png"


def test_a_macro_nobody_knows_shows_its_name_and_what_is_in_it(draw: Draw) -> None:
    assert draw(macro("gliffy", rich("<p>inside</p>"))).one(class_="macro").text == "gliffy inside"


def test_files_and_children_are_listed_by_their_macros(
    bot: Visitor, surf: Surf, publish: Callable[[str, str], str]
) -> None:
    page_id = publish("Parent", macro("attachments") + macro("children"))
    bot.attach_to_page(page_id, "list.csv", b"x")
    space = bot.call("GET", "/wiki/api/v2/spaces?keys=SOC2")["results"][0]["id"]
    child = {
        "spaceId": space,
        "parentId": page_id,
        "title": "Child",
        "body": {"representation": "storage", "value": ""},
    }
    bot.call("POST", "/wiki/api/v2/pages", json=child)
    drawn = surf("dana").open(f"/wiki/spaces/SOC2/pages/{page_id}").page.one(class_="storage")
    assert [link.text for link in drawn.all("a")] == ["list.csv", "Child"]


def test_what_only_the_newest_editor_knows_falls_back(draw: Draw) -> None:
    body = (
        '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-content><p>new</p></ac:adf-content></ac:adf-node>'
        "<ac:adf-fallback><p>old</p></ac:adf-fallback></ac:adf-extension>"
    )
    assert draw(body).text == "old"


def test_a_body_as_deep_as_none_is_still_drawn(draw: Draw) -> None:
    assert draw("<div>" * 300 + "deep" + "</div>" * 300).name == "div"
