"""How much of something can be asked for in one call: what the documents cap is refused beyond the cap."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.confluence.routes import ROUTES as CONFLUENCE
from connector.sandbox.jira.routes import ROUTES as JIRA
from connector.sandbox.site import Site
from connector.sandbox.wire import Routes
from tests.connector.sandbox.conftest import Visitor

DOCUMENTS = Path(__file__).parents[3] / ".." / "shared" / "openapi"
CUT = {("/rest/api/3/project/search", "maxResults")}
"""Said to be cut to the most there may be."""
Cap = tuple[str, str, str]


def _caps(document: str, base: str, routes: Routes) -> Iterator[Cap]:
    """Path, parameter and a value one beyond the cap, for each read the sandbox has."""
    read: dict[str, Any] = json.loads((DOCUMENTS / document).read_text(encoding="utf-8"))
    ours = {_shape(route.template) for route in routes.table if route.method == "GET"}
    for path, item in read["paths"].items():
        if _shape(base + path) not in ours:
            continue
        for named in item.get("get", {}).get("parameters", ()):
            schema = named.get("schema", {})
            if "maxItems" in schema:
                yield base + path, named["name"], ",".join(map(str, range(schema["maxItems"] + 1)))
            elif "maximum" in schema and (base + path, named["name"]) not in CUT:
                yield base + path, named["name"], str(schema["maximum"] + 1)


def _shape(path: str) -> str:
    return re.sub(r"[<{][^>}]*[>}]", "*", path)


@pytest.fixture
def caps() -> list[Cap]:
    if not DOCUMENTS.is_dir():
        pytest.skip("Atlassian's API documents are not at hand (../shared/openapi)")
    cloud = _caps("jira-cloud-platform-v3.json", "", JIRA)
    return [*cloud, *_caps("confluence-cloud-v2.json", "/wiki/api/v2", CONFLUENCE)]


def test_one_more_than_the_documents_allow_is_refused(caps: list[Cap], site: Site, bot: Visitor) -> None:
    home = site.confluence.space_by_key("SOC2").homepage_id
    taken = []
    for path, name, value in caps:
        answer = bot.get(re.sub(r"\{[^}]*\}", str(home), path), params={name: value})
        if answer.status_code not in (400, 404):  # 404: the path leads to nothing in any case
            taken.append(f"{answer.status_code} {path}?{name}")
    assert (len(caps) > 35, taken) == (True, [])


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [("/project/search", "keys", 50), ("/project/search", "id", 50), ("/filter/search", "id", 200)],
)
def test_what_is_capped_in_words_is_capped(bot: Visitor, path: str, name: str, most: int) -> None:
    """ "Up to 50 project keys can be provided", "Do not exceed 200 filter IDs"."""
    asked = [bot.get(path, params={name: list(range(many))}).status_code for many in (most, most + 1)]
    assert asked == [200, 400]


def test_a_thousand_projects_can_be_checked_at_once(bot: Visitor) -> None:
    asked = [{"permissions": ["BROWSE_PROJECTS"], "projects": list(range(many))} for many in (1000, 1001)]
    assert [bot.post("/permissions/check", {"projectPermissions": [one]}).status_code for one in asked] == [200, 400]


def test_a_short_page_of_assignable_people_is_not_the_last_one(bot: Visitor) -> None:
    """ "Takes the users in the range …, and then returns only the users from that range that can be assigned"."""
    everybody = [one["accountId"] for one in bot.get("/users/search").json()]
    ask = "/user/assignable/search?project=AUD&maxResults=3&startAt="
    pages = [[one["accountId"] for one in bot.get(f"{ask}{start}").json()] for start in range(0, len(everybody), 3)]
    assert [len(page) for page in pages] == [3, 3, 3, 1]  # the last range holds two guests and the bot
