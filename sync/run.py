"""One set of records with what was read about them, before anything is decided: what a run and a plan begin with.

Sites are asked here, and outside of every transaction: nobody is to wait for a site with the register locked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from mappings.context import AuditContext
from mappings.errors import FarSideError
from mappings.records import Kind, LinkRole, LinkState, Person, Record

from .database import now
from .intake import Surroundings
from .planner import Links, has_counterparts
from .scene import FarSides, gather, is_for_all, load_families, request_uid
from .sites import Sites
from .store import Store


@dataclass(frozen=True, slots=True)
class Run:
    """One set of records with what was read about them."""

    facets: Mapping[str, int]
    """The records asked for, with the parts of their pages that were read."""
    asked: Mapping[str, Sequence[str]]
    """The same records by the request at the head of their family."""
    records: Mapping[str, Record]
    """Each of them as it was when the run began."""
    contexts: Mapping[str, AuditContext]
    """By audit key."""
    links: Links
    far: FarSides

    @property
    def families(self) -> list[str]:
        return sorted(self.asked)

    def ctx(self, uid: str) -> AuditContext:
        """The audit around a record that was asked for."""
        return self.contexts[self.records[uid].audit]


def prepare(
    reading: Callable[[], AbstractContextManager[Connection]], sites: Sites, facets: Mapping[str, int]
) -> tuple[Run, list[Person]]:
    """Read the register in one transaction of `reading`, then the sites; with the people whose accounts were found.

    Records of an audit that the mapping file does not have are left out: see `sync.unlisted`."""
    with reading() as conn:
        store = Store(conn)
        audits = sites.rules.audit
        records = {uid: each for uid, each in store.records.get(facets).items() if each.audit in audits}
        heads: dict[str, list[str]] = {}
        for uid, record in sorted(records.items()):
            heads.setdefault(request_uid(record), []).append(uid)
        families = load_families(store, heads)
        links = store.links.of([record.uid for family in families.values() for record in family.records])
        people = sites.people(store.people.all())
        began_at = now(conn)
        sites.know_fields(store.provisioned.fields())
    found = sites.find_accounts(people.values())
    people |= {person.key: person for person in found}
    concerned = {record.audit for record in records.values()}
    contexts = {audit: sites.context(audit, people, began_at) for audit in concerned}
    asked = {uid: facets[uid] for uid in records}
    far = gather(links, asked, sites.jira, sites.confluence)
    return Run(asked, heads, records, contexts, links, far), found


def surroundings(run: Run, sites: Sites, request: str) -> Surroundings:
    """What judging one family needs beside the store."""
    ctx = run.ctx(run.asked[request][0])
    return Surroundings(ctx, sites.words_of, sites.rules.jira.url.rstrip("/"), sites.space_of(ctx.key))


def learn_words(run: Run, sites: Sites, asked: Iterable[str]) -> None:
    """Ask how the projects speak in which issues of `asked` stand. Raises what cannot be said there, but for their
    escalations: those keep nothing else from being written."""
    for uid in asked:
        rule = run.ctx(uid).rule
        with _left_to_whoever_needs_it():
            if (uid, LinkRole.ESCALATION_ISSUE) in run.links:
                sites.words(rule.project, Kind.REQUEST, rule.escalation_issue_type)
        link = run.links.get((uid, LinkRole.ISSUE))
        issue = run.far.issues.get(link.remote_id or "") if link else None
        if issue is not None:
            sites.words_of(run.records[uid], run.ctx(uid), issue)


def learn_what_is_missing(run: Run, sites: Sites, held: Mapping[str, Collection[LinkRole]]) -> None:
    """Ask what making the counterparts that are missing takes: how their projects speak, where pages go (a home page
    that is not there is made). `held` are those to which nothing is written, by audit.

    A no is left to whoever needs the answer: it asks again, and fails for the record at hand."""
    for uid, record in sorted(run.records.items()):
        ctx = run.ctx(uid)
        with _left_to_whoever_needs_it():
            if LinkRole.ISSUE not in held[record.audit] and is_to_be_made(run, uid, LinkRole.ISSUE):
                sites.words_for(record, ctx)
        with _left_to_whoever_needs_it():
            if LinkRole.PAGE not in held[record.audit] and is_to_be_made(run, uid, LinkRole.PAGE):
                sites.home(record.audit, ctx.people)


def is_to_be_made(run: Run, uid: str, role: LinkRole) -> bool:
    """Whether a counterpart is missing that a record should have, as far as the register knew when the run began."""
    record, link = run.records[uid], run.links.get((uid, role))
    if role is LinkRole.PAGE and record.parent is not None:
        return False
    is_missing = link is None or link.state is LinkState.PENDING
    is_begun = link is not None and link.intent_at is not None
    return is_missing and (is_begun or has_counterparts(record, run.ctx(uid)))


@contextmanager
def _left_to_whoever_needs_it() -> Iterator[None]:
    try:
        yield
    except FarSideError as error:
        if is_for_all(error):
            raise
