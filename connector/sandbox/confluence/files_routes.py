"""v1 attachments: uploads in three ways, and the bytes.

The download path of a file answers 302 to another address that carries its own credential, as the real one does;
there it is a media service on another host, here it is the site itself.
"""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.datastructures import FileStorage

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, redirect
from connector.sandbox.confluence import access, attachments
from connector.sandbox.confluence.attachments import Upload
from connector.sandbox.confluence.errors import InvalidError, NotFoundError
from connector.sandbox.confluence.state import Attachment, AttachmentVersion
from connector.sandbox.confluence.wire_v1 import API, V1, attachment, collection, require_no_check, v1
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
FILES = f"{V1}/content/<content_id>/child/attachment"


@ROUTES.post(FILES)
@v1
def add_attachments(site: Site, by: Account, call: Call) -> Answer:
    require_no_check(call)
    page_id = call.params["content_id"]
    added = [attachments.add_attachment(site, by, page_id, upload) for upload in _uploads(call)]
    return _several(site, added, by)


@ROUTES.put(FILES)
@v1
def put_attachments(site: Site, by: Account, call: Call) -> Answer:
    require_no_check(call)
    page_id = call.params["content_id"]
    put = [attachments.put_attachment(site, by, page_id, upload) for upload in _uploads(call)]
    return _several(site, put, by)


@ROUTES.put(f"{FILES}/<attachment_id>")
@v1
def describe(site: Site, by: Account, call: Call) -> Answer:
    """Everything but the bytes; moving a file to another page is not built."""
    body = call.json_object()
    version, metadata = body.get("version"), body.get("metadata")
    number = version.get("number") if isinstance(version, dict) else None
    title, own_id = body.get("title", ""), body.get("id")
    is_named = isinstance(own_id, str) and isinstance(title, str) and body.get("type") == "attachment"
    if not isinstance(number, int) or not own_id or not is_named:
        raise InvalidError(f"{API}.BadRequestException: id, type and version.number must be provided")
    item = attachments.describe_attachment(
        site,
        by,
        call.params["content_id"],
        call.params["attachment_id"],
        number=number,
        file_name=title,
        media_type=str((metadata if isinstance(metadata, dict) else {}).get("mediaType") or ""),
    )
    return Answer(200, attachment(site, item, by))


@ROUTES.post(f"{FILES}/<attachment_id>/data")
@v1
def update_data(site: Site, by: Account, call: Call) -> Answer:
    require_no_check(call)
    upload = _uploads(call)[0]
    page_id, attachment_id = call.params["content_id"], call.params["attachment_id"]
    item = attachments.update_data(site, by, page_id, attachment_id, upload)
    return Answer(200, attachment(site, item, by))


@ROUTES.get(f"{FILES}/<attachment_id>/download")
@v1
def download(site: Site, by: Account, call: Call) -> Answer:
    item = attachments.on_page(site, by, call.params["content_id"], call.params["attachment_id"])
    number = call.query_int("version", 0)
    if number > len(item.versions):
        raise InvalidError(f"{API}.BadRequestException: Version {number} is above the latest version")
    version = attachments.version_of(item, number or None)
    token = _token(item, version)
    return redirect(f"{site.base_url}/media/file/{version.file_id}/binary?token={token}", 302)


@ROUTES.get("/media/file/<file_id>/binary", anonymous=True)
def media(site: Site, call: Call) -> Answer:
    """The address a download leads to; the token in it is the only credential asked for."""
    for item in site.confluence.attachments.values():
        for version in item.versions:
            if version.file_id == call.params["file_id"] and call.query.get("token") == _token(item, version):
                return _bytes(site, item, version)
    raise call.refusal(404, "Not Found")


@ROUTES.get("/wiki/download/attachments/<content_id>/<path:file_name>")
@v1
def download_by_name(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, call.params["content_id"])
    item = attachments.named(site, page.content_id, call.params["file_name"])
    if item is None:
        raise NotFoundError
    return _bytes(site, item, attachments.version_of(item, call.query_int("version", 0) or None))


def _bytes(site: Site, item: Attachment, version: AttachmentVersion) -> Answer:
    headers = {
        "Content-Length": str(version.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.file_name)}",
    }
    return Answer(200, headers=headers, raw=attachments.chunks(site, version), content_type=version.media_type)


def _token(item: Attachment, version: AttachmentVersion) -> str:
    """Not guessable from outside is not needed here: it shows only that a credential travels in the address."""
    return f"{item.content_id}.{version.file_id}"


def _uploads(call: Call) -> list[Upload]:
    """The `file` parts of the request; `comment` and `minorEdit` hold for all of them, or one for each."""
    files = call.request.files.getlist("file")
    if not files or not files[0].filename:
        raise InvalidError(f"{API}.BadRequestException: At least one file is required")
    comments, minor = call.request.form.getlist("comment"), call.request.form.getlist("minorEdit")
    return [_upload(file, _nth(comments, position), _nth(minor, position)) for position, file in enumerate(files)]


def _nth(values: list[str], position: int) -> str:
    return values[min(position, len(values) - 1)] if values else ""


def _upload(file: FileStorage, comment: str, minor_edit: str) -> Upload:
    name = (file.filename or "").rpartition("\\")[2]
    if not name or "/" in name:
        raise InvalidError(f"{API}.BadRequestException: Invalid file name: {name}")
    media_type = file.mimetype or "application/octet-stream"
    return Upload(name, file.stream, media_type, comment, minor_edit.lower() == "true")


def _several(site: Site, items: list[Attachment], by: Account) -> Answer:
    return Answer(200, collection(site, [attachment(site, item, by) for item in items], 50))
