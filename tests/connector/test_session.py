"""How a wire sorts what comes back, and what it never does: send a write twice, or tell a secret."""

import base64
import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from connector.connect import connect_confluence, connect_jira
from connector.session import Wire, fill
from mappings import errors
from mappings.errors import FarSideError, Refused, SignInFailed, Throttled, TryLater, Unclear
from mappings.rules import Auth, Connection, Flavour

from .conftest import Watched

URL = "https://acme.atlassian.net"
TOKEN = "t0ken-äöü-never-shown"
USER = "bot@acme.example"
ISSUE = f"{URL}/rest/api/3/issue/1"


@pytest.fixture
def wire(watched: Watched) -> Wire:
    return connect_jira(Connection(url=URL, user=USER), TOKEN, habits=watched.habits).wire


@pytest.fixture
def net() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def read(wire: Wire) -> Any:
    return wire.get("/rest/api/3/issue/{issue}", path={"issue": "1"})


def write(wire: Wire) -> Any:
    return wire.put("/rest/api/3/issue/{issue}", path={"issue": "1"}, json={})


STATUSES = (
    # status, error of a read, error of a write
    (400, "Refused", "Refused"),
    (401, "SignInFailed", "SignInFailed"),
    (403, "Forbidden", "Forbidden"),
    (404, "Gone", "Gone"),
    (405, "Refused", "Refused"),
    (408, "TryLater", "Unclear"),
    (409, "ReadAgain", "ReadAgain"),
    (410, "TryLater", "TryLater"),
    (413, "Refused", "Refused"),
    (422, "Refused", "Refused"),
    (425, "TryLater", "TryLater"),
    (429, "Throttled", "Throttled"),
    (500, "TryLater", "Unclear"),
    (502, "TryLater", "Unclear"),
    (503, "TryLater", "Unclear"),
    (504, "TryLater", "Unclear"),
    (302, "SignInFailed", "SignInFailed"),
)


@pytest.mark.parametrize(("status", "of_read", "of_write"), STATUSES)
def test_a_status_means_one_thing_for_a_read_and_may_mean_another_for_a_write(
    wire: Wire, net: responses.RequestsMock, status: int, of_read: str, of_write: str
) -> None:
    for method in ("GET", "PUT"):
        net.add(method, ISSUE, status=status, json={"errorMessages": ["said the site"]})
    for call, expected in ((read, of_read), (write, of_write)):
        with pytest.raises(errors.FarSideError) as caught:
            call(wire)
        kind = type(caught.value)
        assert getattr(errors, expected) in (kind, kind.__base__)
        assert "acme.atlassian.net" in str(caught.value)


def not_connected(reason: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]  # no pool needed


UNANSWERED = (
    (requests.ConnectTimeout("slow"), "TryLater"),
    (not_connected(NewConnectionError(None, "refused")), "TryLater"),  # type: ignore[arg-type]  # no connection needed
    (not_connected(NameResolutionError("acme", None, OSError("no such name"))), "TryLater"),  # type: ignore[arg-type]  # no connection needed
    (requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"), "TryLater"),
    (requests.exceptions.ProxyError("cannot connect to proxy"), "TryLater"),
    (requests.ReadTimeout("no answer"), "Unclear"),
    (requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError())), "Unclear"),
    (requests.exceptions.ChunkedEncodingError("broke off"), "Unclear"),
    (requests.exceptions.SSLError("decryption failed"), "Unclear"),
)


@pytest.mark.parametrize(("failure", "of_write"), UNANSWERED)
def test_a_write_without_answer_is_unclear_unless_it_cannot_have_left(
    wire: Wire, net: responses.RequestsMock, failure: Exception, of_write: str
) -> None:
    net.add("PUT", ISSUE, body=failure)
    net.add("GET", ISSUE, body=failure)
    with pytest.raises(getattr(errors, of_write)):
        write(wire)
    with pytest.raises(TryLater):
        read(wire)


def test_reads_are_tried_three_times_and_writes_once(wire: Wire, net: responses.RequestsMock, watched: Watched) -> None:
    net.add("GET", ISSUE, status=502)
    net.add("PUT", ISSUE, status=502)
    net.add("POST", f"{URL}/rest/api/3/search/jql", status=502)
    for call in (read, write, lambda wire: wire.ask("/rest/api/3/search/jql", json={})):
        with pytest.raises(errors.FarSideError):
            call(wire)
    sent = [method for method, _, _ in watched.calls]
    assert {method: sent.count(method) for method in sent} == {"GET": 3, "PUT": 1, "POST": 3}
    assert all(0 < seconds < 2 for seconds in watched.slept_s)


