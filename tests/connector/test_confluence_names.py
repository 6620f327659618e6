"""Names of account ids: asked for once, in blocks, and never a reason to fail."""

import json
from typing import Any

import pytest
import responses

from connector.confluence_lists import NOBODY, Names, every
from connector.connect import connect_confluence
from connector.session import Wire
from mappings.rules import Connection

SITE = "https://acme.atlassian.net"
BULK = f"{SITE}/wiki/api/v2/users-bulk"


@pytest.fixture
def wire() -> Wire:
    return connect_confluence(Connection(url=f"{SITE}/wiki/", user="bot@acme.example"), "secret").wire


@pytest.fixture
def net() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def everybody(request: Any) -> tuple[int, dict[str, str], str]:
    ids = json.loads(request.body)["accountIds"]
    assert len(ids) <= 250
    named = [
        {"accountId": account_id, "displayName": f"Name of {account_id}"} for account_id in ids if "?" not in account_id
    ]
    return 200, {}, json.dumps({"results": named})


def test_each_name_is_asked_for_once_and_250_a_call(wire: Wire, net: responses.RequestsMock) -> None:
    net.add_callback("POST", BULK, callback=everybody, content_type="application/json")
    names = Names()
    ids = [f"a{number}" for number in range(300)]
    assert names.look_up(wire, ids)["a299"] == "Name of a299"
    assert len(net.calls) == 2
    assert names.look_up(wire, ["a1", "a1", ""]) == {"a1": "Name of a1", "": NOBODY}
    assert len(net.calls) == 2


def test_who_has_no_name_or_may_not_be_seen_is_unknown(wire: Wire, net: responses.RequestsMock) -> None:
    net.add_callback("POST", BULK, callback=everybody, content_type="application/json")
    assert Names().look_up(wire, ["a?"]) == {"a?": NOBODY}
    net.replace("POST", BULK, status=404, json={"errors": [{"title": "Not Found"}]})
    assert Names().look_up(wire, ["a1"]) == {"a1": NOBODY}


@pytest.mark.parametrize("prefix", ["/wiki/api/v2/pages", "/api/v2/pages", f"{SITE}/wiki/api/v2/pages"])
def test_of_the_link_to_the_next_page_only_the_query_counts(
    wire: Wire, net: responses.RequestsMock, prefix: str
) -> None:
    link = f"{prefix}?limit=2&status=current&status=archived&cursor=a%2Bb%3D%3D"
    net.add("GET", f"{SITE}/wiki/api/v2/pages", json={"results": [{"id": "1"}], "_links": {"next": link}})
    net.add("GET", f"{SITE}/wiki/api/v2/pages", json={"results": [{"id": "2"}], "_links": {}})
    assert [bean["id"] for bean in every(wire, "/wiki/api/v2/pages", params={"limit": 2})] == ["1", "2"]
    assert net.calls[1].request.params == {  # type: ignore[attr-defined]  # set by responses
        "limit": "2",
        "status": ["current", "archived"],
        "cursor": "a+b==",
    }
