"""Attachments: uploaded as multipart `file`, described, downloaded, deleted."""

import shutil
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile

from werkzeug.datastructures import FileStorage

from connector.sandbox.answers import Answer, RefusedError, jira_error, redirect
from connector.sandbox.jira import access, changes, events, views
from connector.sandbox.jira.permissions import may
from connector.sandbox.jira.records import SPOOL_BYTES, Attachment, ChangeItem, Issue
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

PER_REQUEST_MAX = 60
PER_ISSUE_MAX = 2000
CHUNK_BYTES = 1 << 16
NOT_FOUND = "The attachment with id '{}' does not exist"
CROSS_SITE = Answer(403, raw=b"XSRF check failed", content_type="text/plain;charset=UTF-8")


@ROUTES.post("/rest/api/3/issue/<id_or_key>/attachments")
def add_attachments(site: Site, call: Call) -> Answer:
    if call.request.headers.get("X-Atlassian-Token", "") not in ("no-check", "nocheck"):
        raise RefusedError(CROSS_SITE)
    issue = access.visible_issue(call, call.params["id_or_key"])
    access.require(
        call, issue, "CREATE_ATTACHMENTS", "You do not have permission to create attachments for this issue."
    )
    files = call.request.files.getlist("file")
    if not files:
        raise jira_error(400, "No attachments were found in the request; send multipart form data named 'file'.")
    if len(files) > PER_REQUEST_MAX or len(issue.attachments) + len(files) > PER_ISSUE_MAX:
        raise jira_error(413, f"At most {PER_REQUEST_MAX} files at a time and {PER_ISSUE_MAX} on an issue.")
    added = [_keep(site, call, issue, file) for file in files]
    for attachment in added:
        _record(site, issue, attachment, call.account().account_id)
    viewer = viewer_of(call)
    return Answer(200, [views.attachment_bean(viewer, attachment) for attachment in added])


@ROUTES.get("/rest/api/3/attachment/meta")
def settings(site: Site, _call: Call) -> Answer:
    return Answer(200, {"enabled": True, "uploadLimit": site.jira.attachment_limit_bytes})


@ROUTES.get("/rest/api/3/attachment/<attachment_id>")
def describe(_site: Site, call: Call) -> Answer:
    """Here, and only here, the id is a number."""
    _, attachment = _attachment(call)
    bean = views.attachment_bean(viewer_of(call), attachment)
    return Answer(200, {**bean, "id": int(attachment.attachment_id)})


@ROUTES.get("/rest/api/3/attachment/content/<attachment_id>")
def download(site: Site, call: Call) -> Answer:
    """Redirects to where the bytes are, as Jira does to its media store; `redirect=false` sends them at once."""
    _, attachment = _attachment(call)
    if call.query_flag("redirect", default=True):
        return redirect(f"{site.base_url}/__media/{attachment.attachment_id}")
    return _bytes(call, attachment)


@ROUTES.get("/__media/<attachment_id>")
def media(site: Site, call: Call) -> Answer:
    """The media store: its addresses are as good as a key, so that no login is asked for."""
    attachment = site.jira.attachments.get(call.params["attachment_id"])
    if attachment is None:
        raise jira_error(404, NOT_FOUND.format(call.params["attachment_id"]))
    return _bytes(call, attachment)


@ROUTES.delete("/rest/api/3/attachment/<attachment_id>")
def delete_attachment(site: Site, call: Call) -> Answer:
    issue, attachment = _attachment(call)
    project, actor = access.project_of(call, issue), call.account()
    own = attachment.author_id == actor.account_id and may(actor, project, "DELETE_OWN_ATTACHMENTS")
    if not own and not may(actor, project, "DELETE_ALL_ATTACHMENTS"):
        raise jira_error(403, "You do not have permission to delete attachment with id: " + attachment.attachment_id)
    access.count_write(call, issue)
    remove(site, issue, attachment, actor.account_id)
    return Answer(204)


def remove(site: Site, issue: Issue, attachment: Attachment, actor_id: str) -> None:
    """Take a file off an issue for good."""
    issue.attachments.remove(attachment)
    del site.jira.attachments[attachment.attachment_id]
    item = ChangeItem("Attachment", "attachment", attachment.attachment_id, attachment.filename, None, None)
    changes.record(site, issue, actor_id, (item,))
    events.attachment_event(site, "attachment_deleted", issue, attachment)
    attachment.content.close()


def _keep(site: Site, call: Call, issue: Issue, file: FileStorage) -> Attachment:
    content: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115  kept with the record
    shutil.copyfileobj(file.stream, content)
    size = content.tell()
    if size > site.jira.attachment_limit_bytes:
        content.close()
        raise jira_error(
            413, f"The file {file.filename} exceeds the limit of {site.jira.attachment_limit_bytes} bytes."
        )
    return Attachment(
        attachment_id=str(site.next_id("attachment")),
        issue_id=issue.issue_id,
        author_id=call.account().account_id,
        filename=file.filename or "file",
        mime_type=file.mimetype or "application/octet-stream",
        size=size,
        created_at=site.now(),
        content=content,
    )


def _record(site: Site, issue: Issue, attachment: Attachment, actor_id: str) -> None:
    issue.attachments.append(attachment)
    site.jira.attachments[attachment.attachment_id] = attachment
    item = ChangeItem("Attachment", "attachment", None, None, attachment.attachment_id, attachment.filename)
    changes.record(site, issue, actor_id, (item,))
    events.attachment_event(site, "attachment_created", issue, attachment)


def _attachment(call: Call) -> tuple[Issue, Attachment]:
    attachment = call.site.jira.attachments.get(call.params["attachment_id"])
    issue = access.find_issue(call.site, call.actor, attachment.issue_id) if attachment else None
    if attachment is None or issue is None:
        raise jira_error(404, NOT_FOUND.format(call.params["attachment_id"]))
    return issue, attachment


def _bytes(call: Call, attachment: Attachment) -> Answer:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{_percent(attachment.filename)}",
        "Accept-Ranges": "bytes",
    }
    span = call.request.range
    if span is None or span.units != "bytes":
        headers["Content-Length"] = str(attachment.size)
        return Answer(200, headers=headers, raw=_chunks(call.site, attachment), content_type=attachment.mime_type)
    found = span.range_for_length(attachment.size)
    if found is None:
        raise jira_error(416, "The requested range is not in the attachment.")
    start, stop = found
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{attachment.size}"
    headers["Content-Length"] = str(stop - start)
    chunks = _chunks(call.site, attachment, start, stop)
    return Answer(206, headers=headers, raw=chunks, content_type=attachment.mime_type)


def _chunks(site: Site, attachment: Attachment, start: int = 0, stop: int | None = None) -> Iterable[bytes]:
    """Read piece by piece; the lock keeps two readers of one file apart."""
    stop = attachment.size if stop is None else stop

    def read() -> Iterator[bytes]:
        at = start
        while at < stop:
            with site.lock:
                attachment.content.seek(at)
                chunk = attachment.content.read(min(CHUNK_BYTES, stop - at))
            if not chunk:
                return
            at += len(chunk)
            yield chunk

    return read()


def _percent(name: str) -> str:
    return "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in name.encode())
