"""What only a person can do, because no API does it: each errand with its exact steps, and whether it is done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mappings.rules import AuditRule, Flavour, Rules

from .things import Ground, Thing, ThingKind
from .wanted import FIELDS, GADGET_KEYS, projects_of, things_of_audit


@dataclass(frozen=True, slots=True)
class Errand:
    """`is_done` is None where no API tells."""

    what: str
    why: str
    steps: tuple[str, ...]
    is_done: bool | None


@dataclass(frozen=True, slots=True)
class Doors:
    """Tieout's own address and which of its doors are open, as far as errands go."""

    address: str | None
    has_jira_secret: bool
    has_confluence_secret: bool
    confluence_heard: bool
    """Whether anything was ever delivered at Confluence's door."""


def errands_for(rules: Rules, ground: Ground, doors: Doors) -> list[Errand]:
    """Everything a person has to do or have done, for the audits that are open."""
    audits = {key: audit for key, audit in rules.audit.items() if not audit.is_closed}
    return [
        *_fields(audits, ground),
        *missing_groups(audits, ground),
        *_gadgets(rules.jira.url, ground),
        *_jira_webhook(rules.jira.url, ground, doors),
        *_confluence_webhook(rules, doors),
    ]


def by_hand(
    key: str, audit: AuditRule, doors: Doors, dashboards: Collection[str], hooks: Collection[str] | None
) -> list[Errand]:
    """What is set up by hand on Data Center, where no API makes dashboards; `dashboards` are those seen, by name, and
    `hooks` the addresses to which webhooks lead, None where Tieout may not see them."""
    group = audit.provision.group
    ground = Ground("", False, {group: group} if group else {}, _OFFERED, {}, frozenset(), {}, has_flag=True)
    unwanted = {f"{key}/{name}" for name in audit.provision.without}
    wanted = [each for each in things_of_audit(key, audit, ground) if each.name not in unwanted]
    filters = {thing.name: thing for thing in wanted if thing.kind is ThingKind.FILTER}
    found: list[Errand] = []
    for board in (thing for thing in wanted if thing.kind is ThingKind.DASHBOARD):
        shared = f"the group {group}" if group else "everybody who is signed in"
        steps = (
            "Under Dashboards, Manage Dashboards, choose Create new dashboard.",
            f"Name it {board.title!r} and share it with {shared}.",
            *(_gadget_step(one, filters) for one in wanted if one.kind is ThingKind.GADGET),
        )
        why = "Data Center has no API that makes dashboards; the filters that it draws are Tieout's"
        found.append(Errand(f"the dashboard {board.title}", why, steps, is_done=board.title in dashboards))
    return [*found, _webhook_by_hand(doors, hooks)]


def _webhook_by_hand(doors: Doors, hooks: Collection[str] | None) -> Errand:
    address = f"{doors.address or 'the address of Tieout'}/webhooks/jira"
    steps = (
        "Under System, WebHooks, choose Create a WebHook.",
        f"Give it the address {address} and the secret of TIEOUT_JIRA_WEBHOOK_SECRETS.",
        "Give it the query labels = tieout, and issue, comment, attachment and issue link events.",
    )
    is_done = None if hooks is None or doors.address is None else address in hooks
    return Errand("Jira’s webhook", "without it Tieout hears at the next poll only", steps, is_done)


def _gadget_step(thing: Thing, filters: Mapping[str, Thing]) -> str:
    source = next(filters[name].title for name in thing.needs if name in filters)
    counted = [str(thing.says[key]) for key in _COUNTED if key in thing.says]
    by = f", count by {' and '.join(counted)}" if counted else ""
    return f"Add the gadget {_gadget_title(thing)}; name it {thing.title!r}, choose the filter {source!r}{by}."


_COUNTED = ("config:statType", "config:xstattype", "config:ystattype")


def _gadget_title(thing: Thing) -> str:
    """The name of one of Jira's own gadgets in its directory."""
    uri = str(thing.says["uri"])
    return next(title for key, title in _TITLES.items() if key in uri)


_TITLES = {
    "filter-results-gadget": "Filter Results",
    "two-dimensional-stats-gadget": "Two Dimensional Filter Statistics",
    "pie-chart-gadget": "Pie Chart",
    "created-vs-resolved-issues-chart-gadget": "Created vs. Resolved Chart",
}


_OFFERED = {key: f":{key}/" for key in GADGET_KEYS.values()}
"""Data Center comes with all of them."""