def test_a_read_that_succeeds_at_the_second_try_is_an_answer(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", ISSUE, body=requests.ReadTimeout("slow"))
    net.add("GET", ISSUE, json={"id": "1"})
    assert read(wire) == {"id": "1"}


def test_a_read_that_is_told_to_wait_long_does_not_wait_here(
    wire: Wire, net: responses.RequestsMock, watched: Watched
) -> None:
    net.add("GET", ISSUE, status=503, headers={"Retry-After": "30"})
    with pytest.raises(TryLater) as caught:
        read(wire)
    assert caught.value.after_s == 30
    assert watched.slept_s == []
    assert len(watched.calls) == 1


DATE = "Mon, 23 Nov 2026 17:15:00 GMT"
WAITS: tuple[tuple[dict[str, str], float], ...] = (
    ({"Retry-After": "7"}, 7),
    ({"Retry-After": "Mon, 23 Nov 2026 17:15:12 GMT", "Date": DATE}, 12),
    ({"X-RateLimit-Reset": "2026-11-23T17:16:00Z", "Date": DATE}, 60),
    ({"Retry-After": "7", "X-RateLimit-Reset": "2026-11-23T18:00:00Z", "Date": DATE}, 7),
    ({"X-RateLimit-Reset": "2026-11-23T17:00:00Z", "Date": DATE}, 1),
    ({"Retry-After": "0"}, 1),
    ({"Retry-After": "soon"}, 5),
    ({"Retry-After": "\xb2"}, 5),
    ({"Retry-After": "9" * 400}, 86_400),
    ({"X-RateLimit-Reset": "9999-01-01T00:00:00Z", "Date": DATE}, 86_400),
    ({}, 5),
)


@pytest.mark.parametrize(("headers", "wait_s"), WAITS)
def test_a_throttled_call_says_how_long_by_the_sites_clock(
    wire: Wire, net: responses.RequestsMock, watched: Watched, headers: dict[str, str], wait_s: float
) -> None:
    net.add("GET", ISSUE, status=429, headers={**headers, "RateLimit-Reason": "jira-burst-based"})
    with pytest.raises(Throttled) as caught:
        read(wire)
    assert (caught.value.after_s, caught.value.reason) == (wait_s, "jira-burst-based")
    assert len(watched.calls) == 1


V1_ERRORS = {"errors": [{"message": {"key": "k", "translation": "In words"}}]}
SHAPES: tuple[tuple[Any, str, dict[str, str]], ...] = (
    ({"errorMessages": ["No."], "errors": {"duedate": "Bad date"}}, "No.; duedate: Bad date", {"duedate": "Bad date"}),
    ({"errors": [{"status": 400, "code": "X", "title": "Bad title", "detail": "Too long"}]}, "Bad title; Too long", {}),
    ({"statusCode": 400, "message": "Bad v1", "data": V1_ERRORS}, "Bad v1; In words", {}),
    ({"code": 400, "message": "Bad gateway call"}, "Bad gateway call", {}),
    ({"errors": "odd"}, "", {}),
    (["odd"], "", {}),
    (None, "", {}),
)


@pytest.mark.parametrize(("body", "said", "fields"), SHAPES)
def test_a_refusal_has_the_sites_own_words_whatever_their_shape(
    wire: Wire, net: responses.RequestsMock, body: Any, said: str, fields: dict[str, str]
) -> None:
    net.add("PUT", ISSUE, status=400, body=json.dumps(body), content_type="application/json")
    with pytest.raises(Refused) as caught:
        write(wire)
    assert str(caught.value).endswith(f": {said}" if said else "answered 400")
    assert caught.value.fields == fields


def test_a_web_page_with_404_does_not_pass_for_a_deleted_issue(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", ISSUE, status=404, body="<html><title>Site unavailable</title></html>", content_type="text/html")
    with pytest.raises(TryLater, match="Site unavailable"):
        read(wire)


@pytest.mark.parametrize(
    ("page", "of_read", "of_write"),
    [
        ("<html><title>Log in - Atlassian</title></html>", SignInFailed, SignInFailed),
        ("<html><title>Welcome</title></html>", TryLater, Unclear),
    ],
)
def test_a_web_page_with_200_is_no_data(
    wire: Wire, net: responses.RequestsMock, page: str, of_read: type[Exception], of_write: type[Exception]
) -> None:
    for method in ("GET", "PUT"):
        net.add(method, ISSUE, status=200, body=page, content_type="text/html")
    with pytest.raises(of_read):
        read(wire)
    with pytest.raises(of_write):
        write(wire)


@pytest.mark.parametrize("status", [200, 403])
def test_an_answer_for_which_sign_in_failed_is_no_answer(wire: Wire, net: responses.RequestsMock, status: int) -> None:
    net.add("GET", ISSUE, status=status, json={}, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    with pytest.raises(SignInFailed):
        read(wire)


def test_a_missing_scope_is_told_in_the_gateways_words(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", ISSUE, status=401, json={"code": 401, "message": "Unauthorized; scope does not match"})
    with pytest.raises(SignInFailed, match="scope does not match"):
        read(wire)


def test_no_secret_is_told_even_when_the_site_repeats_it(
    wire: Wire, net: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    basic = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
    echo = {"errorMessages": [f"you sent {TOKEN} as Basic {basic}"], "errors": {"token": f"{TOKEN}?"}}
    net.add("PUT", ISSUE, status=400, json=echo)
    with caplog.at_level(logging.DEBUG, logger="connector"), pytest.raises(Refused) as caught:
        write(wire)
    sent = net.calls[0].request.headers["Authorization"]
    assert sent in (f"Basic {basic}", f"Basic {basic}".encode())
    told = [str(caught.value), repr(caught.value), repr(caught.value.fields), repr(wire), repr(vars(wire.habits))]
    told += [repr(vars(record)) for record in caplog.records]
    assert caplog.records
    assert not [text for text in told if TOKEN in text or basic in text]


def test_a_path_value_cannot_leave_its_place_in_the_path() -> None:
    assert fill("/issue/{issue}/x", {"issue": "../a?b#c d"}) == "/issue/..%2Fa%3Fb%23c%20d/x"


def test_no_session_is_kept_that_could_outlive_the_token(wire: Wire, net: responses.RequestsMock) -> None:
    net.add("GET", ISSUE, json={}, headers={"Set-Cookie": "JSESSIONID=1; Path=/"})
    read(wire)
    read(wire)
    assert "Cookie" not in net.calls[1].request.headers


def test_the_clients_own_retries_are_off(net: responses.RequestsMock, watched: Watched) -> None:
    net.add("PUT", ISSUE, status=429, headers={"Retry-After": "0"})
    wire = connect_jira(Connection(url=URL, user=USER), TOKEN, habits=watched.habits).wire
    with pytest.raises(Throttled):
        write(wire)
    assert len(net.calls) == 1


def test_both_time_outs_reach_the_transport(net: responses.RequestsMock) -> None:
    connection = Connection(url=URL, user=USER, connect_timeout_s=1.5, read_timeout_s=9)
    net.add("GET", ISSUE, json={})
    read(connect_jira(connection, TOKEN).wire)
    assert net.calls[0].request.req_kwargs["timeout"] == (1.5, 9.0)  # type: ignore[attr-defined]  # set by responses


def test_a_scoped_token_goes_through_the_gateway(net: responses.RequestsMock) -> None:
    connection = Connection(url=URL, user=USER, auth=Auth.SCOPED, cloud_id="c1")
    net.add("GET", re.compile(r"https://gw\.example/.*"), json={"accountId": "a", "type": "known"})
    jira = connect_jira(connection, TOKEN, gateway="https://gw.example")
    wiki = connect_confluence(connection, TOKEN, gateway="https://gw.example")
    jira.whoami()
    wiki.whoami()
    assert [call.request.url for call in net.calls] == [
        "https://gw.example/ex/jira/c1/rest/api/3/myself",
        "https://gw.example/ex/confluence/c1/wiki/rest/api/user/current",
    ]
    assert (jira.site, wiki.site) == (URL, f"{URL}/wiki")


def test_a_personal_access_token_is_sent_as_bearer(net: responses.RequestsMock) -> None:
    net.add("GET", ISSUE, json={})
    read(connect_jira(Connection(url=URL, auth=Auth.PAT), f" {TOKEN.encode('ascii', 'ignore').decode()}\n").wire)
    assert net.calls[0].request.headers["Authorization"] == "Bearer t0ken--never-shown"


@pytest.mark.parametrize(
    ("connection", "secret", "hint"),
    [
        (Connection(url=URL), TOKEN, "`user` must be set"),
        (Connection(url=URL, user=USER), " \n", "the token is empty"),
        (Connection(url=URL, user=USER), "hidden\nhidden", "space or line break"),
        (Connection(url="https://[acme", user=USER), TOKEN, "no address"),
        (Connection(url=URL, user=USER, auth=Auth.SCOPED), TOKEN, "tenant_info"),
        (Connection(url=URL, user=USER, auth=Auth.OAUTH, cloud_id="c1"), TOKEN, "tieout auth login"),
        (Connection(url=URL, user=USER, flavour=Flavour.DC), TOKEN, "auth pat"),
        (Connection(url="https://bot:hidden@acme.atlassian.net", user=USER), TOKEN, "must not hold"),
    ],
)
def test_a_connection_that_cannot_work_is_refused_before_any_call(
    connection: Connection, secret: str, hint: str
) -> None:
    with pytest.raises(Refused, match=hint) as caught:
        connect_jira(connection, secret)
    assert "hidden" not in str(caught.value)


def test_an_answer_of_another_shape_is_an_error_the_engine_knows(net: responses.RequestsMock, watched: Watched) -> None:
    jira = connect_jira(Connection(url=URL, user=USER), TOKEN, habits=watched.habits)
    net.add("POST", f"{ISSUE}/comment", status=201, json={"odd": True})
    net.add("GET", f"{URL}/rest/api/3/field", json=[None])
    with pytest.raises(Unclear):
        jira.comment("1", (), "ref 1")
    with pytest.raises(TryLater):
        jira.fetch(["1"])


class Asked:
    """Limits that allow `left` calls, and what they were told."""

    def __init__(self, left: int = 99) -> None:
        self.left = left
        self.asked: list[str | None] = []
        self.told: list[tuple[str, float]] = []

    def ask(self, issue: str | None) -> None:
        self.asked.append(issue)
        if len(self.asked) > self.left:
            raise Throttled("not now", after_s=9)

    def is_near(self, reset_in_s: float) -> None:
        self.told.append(("near", reset_in_s))

    def refused(self, issue: str, after_s: float) -> None:
        self.told.append((issue, after_s))

    def is_down(self, for_s: float) -> None:
        self.told.append(("down", for_s))


def test_each_call_asks_first_and_a_write_names_its_issue(wire: Wire, net: responses.RequestsMock) -> None:
    wire.limits = limits = Asked(left=2)
    net.add("GET", ISSUE, json={"id": "1"})
    net.add("PUT", ISSUE, status=204)
    read(wire)
    write(wire)
    for call in (read, write):
        with pytest.raises(Throttled, match="not now"):
            call(wire)
    assert limits.asked == [None, "1", None, "1"]
    assert len(net.calls) == 2


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"X-RateLimit-NearLimit": "true", "X-RateLimit-Reset": "2026-11-23T17:25:00Z", "Date": DATE}, [("near", 600)]),
        ({"X-RateLimit-NearLimit": "True"}, [("near", 60)]),
        ({"X-RateLimit-NearLimit": "false", "X-RateLimit-Reset": "2026-11-23T17:25:00Z", "Date": DATE}, []),
        ({}, []),
    ],
)
def test_a_limit_that_is_near_is_told(
    wire: Wire, net: responses.RequestsMock, headers: dict[str, str], told: list[tuple[str, float]]
) -> None:
    wire.limits = limits = Asked()
    net.add("GET", ISSUE, json={"id": "1"}, headers=headers)
    read(wire)
    assert limits.told == told


@pytest.mark.parametrize(("status", "told"), [(503, [("down", 30)]), (500, []), (400, [])])
@pytest.mark.parametrize("call", [read, write])
def test_a_site_that_says_how_long_it_is_down_is_told(
    wire: Wire, net: responses.RequestsMock, call: Callable[[Wire], Any], status: int, told: list[tuple[str, float]]
) -> None:
    wire.limits = limits = Asked()
    for method in ("GET", "PUT"):
        net.add(method, ISSUE, status=status, headers={"Retry-After": "30"})
    with pytest.raises(FarSideError):
        call(wire)
    assert limits.told == told


@pytest.mark.parametrize(
    ("reason", "told"), [("jira-per-issue-on-write", [("1", 7)]), ("jira-burst-based", []), ("conf-global-based", [])]
)
def test_an_issue_that_takes_no_more_writes_is_told(
    wire: Wire, net: responses.RequestsMock, reason: str, told: list[tuple[str, float]]
) -> None:
    wire.limits = limits = Asked()
    net.add("PUT", ISSUE, status=429, headers={"Retry-After": "7", "RateLimit-Reason": reason})
    with pytest.raises(Throttled):
        write(wire)
    assert limits.told == told
