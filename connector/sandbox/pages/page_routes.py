"""What people do on a page: edit it, set its due date, tick a box, comment, reply, resolve, attach."""

from collections.abc import Callable
from datetime import date

from markupsafe import escape

from connector.sandbox.answers import Answer, redirect
from connector.sandbox.confluence import access, pages, storage
from connector.sandbox.confluence.errors import RefusalError
from connector.sandbox.confluence.state import Comment, Page
from connector.sandbox.pages.acting import TurnedAwayError, turned_away
from connector.sandbox.pages.due_cell import with_due
from connector.sandbox.pages.editor_fields import MOVED, Edited, drawn, read_form
from connector.sandbox.pages.source import in_lines
from connector.sandbox.pages.space_routes import page_of, path_of, show_page
from connector.sandbox.pages.visits import Visit, visited
from connector.sandbox.wire import Routes

ROUTES = Routes("pages")
V2 = "/wiki/api/v2"
EDIT = "/wiki/spaces/<key>/pages/edit-v2/<page_id>"


@ROUTES.get(EDIT)
@visited
def open_editor(visit: Visit) -> Answer:
    """The page with fields in it; with `source`, its storage format."""
    found = page_of(visit, visit.param("page_id"))
    access.editable_page(visit.site, visit.person, found.content_id)
    if "source" in visit.call.query:
        return _source_editor(visit, found, found.title, in_lines(found.body))
    return _editor(visit, found)


@ROUTES.post(EDIT)
@visited
def save(visit: Visit) -> Answer:
    """What was changed on the page, also when somebody saved another version meanwhile but touched other words."""
    found = page_of(visit, visit.param("page_id"))
    if "body" in visit.form:
        return _save_source(visit, found)
    number = visit.form.get("version", "")
    held = [one for one in found.versions if str(one.number) == number] or [found.version]
    written = read_form(visit.form, held[0].body)
    try:
        body = written.applied(found.body)
        if body is None:
            raise TurnedAwayError(409, MOVED.format(found.version.number))
        _write(visit, found, visit.form.get("title", found.title).strip(), body)
    except RefusalError as refused:
        return _editor(visit, found, written, problem=turned_away(refused, visit.person))
    except TurnedAwayError as away:
        return _editor(visit, found, written, problem=away)
    return redirect(path_of(visit, found))


def _save_source(visit: Visit, found: Page) -> Answer:
    """The source as written, unless somebody saved another version meanwhile: then it is kept and shown again."""
    form = visit.form
    title, body = form.get("title", found.title).strip(), form.get("body", "").replace("\r\n", "\n")
    try:
        if form.get("version") != str(found.version.number):
            raise TurnedAwayError(409, f"Somebody saved version {found.version.number} while you were editing.")
        is_changed = body != in_lines(found.body).replace("\r\n", "\n")
        _write(visit, found, title, body if is_changed else found.body)
    except RefusalError as refused:
        return _source_editor(visit, found, title, body, problem=turned_away(refused, visit.person))
    except TurnedAwayError as away:
        return _source_editor(visit, found, title, body, problem=away)
    return redirect(path_of(visit, found))


@ROUTES.post("/wiki/pages/<page_id>/due")
@visited
def set_due(visit: Visit) -> Answer:
    """`due_on` goes into the Due row of the page's properties; empty takes the date out."""

    def change(found: Page) -> None:
        text = visit.form.get("due_on", "")
        try:
            on = date.fromisoformat(text) if text else None
        except ValueError:
            raise TurnedAwayError(400, f"{text} is not a date; write it as 2026-12-01.") from None
        pages.edit_as_person(visit.site, visit.person, found.content_id, lambda body: with_due(body, on))

    return _done(visit, change)


@ROUTES.post("/wiki/pages/<page_id>/tasks/<task_id>")
@visited
def tick(visit: Visit) -> Answer:
    """`status` is complete or incomplete."""
    body = {"status": visit.form.get("status", "")}
    return _done(visit, lambda _found: visit.act("PUT", f"{V2}/tasks/{visit.param('task_id')}", body))


@ROUTES.post("/wiki/pages/<page_id>/comment")
@visited
def comment(visit: Visit) -> Answer:
    """A footer comment; a reply to `parent`; or, with `selection`, one about those words of the page."""
    form, written = visit.form, visit.form.get("body", "").replace("\r\n", "\n").strip()

    def say(found: Page) -> None:
        if not written:
            raise TurnedAwayError(400, "Write something before you send the comment.")
        said: dict[str, object] = {"body": {"representation": "storage", "value": _paragraphs(written)}}
        kind = "inline" if form.get("kind") == "inline" else "footer"
        if form.get("parent"):
            said["parentCommentId"] = form["parent"]
        else:
            said["pageId"] = found.content_id
        if kind == "inline" and not form.get("parent"):
            words = form.get("selection", "").strip()
            said["inlineCommentProperties"] = _selection(found, words, form.get("index", ""))
        visit.act("POST", f"{V2}/{kind}-comments", said)

    return _done(visit, say, "comments", draft=written)


