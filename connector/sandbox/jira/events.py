"""Jira's webhooks: which hook hears of what, and the payloads, in the shapes recorded on real Cloud sites.

Payloads are written for API version 2 (text, not ADF) and say nothing that a REST read would not. `comment_*` carry
no user and only a few fields of the issue; `jira:issue_*` carry no comment.
"""

from datetime import datetime
from typing import Any, Literal

from connector.sandbox.jira import beans, fields, views
from connector.sandbox.jira.index import document_of
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.query import prepare
from connector.sandbox.jira.jql.terms import Asker
from connector.sandbox.jira.records import Attachment, ChangeItem, Comment, Issue, IssueLink
from connector.sandbox.jira.viewer import webhook_viewer
from connector.sandbox.outbox import Hook
from connector.sandbox.site import Site

Flow = Literal["Primary", "Secondary"]

UNFILTERED = ("issuelink_", "project_", "jira:version_")
COMMENT_ISSUE_FIELDS = ("summary", "issuetype", "project", "assignee", "priority", "status")
USER_FIELDS = frozenset({"assignee", "reporter"})


def issue_event(
    site: Site, event: str, issue: Issue, actor_id: str, items: tuple[ChangeItem, ...] = (), history_id: str = ""
) -> None:
    """Tell of a created, updated or deleted issue."""
    if not site.outbox.listening("jira", event):
        return
    viewer = webhook_viewer(site)
    payload: dict[str, Any] = {"timestamp": _epoch_ms(site.now()), "webhookEvent": event}
    if event != "jira:issue_deleted":
        payload["issue_event_type_name"] = _event_type(event, items)
    payload["user"] = _user(site, actor_id)
    bean = views.bean(viewer, issue, views.select(["*all", "-comment", "-worklog"], "*all"))
    payload["issue"] = {key: bean[key] for key in ("id", "self", "key", "fields")}
    if items:
        payload["changelog"] = {"id": history_id, "items": [_item(item) for item in items]}
    _fire(site, event, payload, issue)


def comment_event(site: Site, event: str, issue: Issue, comment: Comment, *, flow: Flow = "Primary") -> None:
    """Tell of a comment; who deleted one is not told."""
    viewer = webhook_viewer(site)
    jira = site.jira
    shown = {name: views.field_value(viewer, issue, jira.fields[name]) for name in COMMENT_ISSUE_FIELDS}
    payload = {
        "timestamp": _epoch_ms(site.now()),
        "webhookEvent": event,
        "comment": views.comment_bean(viewer, comment),
        "issue": {
            "id": issue.issue_id,
            "self": f"{viewer.api}/issue/{issue.issue_id}",
            "key": issue.key,
            "fields": shown,
        },
    }
    _fire(site, event, payload, issue, flow)


def attachment_event(site: Site, event: str, issue: Issue, attachment: Attachment, *, flow: Flow = "Primary") -> None:
    viewer = webhook_viewer(site)
    payload = {
        "timestamp": _epoch_ms(site.now()),
        "webhookEvent": event,
        "attachment": views.attachment_bean(viewer, attachment),
    }
    _fire(site, event, payload, issue, flow)


def link_event(site: Site, event: str, link: IssueLink, *, flow: Flow = "Primary") -> None:
    """Tell of a link between issues; no JQL filters these."""
    viewer = webhook_viewer(site)
    link_type = beans.link_type(viewer, site.jira.link_types[link.type_id])
    payload = {
        "timestamp": _epoch_ms(site.now()),
        "webhookEvent": event,
        "issueLink": {
            "id": int(link.link_id),
            "sourceIssueId": int(link.source_id),
            "destinationIssueId": int(link.target_id),
            "issueLinkType": {
                "id": int(link.type_id),
                "name": link_type["name"],
                "outwardName": link_type["outward"],
                "inwardName": link_type["inward"],
                "isSubTaskLinkType": False,
                "isSystemLinkType": False,
            },
            "systemLink": False,
        },
    }
    _fire(site, event, payload, None, flow)


def software_event(site: Site, event: str, what: Literal["board", "sprint"], bean: dict[str, Any]) -> None:
    """Tell of a board or a sprint, as the API shows it; who did it is not told, and no JQL filters these."""
    addressed = {**bean, "self": f"{site.base_url}/rest/agile/1.0/{what}/{bean['id']}"}
    _fire(site, event, {"timestamp": _epoch_ms(site.now()), "webhookEvent": event, what: addressed}, None)


def creation_items(site: Site, issue: Issue) -> tuple[ChangeItem, ...]:
    """The items a recorded jira:issue_created carries: every field that was given."""
    items = []
    for field_id in ("assignee", "description", "priority", "reporter", "status", "summary"):
        field = site.jira.fields[field_id]
        after, text = fields.name(site, field, issue.values.get(field_id))
        if text:
            name = "Status" if field_id == "status" else field_id
            items.append(ChangeItem(name, field_id, None, None, after, text))
    return tuple(items)


def _fire(site: Site, event: str, payload: dict[str, Any], issue: Issue | None, flow: Flow = "Primary") -> None:
    for hook in site.outbox.listening("jira", event):
        if issue is None or event.startswith(UNFILTERED) or _fits(site, hook, issue):
            site.outbox.queue(hook, event, payload, now=site.now(), flow=flow)


def _fits(site: Site, hook: Hook, issue: Issue) -> bool:
    if not hook.jql.strip():
        return True
    asker = Asker(site, site.accounts.get(hook.owner_id or ""), site.now())
    try:
        query = prepare(hook.jql, asker)
    except JqlError:  # what it names is gone since: nothing fits it any more
        return False
    return query.matches(document_of(issue))


def _event_type(event: str, items: tuple[ChangeItem, ...]) -> str:
    if event == "jira:issue_created":
        return "issue_created"
    changed = {item.field_id for item in items}
    if changed & {"status", "resolution"}:
        return "issue_generic"
    return "issue_assigned" if changed == {"assignee"} else "issue_updated"


def _user(site: Site, account_id: str) -> dict[str, Any] | None:
    user = webhook_viewer(site).user(account_id)
    if user is not None:
        user.pop("emailAddress", None)
    return user


def _item(item: ChangeItem) -> dict[str, Any]:
    answer = views.item_bean(item)
    if item.field_id in USER_FIELDS:
        answer |= {"tmpFromAccountId": item.before, "tmpToAccountId": item.after}
    return answer


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
