"""The wire itself: unknown paths, methods, bodies; streams; the call log; the controls; a socket."""

from collections.abc import Iterator

import pytest
import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.answers import Answer
from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.serve import running
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes
from tests.connector.sandbox.conftest import Visitor, doc

MEBIBYTE = 1 << 20


def test_what_is_not_there_is_refused_in_the_products_own_shape(bot: Visitor) -> None:
    jira, wiki_2, wiki_1 = (bot.get(path) for path in ("/no/such", "/wiki/api/v2/no", "/wiki/rest/api/no"))
    assert (jira.status_code, set(jira.json())) == (404, {"errorMessages", "errors"})
    assert wiki_2.json()["errors"][0]["status"] == 404
    assert wiki_1.json()["statusCode"] == 404


def test_a_method_that_a_path_does_not_take_is_405_with_those_it_takes(bot: Visitor) -> None:
    answer = bot.delete("/priority")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"text"', b""])
def test_a_body_that_is_no_object_is_400(bot: Visitor, body: bytes) -> None:
    answer = bot.send("POST", "/issue", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"]


@pytest.mark.parametrize("path", ["/rest/api/3/issue", "/wiki/api/v2/pages", "/wiki/rest/api/content/1/label"])
def test_a_body_that_is_not_said_to_be_json_is_415(bot: Visitor, path: str) -> None:
    """The documents know `application/json` only."""
    answer = bot.post(path, data=b'{"fields": {}}', headers={"Content-Type": "text/plain"})
    assert (answer.status_code, "Unsupported Media Type: text/plain" in answer.text) == (415, True)
    assert bot.post(path, data=b"{}").status_code == 415


def test_every_answer_carries_date_and_trace(bot: Visitor) -> None:
    first, second = bot.get("/serverInfo"), bot.get("/no/such")
    assert first.headers["Date"] == second.headers["Date"] == "Mon, 05 Oct 2026 09:00:00 GMT"
    assert first.headers["atl-traceid"] != second.headers["atl-traceid"]


def test_the_same_seed_says_the_same_things_again(clock: ManualClock) -> None:
    def trace(seed: int) -> str:
        session = requests.Session()
        site = Site(clock, seed=seed)
        session.mount(site.base_url, SandboxAdapter(create_app(site)))
        return session.get(f"{site.base_url}/_edge/tenant_info").headers["atl-traceid"]

    assert trace(1) == trace(1) != trace(2)


def test_the_call_log_tells_reads_from_writes_and_a_searching_post_is_a_read(site: Site, bot: Visitor) -> None:
    key = bot.create()
    bot.search("project = AUD")
    bot.get(f"/issue/{key}")
    assert [record.template for record in site.calls.writes()] == ["/rest/api/3/issue"]
    assert [record.method for record in site.calls.reads()] == ["POST", "GET"]
    assert site.calls.counts["GET /rest/api/3/issue/<id_or_key>"] == 1
    assert {record.account_id for record in site.calls} == {bot.me}
    site.calls.clear()
    assert (len(site.calls), site.calls.counts) == (0, {})


def test_version_two_speaks_text_where_version_three_speaks_documents(bot: Visitor) -> None:
    key = bot.create(description=doc("Who?"))
    assert bot.get(f"/rest/api/2/issue/{key}").json()["fields"]["description"] == "Who?"
    assert bot.put(f"/rest/api/2/issue/{key}", {"fields": {"description": "Who else?"}}).status_code == 204
    assert bot.fields(key)["description"] == doc("Who else?")


def test_a_streamed_upload_and_download_pass_through_in_pieces(bot: Visitor) -> None:
    key = bot.create()
    bot.post(
        f"/issue/{key}/attachments", files=_file("big", b"x" * MEBIBYTE), headers={"X-Atlassian-Token": "no-check"}
    )
    address = bot.fields(key)["attachment"][0]["content"]
    with bot.get(address, stream=True, params={"redirect": "false"}) as answer:
        pieces = list(answer.iter_content(100_000))
    assert len(pieces) == 11
    assert sum(map(len, pieces)) == MEBIBYTE


def test_a_body_made_on_the_way_arrives_whole(site: Site) -> None:
    routes = Routes("pages")

    @routes.post("/echo")
    def echo(_site: Site, call: Call) -> Answer:
        return Answer(200, raw=call.request.get_data(), content_type="text/plain")

    def pieces() -> Iterator[bytes]:
        yield from (b"one ", b"two ", b"three")

    session = requests.Session()
    session.mount(site.base_url, SandboxAdapter(create_app(site, [routes])))
    assert session.post(f"{site.base_url}/echo", data=pieces()).text == "one two three"


def test_the_controls_turn_the_clock_and_script_faults_and_are_not_in_the_log(site: Site, bot: Visitor) -> None:
    assert bot.post("/__sandbox/time", {"advance_s": 60, "skew_s": 1}).json()["now"] == "2026-10-05T09:01:01+00:00"
    bot.post("/__sandbox/lag", {"index_lag_s": 5})
    assert bot.post("/__sandbox/faults", {"kind": "status", "status": 500}).status_code == 201
    assert bot.post("/__sandbox/faults", {"kind": "status", "colour": 1}).status_code == 400
    assert bot.put("/__sandbox/webhook-faults", {"lose_next": 2}).json()["lose_next"] == 2
    seen = bot.get("/__sandbox/").json()
    assert (seen["index_lag_s"], len(seen["faults"]), seen["webhook_faults"]["lose_next"]) == (5.0, 1, 2)
    bot.delete("/__sandbox/faults")
    assert bot.get("/__sandbox/").json()["faults"] == []
    assert bot.get("/__sandbox/calls").json()["last"] == []


def test_the_controls_end_a_token(site: Site, bot: Visitor, priya: Visitor) -> None:
    assert bot.post(f"/__sandbox/accounts/{priya.me}/expire-token").status_code == 204
    assert priya.get("/myself").status_code == 401
    assert "token" not in bot.get("/__sandbox/accounts").text


def test_over_a_socket_it_is_the_same_site(site: Site, bot: Visitor) -> None:
    key = bot.create()
    assert bot.account is not None
    with running(site) as base, requests.Session() as session:
        session.auth, session.trust_env = (bot.account.email, str(bot.account.token)), False
        assert site.base_url == base
        issue = session.get(f"{base}/rest/api/3/issue/{key}").json()
        assert issue["self"].startswith(base)
        site.faults.add("drop_after", "PUT")
        with pytest.raises(requests.exceptions.ConnectionError):
            session.put(f"{base}/rest/api/3/issue/{key}", json={"fields": {"summary": "Said, not heard"}})
        assert session.get(f"{base}/rest/api/3/issue/{key}").json()["fields"]["summary"] == "Said, not heard"


def test_over_a_socket_webhooks_go_out_by_themselves(site: Site, app: SandboxApp, bot: Visitor) -> None:
    heard: list[bytes] = []
    routes = Routes("pages")

    @routes.post("/heard")
    def hear(_site: Site, call: Call) -> Answer:
        heard.append(call.request.get_data())
        return Answer(204)

    other = Site(site.clock)
    with running(other, extra=[routes]) as listener, running(site):
        hook = {"name": "h", "url": f"{listener}/heard", "events": ["jira:issue_created"]}
        bot.session.mount(site.base_url, SandboxAdapter(app))
        assert bot.post("/rest/webhooks/1.0/webhook", hook).status_code == 201
        bot.create()
        while not site.outbox.attempts:
            requests.get(f"{listener}/_edge/tenant_info", timeout=5)
    assert [attempt.status for attempt in site.outbox.attempts] == [204]
    assert b'"jira:issue_created"' in heard[0]


def _file(name: str, content: bytes) -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, content, "application/octet-stream")}
