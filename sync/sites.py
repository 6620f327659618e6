"""What is known of the two sites and asked only now and then: how projects speak, where pages go, who people are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from mappings.commands import HOW_TO_DECIDE
from mappings.context import AuditContext, SiteWords
from mappings.errors import Gone, Refused
from mappings.evidence_page import compose_home, home_regions, is_home, rewrite_home
from mappings.far import Catalog, IssueView, PageDraft, PageView
from mappings.issue_plan import route_for
from mappings.known_people import known_people
from mappings.limits import Limits
from mappings.records import Kind, Person, Priority, Record
from mappings.rules import AuditRule, Rules
from mappings.status_map import StatusMapProblem, build_status_map, ids_by_name
from mappings.working_days import WorkCalendar

from .ports import Confluence, Jira

_PREPARED_WITHIN = timedelta(days=366)
"""How long before its period begins an audit may have got its home page. Of a large, old space not all is read."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where an audit's evidence pages are: their space and the page above them."""

    space_id: str
    page_id: str | None


class Sites:
    """The two sites with their rules. Answers are kept until `forget` is called. One for each worker thread."""

    def __init__(self, jira: Jira, confluence: Confluence, rules: Rules) -> None:
        self.jira = jira
        self.confluence = confluence
        self.rules = rules
        self._catalog: Catalog | None = None
        self._words: dict[tuple[str, Kind, str], SiteWords] = {}
        self._homes: dict[str, Home] = {}
        self._space_ids: dict[str, str | None] = {}
        self._own: frozenset[str] | None = None
        self._own_fields: Mapping[str, str] = {}
        self._asked_people: set[str] = set()
        self.highest_numbers: dict[str, int] = {}
        """Of issues, by project, as far as known: where the look for a create of unknown outcome begins."""

    def forget(self) -> None:
        """Ask everything again: something on a site no longer fits what was known."""
        self._catalog = None
        self._words.clear()
        self._homes.clear()
        self._space_ids.clear()
        self._own = None
        self._asked_people.clear()
        self.highest_numbers.clear()

    def know_fields(self, ids: Mapping[str, str]) -> None:
        """The ids of Tieout's own custom fields by their names, as the register has them now."""
        if ids != self._own_fields:
            self._own_fields = ids
            self._words.clear()

    def heed(self, limits: Limits) -> None:
        """From now on no call is made that `limits` does not allow."""
        self.jira.heed(limits)
        self.confluence.heed(limits)

    def own_accounts(self) -> frozenset[str]:
        """The accounts Tieout itself writes with."""
        if self._own is None:
            self._own = frozenset({self.jira.whoami().account_id, self.confluence.whoami().account_id})
        return self._own

    def spaces(self, again: Collection[str] = ()) -> dict[str, str | None]:
        """The ids of all Confluence spaces that any audit writes to, by key; None for one that is not shown. Those in
        `again` are asked for whatever is known."""
        for key in again:
            self._space_ids.pop(key, None)
        return {key: self._space_id(key) for key in sorted({rule.space for rule in self.rules.audit.values()})}

    def space_of(self, audit: str) -> str | None:
        """The id of an audit's space; None where it is not shown."""
        return self._space_id(self.rules.audit[audit].space)

    def _space_id(self, key: str) -> str | None:
        if key not in self._space_ids:
            try:
                self._space_ids[key] = self.confluence.space_id(key)
            except Gone:
                self._space_ids[key] = None
        return self._space_ids[key]

    def projects(self) -> tuple[str, ...]:
        """Every Jira project that any audit writes to."""
        names: set[str] = set()
        for rule in self.rules.audit.values():
            names |= {rule.project, *(route.project for route in rule.routes)}
            names |= {rule.default_task_project} if rule.default_task_project else set()
        return tuple(sorted(names))

    def people(self, kept: Mapping[str, Person]) -> dict[str, Person]:
        """Everybody by key: those the register keeps, with what the mapping file says of them, and those it adds."""
        return known_people(self.rules, kept)

    def context(self, audit: str, people: Mapping[str, Person], now: datetime) -> AuditContext:
        """An audit as decisions see it at `now`."""
        rule = self.rules.audit[audit]
        return AuditContext(audit, rule, people, WorkCalendar.of(rule), now, self.own_accounts())

    def words(self, project: str, kind: Kind, issue_type: str) -> SiteWords:
        """How a project says the states and priorities of a kind of record. Refused names what cannot be said."""
        key = (project, kind, issue_type)
        if key not in self._words:
            self._words[key] = self._read_words(project, kind, issue_type)
        return self._words[key]

    def words_for(self, record: Record, ctx: AuditContext) -> SiteWords:
        """The same for the project that a record is routed to."""
        route = route_for(record, ctx)
        return self.words(route.project, record.kind, route.issue_type)

    def words_of(self, record: Record, ctx: AuditContext, issue: IssueView) -> SiteWords:
        """How a record's issue speaks where people have it: of its own type, in the project in which it stands."""
        return self.words(issue.project, record.kind, issue.issue_type or route_for(record, ctx).issue_type)

    def _read_words(self, project: str, kind: Kind, issue_type: str) -> SiteWords:
        catalog = self._read_catalog(project)
        types = catalog.statuses.get(project, {})
        if issue_type not in types:
            there = ", ".join(sorted(types)) or "nothing Tieout can see"
            raise Refused(f"project {project} has no issue type {issue_type!r}; it has {there}")
        names = self.rules.status.get(project)
        try:
            status_map = build_status_map(kind, names, types[issue_type])
        except StatusMapProblem as problem:
            raise Refused(f"project {project}: {problem}") from problem
        ids = ids_by_name(types[issue_type])
        screens = names.transition_fields if names else {}
        return SiteWords(
            status_map=status_map,
            priority_names=name_priorities(catalog.priorities),
            has_flag=catalog.flag_field is not None,
            is_subtask=issue_type in catalog.subtasks.get(project, ()),
            has_links=catalog.has_links,
            transition_fields={
                ids[name.casefold()]: wanted for name, wanted in screens.items() if name.casefold() in ids
            },
            fields=self._fields_on(project, issue_type),
        )

    def _fields_on(self, project: str, issue_type: str) -> Mapping[str, str]:
        """Those of Tieout's own fields that are on the screen; asks only where there are any."""
        if not self._own_fields:
            return {}
        shown = self.jira.fields_on_create(project, issue_type)
        return {name: id_ for name, id_ in self._own_fields.items() if id_ in shown}

    def _read_catalog(self, project: str) -> Catalog:
        """What all projects have; of this one alone where it is another, or as long as one of them is not there."""
        if self._catalog is None:
            try:
                self._catalog = self.jira.catalog(self.projects())
            except Gone:
                return self.jira.catalog([project])
        return self._catalog if project in self._catalog.statuses else self.jira.catalog([project])

    def home(self, audit: str, people: Mapping[str, Person], *, may_create: bool = True) -> Home:
        """The space of an audit and its home page, which is made when it is not there.

        Where it may not be made (a plan writes nothing), `page_id` is None for one that is missing."""
        if audit not in self._homes:
            home = self._find_home(audit, self.rules.audit[audit], people, may_create=may_create)
            if home.page_id is None:
                return home
            self._homes[audit] = home
        return self._homes[audit]

    def _find_home(self, audit: str, rule: AuditRule, people: Mapping[str, Person], *, may_create: bool) -> Home:
        space_id = self.confluence.space_id(rule.space)
        page = self._home_page(audit, rule, space_id)
        if page is None and may_create:
            body = compose_home(audit, rule, people, HOW_TO_DECIDE)
            draft = PageDraft(space_id, self.confluence.home_page(rule.space), home_title(audit, rule), body)
            page = self._create_or_find(draft)
        return Home(space_id, page.id if page else None)

    def _home_page(self, audit: str, rule: AuditRule, space_id: str) -> PageView | None:
        """By its title, which is unique; where people or the mapping file have given it another, by what it says. Of
        several it is the oldest: the others are somebody's copies of it."""
        page = self.confluence.find(space_id, home_title(audit, rule))
        if page is not None:
            return page
        since = datetime.combine(rule.period_start - _PREPARED_WITHIN, time(), UTC)
        made = self.confluence.made_since(since, space_id)
        pages = [page for page in made if page.status == "current" and is_home(page.body, audit)]
        return pages[-1] if pages else None

    def _create_or_find(self, draft: PageDraft) -> PageView:
        """The home page; another worker may have been faster, and titles are unique."""
        try:
            return self.confluence.create(draft)
        except Refused:
            page = self.confluence.find(draft.space_id, draft.title)
            if page is None:
                raise
            return page

    def refresh_home(self, audit: str, people: Mapping[str, Person]) -> bool:
        """Bring an audit's home page up to date if it says something else; returns whether it was written."""
        rule = self.rules.audit[audit]
        page = self._home_page(audit, rule, self.confluence.space_id(rule.space))
        if page is None:
            return False
        body = rewrite_home(page.body, home_regions(audit, rule, people, HOW_TO_DECIDE))
        if body is None:
            return False
        self.confluence.update(page.id, title=page.title, body=body, version=page.version, message="Brought in step")
        return True

    def find_accounts(self, people: Iterable[Person]) -> list[Person]:
        """The people among `people` whose account is found now by e-mail. Each is asked for once until `forget`."""
        wanted = {
            person.email.lower(): person
            for person in people
            if person.account_id is None and person.email and person.email.lower() not in self._asked_people
        }
        if not wanted:
            return []
        self._asked_people |= set(wanted)
        found = self.jira.find_accounts(list(wanted))
        return [replace(wanted[email], account_id=account.account_id) for email, account in found.items()]


def home_title(audit: str, rule: AuditRule) -> str:
    """The title with which an audit's home page is made."""
    return f"{rule.name} ({audit})"


def name_priorities(names: tuple[str, ...]) -> dict[str, str]:
    """Ours to the site's: by name where it has ours, else by rank from the top."""
    by_name = {name.lower(): name for name in names}
    ranked = list(Priority)
    return {
        ours.value: by_name.get(ours.value) or names[min(len(names) - 1, rank * len(names) // len(ranked))]
        for rank, ours in enumerate(ranked)
        if names
    }
