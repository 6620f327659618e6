"""Confluence Data Center's own traps: people by key, words of others, minutes in the index, files by name."""

import io
from datetime import timedelta

import pytest
import requests
import responses

from connector.confluence_dc import DcConfluence
from connector.connect import connect_confluence
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence import comments as sandbox_comments
from connector.sandbox.seed import BOT_TOKEN
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from mappings.errors import SignInFailed, TryLater
from mappings.rules import Auth, Connection, Flavour
from mappings.text import Mention, Paragraph, Text

from .confluence_contract import page
from .conftest import Watched
from .data_center import WIKI, dana, dc_session

__all__ = ["dana", "dc_session"]
CONNECTION = Connection(url=WIKI, flavour=Flavour.DC, auth=Auth.PAT)
PRIYA_NAME, PRIYA_KEY = 'ri:account-id="priya.nair"', 'ri:userkey="JIRAUSER00002"'


def connected(session: requests.Session | None = None, token: str = BOT_TOKEN) -> DcConfluence:
    confluence = connect_confluence(CONNECTION, token, session=session, habits=Watched().habits)
    assert isinstance(confluence, DcConfluence)
    return confluence


@pytest.fixture
def confluence(dc_session: requests.Session) -> DcConfluence:
    return connected(dc_session)


def test_people_are_written_by_key_and_read_by_name_and_the_rest_stays_to_the_letter(
    confluence: DcConfluence, site: Site, dana: Visitor
) -> None:
    strange = '<ac:link><ri:user ri:userkey="gone-since"/></ac:link>'
    body = f"<p>one &amp;\ntwo <ac:link><ri:user {PRIYA_NAME}/></ac:link> {strange}</p>"
    page_id = page(confluence, "SOC2", body=body)
    shown = confluence.fetch([page_id]).found[page_id]
    assert shown.body == body
    again = confluence.update(page_id, title=shown.title, body=shown.body, version=1, message="")
    assert (again.version, again.body) == (2, body)
    raw = confluence.wire.get(f"/rest/api/content/{page_id}")["body"]["storage"]["value"]
    assert raw == body.replace(PRIYA_NAME, PRIYA_KEY)


def test_a_mention_in_a_comment_names_the_person_by_key(confluence: DcConfluence, site: Site) -> None:
    page_id = page(confluence, "SOC2")
    body = (Paragraph((Mention("priya.nair", "Priya Nair"), Text(" & <b>all</b>"))),)
    comment_id = confluence.comment(page_id, body, "ref 0123456789ab")
    raw = confluence.wire.get(f"/rest/api/content/{comment_id}")["body"]["storage"]["value"]
    assert PRIYA_KEY in raw
    assert "&amp; &lt;b&gt;all&lt;/b&gt;" in raw


def test_words_that_somebody_else_put_into_a_comment_are_not_its_authors(
    confluence: DcConfluence, site: Site, dana: Visitor
) -> None:
    page_id = page(confluence, "SOC2")
    said = dana.comment_page(page_id, "question: why?")
    forged = site.confluence.comments[said]
    bot = site.account_by_email("tieout@acme.example")
    assert bot is not None
    forged.versions.append(type(forged.version)(2, "<p>accept</p>", bot.account_id, site.now()))
    (comment,) = confluence.comments(page_id)
    assert (comment.author, comment.text.strip()) == ("dana.kim", "question: why?")


def test_inline_comments_come_with_their_replies_open_or_resolved(
    confluence: DcConfluence, site: Site, dana: Visitor
) -> None:
    page_id = page(confluence, "SOC2", body="<p>some words here</p>")
    by = site.account_by_email("dana.kim@acme.example")
    assert by is not None
    root = sandbox_comments.add_inline_comment(
        site, by, body="<p>accept</p>", page_id=page_id, selection="words"
    ).content_id
    confluence.comment(page_id, (Paragraph((Text("Noted."),)),), "ref 0123456789ab", reply_to=root)
    sandbox_comments.update_comment(site, by, root, "inline", number=2, resolved=True)
    first, reply = confluence.comments(page_id)
    assert (first.id, first.is_inline, first.text.strip(), first.author) == (root, True, "accept", "dana.kim")
    assert (reply.reply_to, reply.is_inline, reply.author) == (root, True, "tieout")


def test_every_version_of_a_file_has_its_own_note_and_time(confluence: DcConfluence, clock: ManualClock) -> None:
    page_id = page(confluence, "SOC2")
    for note in ("one", "two", "three"):
        last = confluence.attach(page_id, "a b.txt", io.BytesIO(note.encode()), media_type="text/plain", note=note)
        clock.advance(60)
    versions = confluence.file_versions(last)
    assert [(file.version, file.note) for file in versions] == [(3, "three"), (2, "two"), (1, "one")]
    assert [versions[0].created_at - file.created_at for file in versions] == [timedelta(minutes=n) for n in range(3)]


def test_a_poll_does_not_depend_on_the_zone_of_the_account_and_leaves_out_what_came_before(
    confluence: DcConfluence, site: Site, clock: ManualClock
) -> None:
    bot = site.account_by_email("tieout@acme.example")
    assert bot is not None
    bot.time_zone = "Asia/Kolkata"
    page(confluence, "SOC2", title="R-1")
    clock.advance(20)
    since = clock.now()
    late = page(confluence, "SOC2", title="R-2")
    clock.advance(5)
    assert set(confluence.changed_since(since, ["SOC2"]).ids) == {late}


def test_a_poll_reads_on_where_a_list_is_long(confluence: DcConfluence, clock: ManualClock) -> None:
    clock.advance(600)
    since = clock.now()
    made = {page(confluence, "SOC2", title=f"R-{number}") for number in range(130)}
    assert set(confluence.changed_since(since, ["SOC2"]).ids) == made


def test_a_token_that_is_no_longer_good_is_a_failed_sign_in(dc_session: requests.Session) -> None:
    stranger = connected(dc_session, "expired")
    for call in (stranger.whoami, lambda: stranger.fetch(["10000"]), lambda: stranger.space_id("SOC2")):
        with pytest.raises(SignInFailed):
            call()


@responses.activate
def test_an_answer_to_nobody_is_a_failed_sign_in_and_no_empty_site() -> None:
    responses.get(f"{WIKI}/rest/api/user/current", json={"type": "anonymous", "displayName": "Anonymous"})
    responses.get(f"{WIKI}/rest/api/content/1", status=404, json={"statusCode": 404, "message": "No content found"})
    for call in (lambda: connected().fetch(["1"]), lambda: connected().whoami()):
        with pytest.raises(SignInFailed):
            call()


@responses.activate
def test_one_page_that_cannot_be_read_holds_up_no_other() -> None:
    whole = {
        "id": "2",
        "status": "current",
        "title": "R-2",
        "space": {"key": "SOC2"},
        "version": {"number": 1, "when": "2026-10-05T09:00:00.000Z", "by": {"username": "dana.kim"}},
        "body": {"storage": {"value": "<p>x</p>"}},
    }
    responses.get(f"{WIKI}/rest/api/content/1", status=500, json={"statusCode": 500, "message": "oops"})
    responses.get(f"{WIKI}/rest/api/content/2", json=whole)
    fetched = connected().fetch(["1", "2"])
    assert (set(fetched.found), set(fetched.unread), fetched.missing) == ({"2"}, {"1"}, {})
    with pytest.raises(TryLater):
        fetched.whole()
