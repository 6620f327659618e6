"""A published client that knows nothing of the sandbox works against it unchanged."""

from typing import Any

import pytest
from atlassian import ConfluenceV2

from connector.sandbox.app import SandboxApp
from connector.sandbox.confluence.state import Space
from tests.connector.sandbox.confluence.conftest import Visitor, storage

pytestmark = pytest.mark.filterwarnings("ignore:V1 methods are deprecated")

BOX = (
    "<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>incomplete</ac:task-status>"
    "<ac:task-body>accept</ac:task-body></ac:task></ac:task-list>"
)


@pytest.fixture
def client(app: SandboxApp, dana: Visitor) -> Any:
    return ConfluenceV2(f"{app.site.base_url}/wiki", session=dana.session, cloud=True)


def test_it_finds_the_space_and_reads_all_pages_by_following_the_cursor(
    client: Any, dana: Visitor, space: Space
) -> None:
    assert client.get_space_by_key("SOC2")["id"] == space.space_id
    made = [dana.create(space, f"P{number}")["id"] for number in range(5)]
    # Without a body the client asks for body-format=none, which the API document does not know.
    found = client.get_pages(space_id=space.space_id, limit=2, sort="-modified-date", body_format="storage")
    read = [page["id"] for page in found]
    assert set(read) == {*made, space.homepage_id}
    assert len(read) == 6


def test_it_reads_a_page_its_versions_and_properties(client: Any, dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P", "<p>1</p>")
    dana.write(page, "<p>2</p>", 2)
    assert client.get_page_by_id(page["id"], body_format="storage")["body"]["storage"]["value"] == "<p>2</p>"
    assert [v["number"] for v in client.get_page_versions(page["id"])["results"]] == [2, 1]
    made = client.create_page_property(page["id"], "tieout", {"hash": "a"})
    assert [p["id"] for p in client.get_page_properties(page["id"])] == [made["id"]]


def test_it_comments_and_ticks(client: Any, dana: Visitor, space: Space) -> None:
    page = dana.create(space, "P", BOX)
    client.create_global_footer_comment({"pageId": page["id"], "body": storage("<p>accept</p>")})
    (comment,) = client.get_page_footer_comments(page["id"], body_format="storage")
    assert comment["body"]["storage"]["value"] == "<p>accept</p>"
    (task,) = client.get_tasks(page_ids=[int(page["id"])])
    client.update_task(int(task["id"]), "complete")
    assert "<ac:task-status>complete</ac:task-status>" in dana.body_of(page["id"])
