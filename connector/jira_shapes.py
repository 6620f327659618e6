"""Jira's JSON read into values. Pure: what comes in is what v3 answers, what goes out is `mappings.far`.

Data Center's v2 answers alike, but for a person, who is a name there and not an account id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from connector.jira_memory import FLAGGED, SiteFacts
from connector.workflows import DONE, Place, Transition
from mappings.adf import comment_text
from mappings.far import Account, FieldChange, IssueView, RemoteComment, RemoteFile, StatusInfo

Bean: TypeAlias = Mapping[str, Any]
"""An object as Jira sends it."""

ISSUE_FIELDS = (
    "summary", "description", "status", "duedate", "assignee", "priority", "labels", "comment", "attachment",
    "parent", "issuelinks", "updated", "project", "issuetype",
)  # fmt: skip
MAYBE_MORE_CHANGES = 40
"""So many changes of an issue among many may be all there are, or all that is shown ("a maximum of 40 changelogs"): the
`total` beside them is documented as the number that came."""
NOBODY = "(unknown)"
LAST_SECOND = 10**11
"""A time beyond it is in milliseconds."""
PROPERTY = "tieout"
"""The entity property in which an issue of our making carries its record's uid."""
MARKER_PREFIX = "tieout-"
"""What begins the label that an issue of our making carries; its record's uid follows."""


def account_id(bean: Bean | None) -> str:
    """By what a person is known to Tieout: the account id, on Data Center the user name; empty for nobody."""
    return str((bean or {}).get("accountId") or (bean or {}).get("name") or "")


def content_path(bean: Bean) -> str:
    """Where Cloud has the bytes of an attachment."""
    return f"/rest/api/3/attachment/content/{bean['id']}"


def account(bean: Bean) -> Account:
    email = bean.get("emailAddress") or None
    return Account(
        bean["accountId"] if "accountId" in bean else bean["name"],
        bean.get("displayName") or NOBODY,
        email,
        bool(bean.get("active", True)),
    )


def issue_view(
    bean: Bean, facts: SiteFacts, browse_url: str, file_path: Callable[[Bean], str] = content_path
) -> IssueView:
    """An issue asked for with `ISSUE_FIELDS`, the flag field and the change log. Comments are those that came."""
    fields = bean["fields"]
    assignee = fields.get("assignee")
    return IssueView(
        id=bean["id"],
        key=bean["key"],
        project=fields["project"]["key"],
        status_id=fields["status"]["id"],
        is_done=status(fields["status"]).category == DONE,
        summary=fields.get("summary") or "",
        description=comment_text(fields.get("description")),
        due_on=date.fromisoformat(fields["duedate"]) if fields.get("duedate") else None,
        assignee=account_id(assignee) or None,
        assignee_name=assignee.get("displayName") if assignee else None,
        priority=(fields.get("priority") or {}).get("name"),
        labels=frozenset(fields.get("labels") or ()),
        is_flagged=bool(facts.flag_field and fields.get(facts.flag_field)),
        updated_at=moment(fields["updated"]),
        url=f"{browse_url}/browse/{bean['key']}" if browse_url else "",
        parent=_parent(fields, facts.link_type),
        linked=_linked(fields, facts.link_type),
        comments=tuple(comment(part) for part in (fields.get("comment") or {}).get("comments", ())),
        files=tuple(file(part, file_path(part)) for part in fields.get("attachment") or ()),
        changes=tuple(changes(_histories(bean), facts.flag_field)),
        has_more_changes=_may_be_cut(bean),
        issue_type=fields["issuetype"]["name"],
        made_for=made_for(bean),
    )


def made_for(bean: Bean) -> str:
    """The uid in our property; empty where there is none, or where it was not asked for."""
    return str(((bean.get("properties") or {}).get(PROPERTY) or {}).get("uid", ""))


def place(bean: Bean) -> Place:
    fields = bean["fields"]
    return Place(fields["project"]["key"], fields["issuetype"]["name"], fields["status"]["id"])


def comment(bean: Bean) -> RemoteComment:
    """A comment. One that is internal in a service project counts as restricted like one with a visibility."""
    author = bean.get("author") or {}
    return RemoteComment(
        id=bean["id"],
        author=account_id(author),
        author_name=author.get("displayName") or NOBODY,
        text=comment_text(bean.get("body")),
        created_at=moment(bean["created"]),
        updated_at=moment(bean.get("updated") or bean["created"]),
        is_restricted=bool(bean.get("visibility")) or bean.get("jsdPublic") is False,
    )


