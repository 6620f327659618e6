"""The world at rest as lines of text, to hold one against another, but for when it was and how often it was tried.

Lines name records by number, and leave out clocks, version counters and the order in which things came.
"""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from typing import Any

from connector.sandbox.confluence.state import Attachment, Comment, Page
from connector.sandbox.jira.records import Issue
from connector.sandbox.site import Site
from mappings.evidence_page.facts import SYNC
from mappings.issue_links import LINKED_TO
from mappings.records import Link, LinkRole
from mappings.storage import normalise, replace_regions
from sync import journal
from sync.store import Store
from sync.work import dead
from tests.system.world import World

_LEFT_OUT = frozenset({"created", "updated", "statuscategorychangedate", "resolutiondate", "lastViewed", "rank"})
"""Fields of an issue that say when."""


def picture(world: World) -> list[str]:
    """Register, issues and pages, sorted. Issues of records go by the record: their keys depend on who came first."""
    names = _names(world)
    either = re.compile("|".join(rf"\b{re.escape(key)}\b" for key in names) or "$^")
    lines = [*_register(world), *_journal(world), *_issues(world.site), *_pages(world.site)]
    return sorted(either.sub(lambda found: names[found[0]], line) for line in lines)


def _names(world: World) -> dict[str, str]:
    """Of each key of a linked issue, what stands for it."""
    with world.db.read() as conn:
        store = Store(conn)
        records = store.records.get(store.records.uids())
        links = store.links.of(records).values()
    return {
        link.key: f"<{records[link.record].number} {link.role}>" for link in links if link.role is not LinkRole.PAGE
    }


def _register(world: World) -> list[str]:
    with world.db.read() as conn:
        store = Store(conn)
        records = store.records.get(store.records.uids())
        uids = list(records)
        links = store.links.of(uids)
        said = store.comments.of(uids)
        copies = store.comments.copies(uids)
        evidence, decisions = store.evidence.of(uids), store.decisions.of(uids)
        fired = store.steps.fired(uids)
        lines = [f"alert {alert.name}: {alert.text}" for alert in store.alerts.current()]
        lines += [f"conflict {each.role} {each.field}: {each.ours} {each.theirs}" for each in store.conflicts.open()]
        lines += [f"settled {each.field}: {each.ours} {each.theirs} {each.kept}" for each in store.conflicts.settled()]
        lines += [f"dead {letter}" for letter in dead(conn)]
    for uid, record in records.items():
        name = record.number
        lines += [f"record {name} {field}: {value}" for field, value in _fields(record).items() if field != "version"]
        lines += [f"decision {name}: {_but(_fields(each), 'decided_at', 'uid')}" for each in decisions[uid]]
        lines += [
            f"evidence {name}: {_but(_fields(each), 'collected_at', 'copy_begun_at', 'copied_at')}"
            for each in evidence[uid]
        ]
        lines += [f"said {name}: {_but(_fields(each), 'said_at')}" for each in said[uid]]
        lines += [f"copy {name} {each.role} {each.remote_id is not None}: {each.comment}" for each in copies[uid]]
        lines += [f"fired {name}: {step}" for step in fired[uid]]
    for (uid, role), link in links.items():
        lines += [f"link {records[uid].number} {role} {field}: {value}" for field, value in _link(link).items()]
    return lines


def _link(link: Link) -> dict[str, Any]:
    """Without what only saves a look at the page, and without the numbers of issues, which their keys stand for."""
    told = _but(_fields(link), "agreed_at", "intent_at", "intent_number", "remote_version", "seen_change", "tried")
    told |= {
        "base_ours": _but(dict(link.base_ours), "rendered", LINKED_TO) | {"is_linked": LINKED_TO in link.base_ours},
        "base_theirs": _but(dict(link.base_theirs), "version", "explained"),
    }
    return told if link.role is LinkRole.PAGE else _but(told, "remote_id")


def _journal(world: World) -> list[str]:
    """Each entry once for each time it was made; some may tell it in their own way.

    A write that was found done is told without the reason it had, and what is put back is told at every try, whether
    or not the write that does it is told after it."""
    with world.db.read() as conn:
        entries = journal.entries(conn, limit=10_000)
    once: dict[str, None] = {}
    lines: list[str] = []
    for entry in entries:
        if entry.what == "issue written" and "is put back to" in entry.why:
            continue
        why = "" if entry.what.endswith("written") else entry.why
        line = f"journal {entry.record}: {entry.who} {entry.what} {entry.before} {entry.after} {why}"
        if entry.what.endswith("put back"):
            once[line] = None
        else:
            lines.append(line)
    return [*lines, *once]


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _but(known: dict[str, Any], *left_out: str) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in left_out}


def _issues(site: Site) -> list[str]:
    lines: list[str] = []
    for issue in site.jira.issues.values():
        lines += [f"issue {issue.key} {line}" for line in _issue(issue)]
    for link in site.jira.links.values():
        ends = [site.jira.issues[id_].key for id_ in (link.source_id, link.target_id)]
        lines.append(f"issue link {link.type_id} {ends}")
    return lines


def _issue(issue: Issue) -> list[str]:
    told = {name: value for name, value in issue.values.items() if not isinstance(value, datetime)}
    lines = [f"{name}: {value}" for name, value in told.items() if name not in _LEFT_OUT]
    lines += [f"comment of {each.author_id}: {each.body}" for each in issue.comments]
    lines += [f"file of {each.author_id}: {each.filename} {_hash(each.content)}" for each in issue.attachments]
    lines += [f"property {name}: {value}" for name, value in issue.properties.items()]
    return [*lines, f"watchers {sorted(issue.watchers)}", *(f"remote link {each.body}" for each in issue.remote_links)]


def _pages(site: Site) -> list[str]:
    pages = site.confluence.pages
    lines = [f"page {page.title}: {page.status} {_body(page)}" for page in pages.values()]
    comments, files = site.confluence.comments.values(), site.confluence.attachments.values()
    lines += [f"page comment on {pages[each.page_id].title}: {_comment(site, each)}" for each in comments]
    lines += [f"page file on {pages[each.page_id].title}: {_file(each)}" for each in files]
    return lines


def _body(page: Page) -> str:
    return normalise(replace_regions(page.body, {SYNC: "<p/>"}) if SYNC in page.body else page.body)


def _comment(site: Site, comment: Comment) -> str:
    answers = site.confluence.comments[comment.parent_id].version.body if comment.parent_id else None
    return f"{comment.author_id}: {comment.version.body}, in answer to {answers}"


def _file(file: Attachment) -> str:
    versions = [f"v{each.number} {each.comment} {_hash(each.content)}" for each in file.versions]
    return f"{file.file_name} {file.status} {versions}"


def _hash(content: Any) -> str:
    content.seek(0)
    return sha256(content.read()).hexdigest()