def _fields(audits: Mapping[str, AuditRule], ground: Ground) -> Iterator[Errand]:
    wanting = [audit for audit in audits.values() if audit.provision.fields]
    names = tuple(shown for _, shown, _, _ in FIELDS)
    if wanting and not ground.is_admin:
        why = "Tieout's account is no Jira administrator; until then labels say what the fields would"
        grant = (
            "Make Tieout's account a Jira administrator (Jira settings, System, Global permissions), then run again."
        )
        off = "Or say `fields = false` under `provision` in the mapping file: labels are enough for Tieout."
        yield Errand("custom fields", why, (grant, off), is_done=False)
        return
    for project in dict.fromkeys(name for audit in wanting for name in projects_of(audit)):
        if project in ground.team_managed:
            lacking = [name for name in names if name not in ground.shown_fields.get(project, frozenset())]
            add = [f"Under Fields choose {name!r} and drag it to the issue type’s view." for name in lacking]
            steps = (
                f"In {project} open Project settings, then Issue types.",
                *add,
                "Save the changes of each issue type.",
            )
            why = "the project is team-managed: no API puts fields on its issues; labels say the same"
            yield Errand(f"the fields in {project}", why, steps, is_done=not lacking)


def missing_groups(
    audits: Mapping[str, AuditRule], ground: Ground, *, is_data_center: bool = False
) -> Iterator[Errand]:
    """Data Center lets an account share with groups only that it is in itself."""
    for key, audit in audits.items():
        group = audit.provision.group
        if group is not None and group not in ground.groups:
            where = "User management, Groups" if is_data_center else "admin.atlassian.com, Directory, Groups"
            members = "the coordinator and Tieout's account" if is_data_center else "the coordinator"
            steps = (
                f"Make a group {group!r} ({where}) with {members} in it,",
                f"or correct `group` under [audit.{key}.provision] in the mapping file.",
            )
            lacking = "Tieout's account is not in it" if is_data_center else "the site does not have it"
            why = f"filters and dashboard are shown to it, and {lacking}"
            yield Errand(f"the group {group}", why, steps, is_done=False)


def _gadgets(url: str, ground: Ground) -> Iterator[Errand]:
    lacking = sorted({key for key in GADGET_KEYS.values() if key not in ground.gadgets})
    for key in lacking:
        steps = (f"Ask the administrators of {url} whether the gadget was switched off, and let them switch it on.",)
        yield Errand(f"the gadget {_TITLES[key]}", "the site does not offer it", steps, is_done=False)


def _jira_webhook(url: str, ground: Ground, doors: Doors) -> Iterator[Errand]:
    why = "Tieout hears of changes at the next poll only"
    steps: tuple[str, ...]
    if doors.address is None:
        steps = ("Set TIEOUT_PUBLIC_URL to the address at which Jira reaches Tieout, then run this again.",)
        yield Errand("Tieout's own address", why, steps, is_done=False)
    elif not doors.has_jira_secret:
        steps = ("Set TIEOUT_JIRA_WEBHOOK_SECRETS (`openssl rand -hex 32`), restart Tieout, then run this again.",)
        yield Errand("a secret for Jira's webhook", why, steps, is_done=False)
    elif not ground.is_admin:
        steps = (
            f"As an administrator open {url}/plugins/servlet/webhooks and choose Create a webhook.",
            f"Give it the address {doors.address}/webhooks/jira and the secret of TIEOUT_JIRA_WEBHOOK_SECRETS.",
            "Choose issue, comment, attachment and issue link events, all of each; leave everything else alone.",
        )
        yield Errand("Jira's webhook", "Tieout's account is no Jira administrator", steps, is_done=None)


def _confluence_webhook(rules: Rules, doors: Doors) -> Iterator[Errand]:
    if rules.confluence.flavour is not Flavour.CLOUD or doors.address is None:
        return
    spaces = ", ".join(sorted({audit.space for audit in rules.audit.values() if not audit.is_closed}))
    secret = "" if doors.has_confluence_secret else "Set TIEOUT_CONFLUENCE_SHARED_SECRETS and restart Tieout first. "
    steps = (
        f"{secret}In each of the spaces {spaces} open Space settings, then Automation (Premium plans have it).",
        "Create a rule with the trigger “Page commented”, and one each with “Page edited” and “Attachment added”.",
        f"As the action of each choose “Send web request”: POST to {doors.address}/webhooks/confluence,",
        'with the header X-Tieout-Secret and the body {"pageId": "{{page.id}}"}.',
    )
    why = "Confluence Cloud has no API for webhooks; without the rules Tieout hears of pages at the next poll"
    yield Errand("Confluence's automation rules", why, steps, is_done=doors.confluence_heard)