def file(bean: Bean, path: str) -> RemoteFile:
    author = bean.get("author") or {}
    return RemoteFile(
        id=str(bean["id"]),
        name=bean["filename"],
        size=int(bean["size"]),
        media_type=bean.get("mimeType") or "application/octet-stream",
        author=account_id(author),
        author_name=author.get("displayName") or NOBODY,
        created_at=moment(bean["created"]),
        download_path=path,
    )


def changes(histories: Iterable[Bean], flag_field: str | None = None) -> Iterator[FieldChange]:
    """The lines of a change log, newest first; the field for flags, whose id every site has its own, is `flagged`.

    `fieldId` is often missing, and `field` is then the only name; ids stand in `from`/`to` where the field has some.
    """
    for history in sorted(histories, key=lambda each: (moment(each["created"]), int(each["id"])), reverse=True):
        for item in history["items"]:
            name = item.get("fieldId") or item["field"]
            yield FieldChange(
                field="flagged" if name in (flag_field, FLAGGED) else name,
                before=item.get("from") or item.get("fromString") or None,
                after=item.get("to") or item.get("toString") or None,
                author=account_id(history.get("author")),
                changed_at=moment(history["created"]),
                id=int(history["id"]),
                shown=item.get("toString") or None,
            )


def initial_status(bean: Bean) -> str | None:
    """The status an issue began in, None where the change log is cut short."""
    if "changelog" not in bean or _may_be_cut(bean):
        return None
    moves = [change for change in changes(_histories(bean)) if change.field == "status"]
    return moves[-1].before if moves else str(bean["fields"]["status"]["id"])


def status(bean: Bean) -> StatusInfo:
    return StatusInfo(str(bean["id"]), bean["name"], (bean.get("statusCategory") or {}).get("key", "undefined"))


def statuses(kinds: Iterable[Bean]) -> dict[str, tuple[StatusInfo, ...]]:
    """By issue type name."""
    return {kind["name"]: tuple(status(bean) for bean in kind["statuses"]) for kind in kinds}


def subtasks(kinds: Iterable[Bean]) -> frozenset[str]:
    """Names of the issue types that are sub-tasks."""
    return frozenset(kind["name"] for kind in kinds if kind.get("subtask"))


def transition(bean: Bean) -> Transition:
    fields: Mapping[str, Bean] = bean.get("fields") or {}
    required = {
        name: str(meta.get("name", name))
        for name, meta in fields.items()
        if meta.get("required") and not meta.get("hasDefaultValue")
    }
    return Transition(str(bean["id"]), bean["name"], status(bean["to"]), frozenset(fields), required)


def moment(told: str | int) -> datetime:
    """Jira's times (`2026-11-23T17:15:00.000+0000`, in change logs also seconds or milliseconds) as aware datetimes."""
    if isinstance(told, str):
        return datetime.fromisoformat(told)
    return datetime.fromtimestamp(told / 1000 if told > LAST_SECOND else told, UTC)


def _may_be_cut(bean: Bean) -> bool:
    came = len(_histories(bean))
    return came >= MAYBE_MORE_CHANGES or int((bean.get("changelog") or {}).get("total", 0)) > came


def _histories(bean: Bean) -> list[Bean]:
    return list((bean.get("changelog") or {}).get("histories", ()))


def _parent(fields: Bean, link_type: str | None) -> str | None:
    """The issue above: the parent field, else what a link of Tieout's type leads to, else what such a link comes from.

    Tieout links a task to its request, never the other way; people who add a task link whichever way they like.
    """
    if fields.get("parent"):
        return str(fields["parent"]["id"])
    ends = _ends(fields, link_type)
    return ends[0] if ends else None


def _linked(fields: Bean, link_type: str | None) -> frozenset[str]:
    above = [str(fields["parent"]["id"])] if fields.get("parent") else []
    return frozenset([*above, *_ends(fields, link_type)])


def _ends(fields: Bean, link_type: str | None) -> list[str]:
    """The ids of the issues that links of a type lead to, then of those that they come from, oldest link first."""
    links = [link for link in fields.get("issuelinks") or () if link["type"]["name"] == link_type]
    links.sort(key=lambda link: int(link["id"]))
    return [str(link[end]["id"]) for end in ("outwardIssue", "inwardIssue") for link in links if link.get(end)]
