"""An issue's page, and what people do there: edit fields, move, comment, attach, watch, download."""

from dataclasses import replace
from urllib.parse import quote

from connector.sandbox.answers import Answer, redirect
from connector.sandbox.jira import access, adf, workflow
from connector.sandbox.jira.model import Transition
from connector.sandbox.jira.records import Issue
from connector.sandbox.pages import board, inputs
from connector.sandbox.pages.acting import NO_JIRA, TurnedAwayError
from connector.sandbox.pages.issue_view import edit_inputs, screen_inputs, view_of
from connector.sandbox.pages.visits import Visit, safe_path, visited
from connector.sandbox.wire import Routes

ROUTES = Routes("pages")


@ROUTES.get("/browse/<key>")
@visited
def show_issue(visit: Visit) -> Answer:
    """The issue; by a key it had before a move, sent on. A project's key alone leads to its board."""
    key = visit.param("key")
    if visit.person.has_jira and visit.site.jira.project(key) is not None:
        return redirect(f"/jira/board/{quote(key)}")
    issue = _issue(visit)
    if issue.key != key:
        return redirect(f"/browse/{issue.key}")
    return _page(visit, issue)


@ROUTES.post("/browse/<key>/fields")
@visited
def edit_fields(visit: Visit) -> Answer:
    """Only what the person changed is sent, so that nobody's edit of another field is undone."""
    issue = _issue(visit)
    try:
        fields = inputs.changed(visit.site, visit.form, edit_inputs(visit, issue))
        if fields:
            visit.act("PUT", f"/rest/api/3/issue/{issue.issue_id}", {"fields": fields})
    except TurnedAwayError as away:
        return _page(visit, issue, problem=away)
    return _back(issue)


@ROUTES.post("/browse/<key>/transition")
@visited
def transition(visit: Visit) -> Answer:
    """By `transition`; one with a screen is asked first."""
    issue = _issue(visit)
    try:
        chosen = _transition(visit, issue, visit.form.get("transition", ""))
        if chosen.screen:
            return redirect(f"/browse/{issue.key}/transition/{chosen.transition_id}")
        _move(visit, issue, chosen, {})
    except TurnedAwayError as away:
        return _page(visit, issue, problem=away)
    return _back(issue)


@ROUTES.get("/browse/<key>/transition/<transition_id>")
@visited
def show_screen(visit: Visit) -> Answer:
    issue = _issue(visit)
    return _screen(visit, issue, _transition(visit, issue, visit.param("transition_id")))


@ROUTES.post("/browse/<key>/transition/<transition_id>")
@visited
def fill_screen(visit: Visit) -> Answer:
    """Make the transition with what was filled in, then go back to where the card was moved."""
    issue = _issue(visit)
    chosen = _transition(visit, issue, visit.param("transition_id"))
    try:
        _move(visit, issue, chosen, inputs.filled_in(visit.site, visit.form, screen_inputs(visit, issue, chosen)))
    except TurnedAwayError as away:
        return _screen(visit, issue, chosen, problem=away)
    return redirect(visit.here if visit.form.get("back") else f"/browse/{issue.key}")


@ROUTES.post("/browse/<key>/comment")
@visited
def comment(visit: Visit) -> Answer:
    issue = _issue(visit)
    text = visit.form.get("body", "").replace("\r\n", "\n").strip()
    try:
        if not text:
            raise TurnedAwayError(400, "Write something before you send the comment.")
        visit.act("POST", f"/rest/api/3/issue/{issue.issue_id}/comment", {"body": adf.from_text(text)})
    except TurnedAwayError as away:
        return _page(visit, issue, problem=away, draft=text)
    return _back(issue, "comments")


@ROUTES.post("/browse/<key>/comments/<comment_id>")
@visited
def edit_comment(visit: Visit) -> Answer:
    """Other words in a comment; who may read it stays."""
    issue = _issue(visit)
    text = visit.form.get("body", "").replace("\r\n", "\n").strip()
    held = visit.site.jira.comments.get(visit.param("comment_id"))
    body: dict[str, object] = {"body": adf.from_text(text)}
    if held is not None and held.visibility:
        body["visibility"] = held.visibility
    return _on_comment(visit, issue, "PUT", body if text else None)


@ROUTES.post("/browse/<key>/comments/<comment_id>/delete")
@visited
def delete_comment(visit: Visit) -> Answer:
    return _on_comment(visit, _issue(visit), "DELETE", {})