@ROUTES.post("/wiki/pages/<page_id>/comments/<comment_id>")
@visited
def edit_comment(visit: Visit) -> Answer:
    """Other words in one's own comment."""
    written = visit.form.get("body", "").replace("\r\n", "\n").strip()

    def change(_found: Page) -> None:
        if not written:
            raise TurnedAwayError(400, "Write something, or delete the comment.")
        held = _comment(visit)
        body = {"representation": "storage", "value": _paragraphs(written)}
        said = {"version": {"number": held.version.number + 1}, "body": body}
        visit.act("PUT", f"{V2}/{held.kind}-comments/{held.content_id}", said)

    return _done(visit, change, f"comment-{visit.param('comment_id')}")


@ROUTES.post("/wiki/pages/<page_id>/comments/<comment_id>/delete")
@visited
def delete_comment(visit: Visit) -> Answer:
    """One's own, and the replies to it."""

    def remove(_found: Page) -> None:
        held = _comment(visit)
        visit.act("DELETE", f"{V2}/{held.kind}-comments/{held.content_id}")

    return _done(visit, remove, "comments")


@ROUTES.post("/wiki/pages/<page_id>/comments/<comment_id>/resolve")
@visited
def resolve(visit: Visit) -> Answer:
    """Close an inline comment, or open it again."""

    def turn(_found: Page) -> None:
        held = access.comment(visit.site, visit.person, visit.param("comment_id"), "inline")
        body = {"version": {"number": held.version.number + 1}, "resolved": held.resolution != "resolved"}
        visit.act("PUT", f"{V2}/inline-comments/{held.content_id}", body)

    return _done(visit, turn, "comments")


@ROUTES.post("/wiki/pages/<page_id>/attach")
@visited
def attach(visit: Visit) -> Answer:
    """Files of the form; one whose name is there already becomes its next version."""
    path = f"/wiki/rest/api/content/{visit.param('page_id')}/child/attachment"
    return _done(visit, lambda _found: visit.upload("PUT", path), "attachments")


def _comment(visit: Visit) -> Comment:
    """The comment of the address, of either kind, if the person sees it."""
    held = visit.site.confluence.comments.get(visit.param("comment_id"))
    kind = held.kind if held else "footer"
    return access.comment(visit.site, visit.person, visit.param("comment_id"), kind)


def _done(visit: Visit, change: Callable[[Page], object], part: str = "", draft: str = "") -> Answer:
    """Carry out a change and go back to the page; after a refusal, show it with what was wrong."""
    found = page_of(visit, visit.param("page_id"))
    try:
        change(found)
    except RefusalError as refused:
        return show_page(visit, found, problem=turned_away(refused, visit.person), draft=draft)
    except TurnedAwayError as away:
        return show_page(visit, found, problem=away, draft=draft)
    return redirect(path_of(visit, found) + (f"#{part}" if part else ""))


def _write(visit: Visit, found: Page, title: str, body: str) -> None:
    """Rename and save, each only when it changed."""
    if body != found.body:
        pages.edit_as_person(visit.site, visit.person, found.content_id, body)
    if title != found.title:
        visit.act("PUT", f"{V2}/pages/{found.content_id}/title", {"status": "current", "title": title})


def _editor(
    visit: Visit, found: Page, written: Edited | None = None, *, problem: TurnedAwayError | None = None
) -> Answer:
    """The page with fields; after a refusal with what was written, in the fields or, if they are gone, beside them."""
    is_same = written is not None and written.body == found.body
    return visit.show(
        "edit.html",
        status=problem.status if problem else 200,
        problem=problem.message if problem else "",
        page=found,
        space=visit.site.confluence.spaces[found.space_id],
        title=visit.form.get("title", found.title),
        fields=drawn(visit.site, visit.person, found, visit.today, visit.form if is_same else {}),
        end=written.end if written and is_same else "",
        kept=written.words if written and not is_same else (),
    )


def _source_editor(
    visit: Visit, found: Page, title: str, body: str, *, problem: TurnedAwayError | None = None
) -> Answer:
    return visit.show(
        "source.html",
        status=problem.status if problem else 200,
        problem=problem.message if problem else "",
        page=found,
        space=visit.site.confluence.spaces[found.space_id],
        title=title,
        body=body,
    )


def _paragraphs(written: str) -> str:
    """Lines as the comment editor keeps them: a paragraph each."""
    return "".join(f"<p>{escape(line)}</p>" for line in written.split("\n"))


def _selection(found: Page, words: str, index: str) -> dict[str, object]:
    """The place on the page where the words stand: the one that was selected, or else the first."""
    seen = "".join(token.text for token in storage.visible_text(found.body))
    count = seen.count(words)
    chosen = int(index) if index.isdecimal() and int(index) < count else 0
    return {"textSelection": words, "textSelectionMatchCount": count, "textSelectionMatchIndex": chosen}
