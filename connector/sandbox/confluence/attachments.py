"""Files on pages: adding, new versions, trash, and reading the bytes back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from tempfile import SpooledTemporaryFile
from typing import IO

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, content, index, webhooks
from connector.sandbox.confluence.errors import ConflictError, FileTooLargeError, InvalidError, NotFoundError
from connector.sandbox.confluence.state import (
    ADMINISTER,
    ATTACH,
    DELETE_ATTACHMENT,
    Attachment,
    AttachmentVersion,
)
from connector.sandbox.site import Site

IN_MEMORY_BYTES = 256 * 1024
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Upload:
    """One file as it comes in."""

    file_name: str
    content: IO[bytes]
    media_type: str = "application/octet-stream"
    comment: str = ""
    minor_edit: bool = False


def add_attachment(site: Site, by: Account, page_id: str, upload: Upload) -> Attachment:
    """A new file on a page; a name that is there already is refused, whatever the bytes."""
    _attachable(site, by, page_id)
    if named(site, page_id, upload.file_name) is not None:
        raise InvalidError(
            "com.atlassian.confluence.api.service.exceptions.api.BadRequestException: Cannot add a new "
            f"attachment with same file name as an existing attachment: {upload.file_name}"
        )
    attachment = Attachment(
        f"att{content.new_id(site)}", site.now(), by.account_id, page_id=page_id, file_name=upload.file_name
    )
    return _add_version(site, by, attachment, upload, "attachment_created")


def put_attachment(site: Site, by: Account, page_id: str, upload: Upload) -> Attachment:
    """A new file, or a new version of the file that has this name."""
    _attachable(site, by, page_id)
    existing = named(site, page_id, upload.file_name)
    if existing is None:
        return add_attachment(site, by, page_id, upload)
    return _add_version(site, by, existing, upload, "attachment_updated")


def update_data(site: Site, by: Account, page_id: str, attachment_id: str, upload: Upload) -> Attachment:
    """A new version of one file; its name stays whatever the upload is called."""
    attachment = on_page(site, by, page_id, attachment_id)
    _attachable(site, by, page_id)
    return _add_version(site, by, attachment, upload, "attachment_updated")


def describe_attachment(
    site: Site, by: Account, page_id: str, attachment_id: str, *, number: int, file_name: str, media_type: str
) -> Attachment:
    """Another name or type for a file, in the version it has; empty ones stay as they are.

    `number` is the current version's, or the next one's, which clients send; else a ConflictError.
    """
    attachment = on_page(site, by, page_id, attachment_id)
    _attachable(site, by, page_id)
    last = attachment.version
    if number not in (last.number, last.number + 1):
        raise ConflictError(f"The version of the attachment is {last.number}, not {number}")
    attachment.file_name = file_name or attachment.file_name
    attachment.versions[-1] = replace(last, media_type=media_type or last.media_type)
    index.note_attachment(site, attachment)
    webhooks.attachment_event(site, "attachment_updated", by, attachment)
    return attachment


def delete_attachment(site: Site, by: Account, attachment_id: str, *, purge: bool = False) -> None:
    """To the trash; with `purge`, gone for good from there."""
    attachment = access.attachment(site, by, attachment_id)
    page = site.confluence.pages[attachment.page_id]
    access.require(site, by, page, ADMINISTER if purge else DELETE_ATTACHMENT)
    if purge:
        if attachment.status != "trashed":
            raise InvalidError("Only content in the trash can be purged")
        del site.confluence.attachments[attachment.content_id]
        webhooks.attachment_event(site, "attachment_removed", by, attachment)
        return
    if attachment.status == "trashed":
        raise NotFoundError
    attachment.status = "trashed"
    index.note_attachment(site, attachment)
    webhooks.attachment_event(site, "attachment_trashed", by, attachment)


def named(site: Site, page_id: str, file_name: str) -> Attachment | None:
    """The current file of a page that has this name, exactly."""
    for attachment in site.confluence.attachments.on(page_id):
        if attachment.status == "current" and attachment.file_name == file_name:
            return attachment
    return None


def on_page(site: Site, by: Account, page_id: str, attachment_id: str) -> Attachment:
    """A current file by id, if it is on that page."""
    attachment = access.attachment(site, by, attachment_id)
    if attachment.page_id != page_id or attachment.status != "current":
        raise NotFoundError
    return attachment


def version_of(attachment: Attachment, number: int | None) -> AttachmentVersion:
    """One version of a file, the last one for None."""
    if number is None:
        return attachment.version
    if not 1 <= number <= len(attachment.versions):
        raise NotFoundError
    return attachment.versions[number - 1]


def chunks(site: Site, version: AttachmentVersion) -> Iterator[bytes]:
    """The bytes of a file, read piece by piece under the site's lock, since readers share one file."""
    at = 0
    while at < version.size:
        with site.lock:
            version.content.seek(at)
            piece = version.content.read(CHUNK_BYTES)
        at += len(piece)
        yield piece


def _attachable(site: Site, by: Account, page_id: str) -> None:
    page = access.page(site, by, page_id)
    if page.status == "trashed":
        raise NotFoundError
    access.require(site, by, page, ATTACH)


def _add_version(site: Site, by: Account, attachment: Attachment, upload: Upload, event: str) -> Attachment:
    # Kept as long as the site lives: the file is the version's content, so nothing closes it here.
    kept: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  see above
    shutil.copyfileobj(upload.content, kept, CHUNK_BYTES)
    most = site.confluence.attachment_limit_bytes
    if kept.tell() > most:
        kept.close()
        raise FileTooLargeError(f"The attachment {upload.file_name} exceeds the maximum size of {most} bytes")
    attachment.versions.append(
        AttachmentVersion(
            number=len(attachment.versions) + 1,
            media_type=upload.media_type,
            size=kept.tell(),
            author_id=by.account_id,
            created_at=site.now(),
            file_id=content.new_uuid(site),
            content=kept,
            comment=upload.comment,
            minor_edit=upload.minor_edit,
        )
    )
    site.confluence.attachments[attachment.content_id] = attachment
    index.note_attachment(site, attachment)
    webhooks.attachment_event(site, event, by, attachment)
    return attachment
