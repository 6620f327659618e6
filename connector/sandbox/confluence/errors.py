"""Why Confluence refuses; each kind is turned into the shape of v1 or v2 where the answer is written."""

from __future__ import annotations


class RefusalError(Exception):
    """Confluence says no: `status` is the HTTP status, `code` the word v2 gives it, `title` the sentence."""

    status = 400
    code = "BAD_REQUEST"

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.title = title


class InvalidError(RefusalError):
    """The request itself is wrong."""


class NotFoundError(RefusalError):
    """There is no such thing, or the caller may not see it: Confluence does not tell which."""

    status = 404
    code = "NOT_FOUND"

    def __init__(self, title: str = "Not Found") -> None:
        super().__init__(title)


class ForbiddenError(RefusalError):
    """The caller sees the thing and may not do this to it; v2 says so only where `is_told`."""

    status = 403
    code = "FORBIDDEN"

    def __init__(self, title: str, *, is_told: bool = False) -> None:
        super().__init__(title)
        self.is_told = is_told


class LoginError(RefusalError):
    """Nobody is logged in."""

    status = 401
    code = "UNAUTHORIZED"

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class ConflictError(RefusalError):
    """The thing moved on since it was read, or is there already."""

    status = 409
    code = "CONFLICT"


class TooLargeError(RefusalError):
    """More than 5 MB were sent."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"


class FileTooLargeError(RefusalError):
    """A file over the site's limit: v1 documents 404, as for a page that is not there."""

    status = 404
    code = "NOT_FOUND"


def stale_version(what: str, current: int, provided: int) -> ConflictError:
    """The optimistic lock's refusal, in the words recorded for pages; for the other kinds the noun changes."""
    return ConflictError(
        f"Version must be incremented when updating a {what}. Current Version: [{current}]. "
        f"Provided version: [{provided}]"
    )
