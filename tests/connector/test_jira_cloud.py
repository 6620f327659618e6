"""Jira Cloud's own traps: what calls cost, lost answers, a lagging index, clones, anonymous answers, workflows."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import requests

from connector.connect import connect_jira
from connector.jira_cloud import CloudJira
from connector.sandbox.accounts import Account
from connector.sandbox.clock import ManualClock
from connector.sandbox.jira import setup
from connector.sandbox.jira.model import Project
from connector.sandbox.seed import BOT_TOKEN, token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from connector.understood import MisuseError
from connector.workflows import Workflows
from mappings.errors import Forbidden, Gone, Refused, SignInFailed, Throttled, TryLater, Unclear
from mappings.far import Created, IssueEdit, NotCreated
from mappings.rules import Connection
from mappings.text import paragraphs

from .conftest import Watched
from .jira_contract import EPOCH, created, draft, one, status_id, view


@pytest.fixture
def dana(site: Site, session: requests.Session) -> Visitor:
    own = requests.Session()
    own.mount(site.base_url, session.get_adapter(site.base_url))
    return Visitor(site.base_url, "dana.kim@acme.example", token_of("dana.kim@acme.example"), own)


def project(site: Site, key: str) -> Project:
    return next(project for project in site.jira.projects.values() if project.key == key)


def bot(site: Site) -> Account:
    account = site.account_by_email("tieout@acme.example")
    assert account is not None
    return account


def calls_of(watched: Watched, work: Callable[[], object]) -> list[tuple[str, str]]:
    watched.calls.clear()
    work()
    return [(method, template) for method, template, _ in watched.calls]


def many(jira: CloudJira, count: int) -> list[Created]:
    drafts = [draft(number) for number in range(count)]
    blocks = [drafts[start : start + 50] for start in range(0, count, 50)]
    return [answer for block in blocks for answer in created(jira.create(block))]


def test_what_everyday_work_costs_in_calls(jira: CloudJira, watched: Watched) -> None:
    jira.catalog(["SEC"])
    create = ("POST", "/rest/api/3/issue/bulk")
    assert calls_of(watched, lambda: many(jira, 120)) == [create] * 3
    issues = many(jira, 250)
    ids = [answer.id for answer in issues]
    assert calls_of(watched, lambda: jira.fetch(ids)) == [("POST", "/rest/api/3/issue/bulkfetch")] * 3
    review = status_id(jira, "In Review")
    jira.move(ids[0], review, fields={})
    assert calls_of(watched, lambda: jira.move(ids[1], review, fields={})) == [
        ("POST", "/rest/api/3/issue/{issue}/transitions")
    ]
    wanted = IssueEdit({"summary": "x"}, frozenset({"a"}), frozenset({"b"}))
    assert calls_of(watched, lambda: jira.edit(ids[0], wanted)) == [("PUT", "/rest/api/3/issue/{issue}")]
    assert calls_of(watched, lambda: jira.edit(ids[0], IssueEdit({}))) == []


def test_a_poll_is_one_call_and_a_quiet_one_also_asks_whether_we_are_signed_in(
    jira: CloudJira, watched: Watched, clock: ManualClock
) -> None:
    one(jira)
    search, myself = ("POST", "/rest/api/3/search/jql"), ("GET", "/rest/api/3/myself")
    assert calls_of(watched, lambda: jira.changed_since(EPOCH, ["SEC"])) == [search]
    assert calls_of(watched, lambda: jira.changed_since(clock.advance(60), ["SEC"])) == [search, myself]


def test_a_long_way_is_walked_without_looking_the_second_time(jira: CloudJira, watched: Watched) -> None:
    first, second = (one(jira, draft(number, project="PLAT")) for number in (1, 2))
    target = status_id(jira, "With auditor", "PLAT")
    jira.fetch([first.id, second.id])
    jira.move(first.id, target, fields={})
    assert (
        calls_of(watched, lambda: jira.move(second.id, target, fields={}))
        == [("POST", "/rest/api/3/issue/{issue}/transitions")] * 4
    )


def test_a_lost_answer_to_a_create_is_unclear_and_the_issues_are_found(jira: CloudJira, site: Site) -> None:
    number = jira.highest_number("SEC")
    drafts = [draft(n) for n in range(3)]
    site.faults.add("timeout_after", "POST", "/issue/bulk$")
    site.faults.index_lag_s = 3600
    with pytest.raises(Unclear):
        jira.create(drafts)
    found = jira.find_created("SEC", [part.marker for part in drafts], number)
    assert {marker: len(ids) for marker, ids in found.items()} == {part.marker: 1 for part in drafts}
    assert len(site.jira.issues) == 3


def test_a_create_that_never_arrived_leaves_nothing_to_find(jira: CloudJira, site: Site) -> None:
    site.faults.add("drop_before", "POST", "/issue/bulk$")
    with pytest.raises(Unclear):
        jira.create([draft(1)])
    assert jira.find_created("SEC", [draft(1).marker], 0) == {}


def test_a_change_log_that_may_have_been_cut_says_so_and_can_be_read_whole(jira: CloudJira, dana: Visitor) -> None:
    """Jira shows the newest forty changes among many issues and does not say that there are more."""
    jira.catalog(["SEC"])
    busy, quiet = one(jira, draft(1)), one(jira, draft(2))
    dana.move(busy.key, "In Review")
    for number in range(45):
        dana.set_fields(busy.key, labels=[f"seen-{number}"])
    found = jira.fetch([busy.id, quiet.id]).found
    assert (found[busy.id].has_more_changes, found[quiet.id].has_more_changes) == (True, False)
    assert [change.field for change in found[busy.id].changes] == ["labels"] * 40
    changes = jira.change_logs([busy.id])[busy.id]
    assert [change.field for change in changes] == ["labels"] * 45 + ["status"]
    assert changes[0].after is not None
    assert "seen-44" in changes[0].after


def test_every_comment_is_read_where_some_may_have_been_cut(jira: CloudJira, dana: Visitor) -> None:
    """Twenty among many may be all or the newest; `total` is documented as the number that came."""
    issue = one(jira)
    for number in range(130):
        dana.comment_issue(issue.key, f"Remark {number}")
    assert [comment.text for comment in view(jira, issue.id).comments] == [f"Remark {n}" for n in range(130)]


def test_what_jira_cannot_show_just_now_is_neither_found_nor_missing(jira: CloudJira, site: Site) -> None:
    """`issueErrors` of a bulk fetch: in the document they are of issues that are there."""
    first, second = one(jira, draft(1)), one(jira, draft(2))
    site.faults.unreadable[first.id] = 2
    fetched = jira.fetch([first.id, second.id, "99999999"])
    assert (set(fetched.found), set(fetched.missing), set(fetched.unread)) == ({second.id}, {"99999999"}, {first.id})
    with pytest.raises(TryLater):
        jira.find_created("SEC", [draft(1).marker], 0)
    assert set(jira.find_created("SEC", [draft(1).marker], 0)) == {draft(1).marker}


def test_a_throttled_create_is_told_as_not_done(jira: CloudJira, site: Site) -> None:
    site.faults.rate_limit("POST", "/issue/bulk$", retry_after_s=11)
    with pytest.raises(Throttled) as caught:
        jira.create([draft(1)])
    assert (caught.value.after_s, caught.value.reason) == (11, "jira-burst-based")
    assert not site.jira.issues


def test_issues_are_found_by_key_across_gaps_and_more_than_a_hundred(
    jira: CloudJira, site: Site, dana: Visitor
) -> None:
    site.faults.index_lag_s = 3600  # a search would not find it
    made = many(jira, 130)
    site.jira.projects[site.jira.issues[made[0].id].project_id].grants["DELETE_ISSUES"] = {"*"}
    for answer in made[:100:7]:
        dana.call("DELETE", f"/rest/api/3/issue/{answer.id}")
    last = made[-1]
    assert jira.find_created("SEC", [last.marker], 0) == {last.marker: (last.id,)}


def test_a_clone_with_our_label_is_not_taken_for_ours(jira: CloudJira, dana: Visitor) -> None:
    mine = one(jira)
    clone = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "Clone", "labels": [mine.marker]}
    dana.create_issue(**clone)
    assert jira.find_created("SEC", [mine.marker], 0) == {mine.marker: (mine.id,)}


def test_an_issue_that_was_moved_away_is_found_by_search(
    jira: CloudJira, site: Site, session: requests.Session
) -> None:
    mine = one(jira)
    session.post(f"{site.base_url}/__sandbox/jira/issue/{mine.key}/move", json={"project": "IT"})
    number = int(mine.key.partition("-")[2])
    assert jira.find_created("SEC", [mine.marker], number) == {mine.marker: (mine.id,)}
    assert view(jira, mine.id).project == "IT"


def test_a_field_missing_from_the_create_screen_is_refused_in_the_sites_words(jira: CloudJira, site: Site) -> None:
    setup.hide_field(project(site, "SEC"), "priority")
    (answer,) = jira.create([draft(1, priority="High")])
    assert isinstance(answer, NotCreated)
    assert "priority" in answer.reason
    assert not site.jira.issues


def test_where_the_create_screen_takes_no_links_an_issue_is_linked_once_it_is_there(
    jira: CloudJira, site: Site, watched: Watched
) -> None:
    request = one(jira)
    setup.hide_field(project(site, "IT"), "issuelinks")
    drafts = [draft(number, project=key, link_to=request.key) for number, key in ((2, "IT"), (3, "SEC"), (4, "IT"))]
    answers = created(jira.create(drafts))
    assert [answer.marker for answer in answers] == [part.marker for part in drafts]
    assert [answer.key.partition("-")[0] for answer in answers] == ["IT", "SEC", "IT"]
    linked = {(link.source_id, link.target_id) for link in site.jira.links.values()}
    assert linked == {(answer.id, request.id) for answer in answers}
    bulk, link = ("POST", "/rest/api/3/issue/bulk"), ("POST", "/rest/api/3/issueLink")
    assert calls_of(watched, lambda: jira.create([draft(5, project="IT", link_to=request.key)])) == [bulk, link]


def test_a_link_that_cannot_be_made_afterwards_keeps_no_issue_back(jira: CloudJira, site: Site) -> None:
    request = one(jira)
    setup.hide_field(project(site, "IT"), "issuelinks")
    site.faults.add("status", "POST", "/issueLink$", status=503)
    (answer,) = created(jira.create([draft(2, project="IT", link_to=request.key)]))
    assert site.jira.issues[answer.id].key == answer.key
    assert (answer.is_linked, len(site.jira.links)) == (False, 0)


def test_a_create_that_stops_before_its_second_half_is_unclear(jira: CloudJira, site: Site) -> None:
    """Throttled would say that nothing was done, and everything would be created again."""
    request = one(jira)
    setup.hide_field(project(site, "IT"), "issuelinks")
    drafts = [draft(number, project=key, link_to=request.key) for number, key in ((2, "SEC"), (3, "IT"))]
    site.faults.rate_limit("POST", "/issue/bulk$", retry_after_s=11).spares = 1
    with pytest.raises(Unclear):
        jira.create(drafts)
    assert [issue.key for issue in site.jira.issues.values()] == [request.key, "SEC-2"]


def test_constants_of_a_route_fill_required_fields(jira: CloudJira, site: Site) -> None:
    field = setup.add_custom_field(site, "Cost centre", "textfield")
    setup.show_field(project(site, "SEC"), field.field_id, required=True)
    refused = jira.create([draft(1)])[0]
    assert isinstance(refused, NotCreated)
    assert field.field_id in refused.reason
    made = one(jira, draft(2, fields={field.field_id: "42"}))
    assert site.jira.issues[made.id].values[field.field_id] == "42"


def test_once_the_workflow_is_known_an_issue_begins_where_it_should(jira: CloudJira, watched: Watched) -> None:
    wanted = status_id(jira, "In Progress")
    first = one(jira, draft(1, status_id=wanted))
    assert view(jira, first.id).status_id != wanted
    jira.move(first.id, wanted, fields={})
    assert calls_of(watched, lambda: one(jira, draft(2, status_id=wanted))) == [("POST", "/rest/api/3/issue/bulk")]
    second = one(jira, draft(3, status_id=wanted))
    assert view(jira, second.id).status_id == wanted


def test_what_one_client_learns_of_workflows_another_knows(
    connection: Connection, session: requests.Session, watched: Watched
) -> None:
    shared = Workflows()
    one_jira, other = (
        connect_jira(connection, BOT_TOKEN, session=session, habits=watched.habits, workflows=shared) for _ in "12"
    )
    ids = [one(one_jira, draft(number)).id for number in (1, 2)]
    one_jira.fetch(ids)
    target = status_id(one_jira, "Done")
    one_jira.move(ids[0], target, fields={})
    other.fetch(ids)
    assert calls_of(watched, lambda: other.move(ids[1], target, fields={})) == [
        ("POST", "/rest/api/3/issue/{issue}/transitions")
    ]


def test_a_workflow_that_was_changed_is_looked_at_again(jira: CloudJira, site: Site) -> None:
    first, second = (one(jira, draft(number, project="PLAT")) for number in (1, 2))
    jira.fetch([first.id, second.id])
    selected = status_id(jira, "Selected", "PLAT")
    jira.move(first.id, selected, fields={})
    setup.change_transition(project(site, "PLAT"), "Select", transition_id="999")
    jira.move(second.id, selected, fields={})
    assert view(jira, second.id).status_id == selected


def test_a_way_that_is_closed_to_our_account_ends_with_what_was_offered(jira: CloudJira, site: Site) -> None:
    made = one(jira, draft(1, project="PLAT"))
    setup.change_transition(project(site, "PLAT"), "Start", groups=frozenset({"platform-leads"}))
    with pytest.raises(Refused) as caught:
        jira.move(made.id, status_id(jira, "Doing", "PLAT"), fields={})
    assert "'Put back'" in str(caught.value)
    assert view(jira, made.id).status_id == status_id(jira, "Selected", "PLAT")


def test_a_card_that_no_way_leads_back_is_moved_while_one_is_sought_and_then_no_more(
    jira: CloudJira, dana: Visitor, watched: Watched
) -> None:
    """It gave up in the first corner, and moved on at the next look."""
    made = one(jira, draft(1, project="PLAT"))
    for name in ("Selected", "Doing"):
        dana.move(made.id, name)
    jira.fetch([made.id])
    back = status_id(jira, "Selected", "PLAT")

    def move_back() -> None:
        with pytest.raises(Refused, match="no way on from there"):
            jira.move(made.id, back, fields={})

    assert ("POST", "/rest/api/3/issue/{issue}/transitions") in calls_of(watched, move_back)
    assert {method for method, _ in calls_of(watched, move_back)} == {"GET"}


def test_without_the_permission_to_move_the_refusal_says_so(jira: CloudJira, site: Site) -> None:
    made = one(jira)
    project(site, "SEC").grants["TRANSITION_ISSUES"] = set()
    with pytest.raises(Refused, match="Transition issues"):
        jira.move(made.id, status_id(jira, "Done"), fields={})


def test_a_move_whose_answer_is_lost_is_unclear(jira: CloudJira, site: Site) -> None:
    made = one(jira)
    site.faults.add("timeout_after", "POST", "/transitions$")
    with pytest.raises(Unclear):
        jira.move(made.id, status_id(jira, "Done"), fields={})
    assert view(jira, made.id).is_done


def test_a_write_is_never_sent_twice_whatever_goes_wrong(jira: CloudJira, site: Site) -> None:
    made = one(jira)
    site.calls.clear()
    site.faults.add("status_after", "POST", "/comment$", status=502, times=9)
    site.faults.add("drop_after", "PUT", "/issue/", times=9)
    with pytest.raises(Unclear):
        jira.comment(made.id, paragraphs("Once."), "ref 1")
    with pytest.raises(Unclear):
        jira.edit(made.id, IssueEdit({"summary": "Once"}))
    assert len(site.calls.writes()) == 2
    site.faults.clear()
    assert len(view(jira, made.id).comments) == 1


def test_a_read_survives_two_stumbles(jira: CloudJira, site: Site) -> None:
    made = one(jira)
    site.faults.add("drop_before", "POST", "/bulkfetch$")
    site.faults.add("status", "POST", "/bulkfetch$", status=502)
    assert view(jira, made.id).id == made.id


def test_a_sign_in_that_fails_silently_is_not_taken_for_an_empty_site(
    connection: Connection, session: requests.Session, site: Site, jira: CloudJira
) -> None:
    made = one(jira)
    site.faults.bad_login_is_anonymous = True
    nobody = connect_jira(connection, "expired", session=session)
    asked: tuple[Callable[[], object], ...] = (
        nobody.whoami,
        lambda: nobody.fetch([made.id]),
        lambda: nobody.changed_since(EPOCH, ["SEC"]),
        lambda: nobody.find_created("SEC", [made.marker], 0),
        lambda: nobody.highest_number("SEC"),
    )
    for call in asked:
        with pytest.raises((SignInFailed, Gone, Refused)) as caught:
            call()
        assert caught.type is not Gone


def test_an_expired_token_is_a_failed_sign_in(jira: CloudJira, site: Site, clock: ManualClock) -> None:
    bot(site).token_expires_at = clock.now()
    with pytest.raises(SignInFailed, match="expiry"):
        jira.fetch(["1"])


def test_the_limit_of_one_issue_is_told_with_its_reason(jira: CloudJira, site: Site) -> None:
    made = one(jira)
    site.faults.limits.per_issue = True
    for number in range(20):
        jira.edit(made.id, IssueEdit({"summary": str(number)}))
    with pytest.raises(Throttled) as caught:
        jira.edit(made.id, IssueEdit({"summary": "one too many"}))
    assert caught.value.reason == "jira-per-issue-on-write"


def test_a_comment_with_a_visibility_is_restricted(jira: CloudJira, dana: Visitor) -> None:
    made = one(jira)
    body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": []}]}
    visibility = {"type": "group", "value": "jira-users", "identifier": "jira-users"}
    dana.call("POST", f"/rest/api/3/issue/{made.key}/comment", json={"body": body, "visibility": visibility})
    assert [comment.is_restricted for comment in view(jira, made.id).comments] == [True]


def test_our_marks_are_kept_as_properties_too(jira: CloudJira, dana: Visitor) -> None:
    made = one(jira)
    comment_id = jira.comment(made.id, paragraphs("x"), "ref 0123456789ab")
    uid = dana.call("GET", f"/rest/api/3/issue/{made.key}/properties/tieout")["value"]["uid"]
    ref = dana.call("GET", f"/rest/api/3/comment/{comment_id}/properties/tieout")["value"]["ref"]
    assert (f"tieout-{uid}", ref) == (made.marker, "ref 0123456789ab")


def test_a_task_that_a_person_linked_the_other_way_has_its_request_too(jira: CloudJira, dana: Visitor) -> None:
    request, task = one(jira, draft(1)), one(jira, draft(2))
    link = {"type": {"name": "Relates"}, "outwardIssue": {"key": task.key}, "inwardIssue": {"key": request.key}}
    dana.call("POST", "/rest/api/3/issueLink", json=link)
    assert view(jira, task.id).parent == request.id


def test_a_projects_own_field_of_that_name_is_not_the_sites_flag(jira: CloudJira, site: Site) -> None:
    sites = site.jira.fields.pop(setup.FLAGGED)
    own = setup.add_custom_field(
        site, "Flagged", "multicheckboxes", options=["Impediment"], project=project(site, "PEOPLE")
    )
    site.jira.fields[setup.FLAGGED] = sites
    made = one(jira, draft(0))
    jira.edit(made.id, IssueEdit({"is_flagged": True}))
    assert view(jira, made.id).is_flagged
    assert own.field_id not in site.jira.issues[made.id].values


def test_a_flag_on_a_site_without_the_field_is_refused_by_name(jira: CloudJira, site: Site) -> None:
    made = one(jira)
    del site.jira.fields[setup.FLAGGED]
    jira.catalog(["SEC"])
    with pytest.raises(Refused) as caught:
        jira.edit(made.id, IssueEdit({"is_flagged": True}))
    assert "is_flagged" in caught.value.fields
    assert not view(jira, made.id).is_flagged


def test_a_watcher_who_cannot_see_the_issue_does_not_make_it_gone(jira: CloudJira) -> None:
    made = one(jira)
    with pytest.raises(Refused) as caught:
        jira.watch(made.id, "nobody")
    assert "watchers" in caught.value.fields


def test_what_our_account_may_not_do_is_forbidden(jira: CloudJira, site: Site, dana: Visitor) -> None:
    made = one(jira)
    project(site, "SEC").grants["MANAGE_WATCHERS"] = set()
    project(site, "SEC").grants["EDIT_ISSUES"] = set()
    with pytest.raises(Forbidden):
        jira.watch(made.id, dana.account_id())
    with pytest.raises(Forbidden):
        jira.edit(made.id, IssueEdit({"summary": "x"}))


def test_a_file_that_comes_short_is_not_a_file(jira: CloudJira, dana: Visitor) -> None:
    made = one(jira)
    dana.attach(made.key, "a.txt", b"0123456789")
    (file,) = view(jira, made.id).files
    with pytest.raises(TryLater, match="10 bytes where the site had said 11"):
        list(jira.download(replace(file, size=11)))


def test_too_many_drafts_and_unknown_changes_are_the_callers_defect(jira: CloudJira) -> None:
    with pytest.raises(MisuseError):
        jira.create([draft(number) for number in range(51)])
    with pytest.raises(MisuseError):
        jira.edit("1", IssueEdit({"colour": "red"}))