@ROUTES.post("/browse/<key>/words")
@visited
def edit_words(visit: Visit) -> Answer:
    """The summary, and the description where its words were changed: its formatting goes then."""
    issue = _issue(visit)
    summary = visit.form.get("summary", "").strip()
    text = visit.form.get("description", "").replace("\r\n", "\n").strip()
    fields: dict[str, object] = {}
    if summary != issue.values["summary"]:
        fields["summary"] = summary
    if text != adf.to_text(issue.values.get("description")).strip():
        fields["description"] = adf.from_text(text) if text else None
    try:
        if fields:
            visit.act("PUT", f"/rest/api/3/issue/{issue.issue_id}", {"fields": fields})
    except TurnedAwayError as away:
        return _page(visit, issue, problem=away)
    return _back(issue)


@ROUTES.post("/browse/<key>/attach")
@visited
def attach(visit: Visit) -> Answer:
    issue = _issue(visit)
    try:
        visit.upload("POST", f"/rest/api/3/issue/{issue.issue_id}/attachments")
    except TurnedAwayError as away:
        return _page(visit, issue, problem=away)
    return _back(issue, "attachments")


@ROUTES.post("/browse/<key>/watch")
@visited
def watch(visit: Visit) -> Answer:
    """Start to watch, or stop."""
    issue, me = _issue(visit), visit.person.account_id
    path = f"/rest/api/3/issue/{issue.issue_id}/watchers"
    if me in issue.watchers:
        visit.act("DELETE", f"{path}?accountId={quote(me, safe='')}")
    else:
        visit.act("POST", path)
    return _back(issue)


@ROUTES.get("/secure/attachment/<attachment_id>/<path:name>")
@visited
def download_file(visit: Visit) -> Answer:
    """A file's bytes; the name in the address is for people."""
    return visit.fetch(f"/rest/api/3/attachment/content/{visit.param('attachment_id')}?redirect=false")


def _on_comment(visit: Visit, issue: Issue, method: str, body: dict[str, object] | None) -> Answer:
    """Edit or delete; without a body nothing was written."""
    comment_id = visit.param("comment_id")
    try:
        if body is None:
            raise TurnedAwayError(400, "Write something, or delete the comment.")
        visit.act(method, f"/rest/api/3/issue/{issue.issue_id}/comment/{comment_id}", body or None)
    except TurnedAwayError as away:
        return _page(visit, issue, problem=away)
    return _back(issue, "comments" if method == "DELETE" else f"comment-{comment_id}")


def _issue(visit: Visit) -> Issue:
    if not visit.person.has_jira:
        raise TurnedAwayError(403, NO_JIRA)
    found = access.find_issue(visit.site, visit.person, visit.param("key"))
    if found is None:
        raise TurnedAwayError(404, f"There is no issue {visit.param('key')}, or you may not see it.")
    return found


def _transition(visit: Visit, issue: Issue, transition_id: str) -> Transition:
    found = workflow.available(visit.site, visit.person, issue)
    for one in found:
        if one.transition_id == transition_id:
            return one
    now = visit.site.jira.statuses[issue.status_id].name
    raise TurnedAwayError(400, f"{issue.key} is in {now} now, and this move is not open to it there.")


def _move(visit: Visit, issue: Issue, chosen: Transition, fields: dict[str, object]) -> None:
    body: dict[str, object] = {"transition": {"id": chosen.transition_id}, "fields": fields}
    text = visit.form.get("comment", "").replace("\r\n", "\n").strip()
    if text:
        body["update"] = {"comment": [{"add": {"body": adf.from_text(text)}}]}
    visit.act("POST", f"/rest/api/3/issue/{issue.issue_id}/transitions", body)


def _page(visit: Visit, issue: Issue, *, problem: TurnedAwayError | None = None, draft: str = "") -> Answer:
    return visit.show(
        "issue.html",
        status=problem.status if problem else 200,
        problem=problem.message if problem else "",
        issue=view_of(visit, issue),
        report=visit.report("issue", issue.issue_id),
        draft=draft,
    )


def _screen(visit: Visit, issue: Issue, chosen: Transition, *, problem: TurnedAwayError | None = None) -> Answer:
    asked = screen_inputs(visit, issue, chosen)
    if visit.call.request.method == "POST":
        asked = [replace(one, value=inputs.given(visit.form, one)) for one in asked]
    return visit.show(
        "transition.html",
        status=problem.status if problem else 200,
        problem=problem.message if problem else "",
        card=board.card(visit.site, issue, visit.today),
        move=board.move(visit.site, chosen),
        inputs=asked,
        back=safe_path(visit.call.request.values.get("back", f"/browse/{issue.key}")),
        comment=visit.form.get("comment", ""),
    )


def _back(issue: Issue, part: str = "") -> Answer:
    return redirect(f"/browse/{issue.key}" + (f"#{part}" if part else ""))
