"""Somebody who uses the site through its REST API: what a person does with a mouse, in one call each.

For the demo's story and for tests. Everything goes over the same wire as any client's calls.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from urllib.parse import quote

import requests

Body = dict[str, Any]


class Visitor:
    """One signed-in person. Every refusal of the site is raised as `requests.HTTPError` with its words."""

    def __init__(self, base_url: str, email: str, token: str, session: requests.Session | None = None) -> None:
        self._base = base_url.rstrip("/")
        self._session = session or requests.Session()
        self._auth = (email, token)

    def call(self, method: str, path: str, *, json: Any = None, **more: Any) -> Any:
        """The parsed answer to one call, None when it has no body."""
        answer = self._session.request(method, self._base + path, json=json, auth=self._auth, timeout=30, **more)
        if answer.status_code >= 400:
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text[:500]}", response=answer)
        return answer.json() if answer.content else None

    def account_id(self) -> str:
        return str(self.call("GET", "/rest/api/3/myself")["accountId"])

    def find_issues(self, jql: str) -> list[Body]:
        """Issues by JQL, with all fields, in its order."""
        body = {"jql": jql, "fields": ["*all"], "maxResults": 200}
        return cast("list[Body]", self.call("POST", "/rest/api/3/search/jql", json=body)["issues"])

    def issue(self, key: str) -> Body:
        return cast("Body", self.call("GET", f"/rest/api/3/issue/{key}"))

    def status(self, key: str) -> str:
        return str(self.issue(key)["fields"]["status"]["name"])

    def move(self, key: str, status: str) -> None:
        """Move a card by the transition that leads to `status`; LookupError when none does from where it is."""
        answer = self.call("GET", f"/rest/api/3/issue/{key}/transitions")
        ways = {way["to"]["name"]: way["id"] for way in answer["transitions"]}
        if status not in ways:
            raise LookupError(f"{key} cannot go to {status!r} from {self.status(key)!r}; it can to {sorted(ways)}")
        self.call("POST", f"/rest/api/3/issue/{key}/transitions", json={"transition": {"id": ways[status]}})

    def set_fields(self, key: str, **fields: Any) -> None:
        """Edit fields, by Jira's ids: `duedate="2026-12-01"`, `assignee={"accountId": …}`."""
        self.call("PUT", f"/rest/api/3/issue/{key}", json={"fields": fields})

    def set_due(self, key: str, due_on: date | None) -> None:
        self.set_fields(key, duedate=due_on.isoformat() if due_on else None)

    def create_issue(self, **fields: Any) -> str:
        """The key of a new issue."""
        return str(self.call("POST", "/rest/api/3/issue", json={"fields": fields})["key"])

    def comment_issue(self, key: str, text: str) -> str:
        """The id of the new comment."""
        body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [_adf(text)]}]}
        return str(self.call("POST", f"/rest/api/3/issue/{key}/comment", json={"body": body})["id"])

    def comments_of_issue(self, key: str) -> list[Body]:
        """All of them: Jira gives a hundred at a time."""
        found: list[Body] = []
        while True:
            page = self.call("GET", f"/rest/api/3/issue/{key}/comment?startAt={len(found)}&maxResults=100")["comments"]
            found += page
            if len(page) < 100:
                return found

    def attach(self, key: str, name: str, content: bytes, media_type: str = "text/plain") -> str:
        """The id of the new attachment of an issue."""
        answer = self.call(
            "POST",
            f"/rest/api/3/issue/{key}/attachments",
            files={"file": (name, content, media_type)},
            headers={"X-Atlassian-Token": "no-check"},
        )
        return str(answer[0]["id"])

    def find_page(self, space_key: str, title_begins: str) -> Body:
        """The page of a space whose title begins so, with its storage body; LookupError when there is none."""
        space = self.call("GET", f"/wiki/api/v2/spaces?keys={quote(space_key)}")["results"][0]
        path = f"/wiki/api/v2/spaces/{space['id']}/pages?limit=250&body-format=storage"
        while path:
            answer = self.call("GET", path)
            for page in answer["results"]:
                if page["title"].startswith(title_begins):
                    return self.page(page["id"])
            path = answer["_links"].get("next", "")
        raise LookupError(f"no page of {space_key} has a title that begins with {title_begins!r}")

    def page(self, page_id: str) -> Body:
        """A page with its storage body in `body.storage.value`."""
        return cast("Body", self.call("GET", f"/wiki/api/v2/pages/{page_id}?body-format=storage"))

    def write_page(self, page: Body, value: str) -> None:
        """Save a page over the version that was read."""
        body = {
            "id": page["id"],
            "status": "current",
            "title": page["title"],
            "body": {"representation": "storage", "value": value},
            "version": {"number": page["version"]["number"] + 1},
        }
        self.call("PUT", f"/wiki/api/v2/pages/{page['id']}", json=body)

    def comment_page(self, page_id: str, text: str) -> str:
        """The id of the new footer comment."""
        value = f"<p>{_escaped(text)}</p>"
        body = {"pageId": page_id, "body": {"representation": "storage", "value": value}}
        return str(self.call("POST", "/wiki/api/v2/footer-comments", json=body)["id"])

    def comments_of_page(self, page_id: str) -> list[Body]:
        """Those at its foot, oldest first."""
        path = f"/wiki/api/v2/pages/{page_id}/footer-comments?body-format=storage&sort=created-date&limit=250"
        return list(self.call("GET", path)["results"])

    def replies(self, comment_id: str) -> list[Body]:
        """The replies to a footer comment, oldest first, with bodies."""
        path = f"/wiki/api/v2/footer-comments/{comment_id}/children?body-format=storage"
        return cast("list[Body]", self.call("GET", path)["results"])

    def files_of_page(self, page_id: str) -> list[Body]:
        return cast("list[Body]", self.call("GET", f"/wiki/api/v2/pages/{page_id}/attachments")["results"])

    def attach_to_page(self, page_id: str, name: str, content: bytes) -> None:
        """Add a file, or a new version of the file of that name."""
        self.call(
            "PUT",
            f"/wiki/rest/api/content/{page_id}/child/attachment",
            files={"file": (name, content, "text/plain"), "minorEdit": (None, "true")},
            headers={"X-Atlassian-Token": "nocheck"},
        )


def _adf(text: str) -> Body:
    return {"type": "text", "text": text}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
