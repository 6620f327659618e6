"""Gathering: what every side says now about a set of records, read in as few calls as the sites allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mappings.context import Family
from mappings.errors import FarSideError, SignInFailed, Throttled, TryLater
from mappings.far import IssueView, PageView, RemoteComment, RemoteFile
from mappings.limits import PER_ISSUE
from mappings.overtaken import is_cut_short, with_rest
from mappings.records import Link, LinkRole, LinkState, Record
from mappings.strangers import without_strangers

from .facets import PAGE_COMMENTS, PAGE_FILES
from .ports import Confluence, Jira
from .store import Store


@dataclass(frozen=True, slots=True)
class FarSides:
    """What Jira and Confluence showed. An id in `missing` has the reason why it did not come."""

    issues: Mapping[str, IssueView] = field(default_factory=dict)
    pages: Mapping[str, PageView] = field(default_factory=dict)
    page_comments: Mapping[str, tuple[RemoteComment, ...]] = field(default_factory=dict)
    page_files: Mapping[str, tuple[RemoteFile, ...]] = field(default_factory=dict)
    missing: Mapping[tuple[LinkRole, str], str] = field(default_factory=dict)
    troubles: Mapping[str, FarSideError] = field(default_factory=dict)
    """By record uid: why its issue, or comments or files of its page, could not be read. They are not among the others
    then."""


def request_uid(record: Record) -> str:
    """The request at the head of a record's family."""
    return record.parent or record.uid


def load_families(store: Store, request_uids: Iterable[str]) -> dict[str, Family]:
    """The whole families of some requests, by the request's uid."""
    uids = sorted(set(request_uids))
    requests = store.records.get(uids)
    tasks = store.records.tasks_of(uids)
    evidence = store.evidence.of(uids)
    decisions = store.decisions.of(uids)
    return {
        uid: Family(request, tasks.get(uid, ()), evidence.get(uid, ()), decisions.get(uid, ()))
        for uid, request in requests.items()
    }


def live(links: Mapping[tuple[str, LinkRole], Link], uid: str, role: LinkRole) -> Link | None:
    """A record's counterpart, if it is there and reachable."""
    link = links.get((uid, role))
    return link if link and link.state is LinkState.LIVE and link.remote_id else None


def gather(
    links: Mapping[tuple[str, LinkRole], Link], facets: Mapping[str, int], jira: Jira, confluence: Confluence
) -> FarSides:
    """Read the counterparts of the records named by `facets` (uid to the parts of its page to read).

    One call for each 100 issues and each 250 pages; a page's comments and files only where a facet asks."""
    issue_ids = _ids(links, facets, LinkRole.ISSUE)
    page_ids = _ids(links, facets, LinkRole.PAGE)
    twin_ids = _ids(links, facets, LinkRole.TWIN)
    to_issues = [*issue_ids.values(), *twin_ids.values()]
    issues = without_strangers(jira.fetch(to_issues), _to(links, LinkRole.ISSUE, LinkRole.TWIN)) if to_issues else None
    to_pages = list(page_ids.values())
    pages = without_strangers(confluence.fetch(to_pages), _to(links, LinkRole.PAGE)) if to_pages else None
    missing = {(LinkRole.ISSUE, id_): why for id_, why in (issues.missing if issues else {}).items()}
    missing |= {(LinkRole.PAGE, id_): why for id_, why in (pages.missing if pages else {}).items()}
    found_pages = pages.found if pages else {}
    unread = issues.unread if issues else {}
    troubles: dict[str, FarSideError] = {
        uid: TryLater(f"the issue could not be read: {unread[id_]}") for uid, id_ in issue_ids.items() if id_ in unread
    }
    found_issues = _with_all_unseen(issues.found, links, jira) if issues else {}
    far = FarSides(issues=found_issues, pages=found_pages, missing=missing, troubles=troubles)
    wants = {uid: id_ for uid, id_ in page_ids.items() if id_ in found_pages}
    return _with_parts(far, wants, facets, confluence)


def _with_all_unseen(
    issues: Mapping[str, IssueView], links: Mapping[tuple[str, LinkRole], Link], jira: Jira
) -> dict[str, IssueView]:
    """The issues, each with every line of its change log that came since it was judged last.

    No call but for those whose log was cut short above that place: the rest of theirs is read and put below."""
    seen = {link.remote_id: link.seen_change for (_, role), link in links.items() if role is LinkRole.ISSUE}
    cut = [id_ for id_, issue in issues.items() if is_cut_short(issue, seen.get(id_))]
    logs = jira.change_logs(cut) if cut else {}
    return {id_: with_rest(issue, logs[id_]) if id_ in logs else issue for id_, issue in issues.items()}


def _with_parts(
    far: FarSides, page_ids: Mapping[str, str], facets: Mapping[str, int], confluence: Confluence
) -> FarSides:
    """The same with comments and files of the pages, by the uid of their records; one page stops no other."""
    comments: dict[str, tuple[RemoteComment, ...]] = {}
    files: dict[str, tuple[RemoteFile, ...]] = {}
    troubles = dict(far.troubles)
    for uid, page_id in page_ids.items():
        try:
            if facets[uid] & PAGE_COMMENTS:
                comments[page_id] = confluence.comments(page_id)
            if facets[uid] & PAGE_FILES:
                files[page_id] = confluence.files(page_id)
        except FarSideError as error:
            if is_for_all(error):
                raise
            troubles[uid] = error
    return replace(far, page_comments=comments, page_files=files, troubles=troubles)


def is_for_all(error: FarSideError) -> bool:
    """Whether an error speaks for the whole site, so that no other record fares better."""
    return isinstance(error, SignInFailed) or (isinstance(error, Throttled) and PER_ISSUE not in error.reason)


def _to(links: Mapping[tuple[str, LinkRole], Link], *roles: LinkRole) -> list[Link]:
    return [link for (_, role), link in links.items() if role in roles]


def _ids(links: Mapping[tuple[str, LinkRole], Link], facets: Mapping[str, int], role: LinkRole) -> dict[str, str]:
    # Detached ones are asked for along with the others: they may be back.
    found = ((uid, links.get((uid, role))) for uid in facets)
    return {uid: link.remote_id for uid, link in found if link and link.remote_id}
