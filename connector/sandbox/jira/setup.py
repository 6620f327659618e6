"""Setting a Jira up: its fixed lists, statuses, workflows, fields and projects. For seeds and tests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.sandbox.jira.model import (
    ANY_USER,
    ANYONE,
    CategoryKey,
    Field,
    IssueType,
    LinkType,
    Named,
    Option,
    Project,
    Status,
    Transition,
    Workflow,
)
from connector.sandbox.jira.permissions import PROJECT_PERMISSIONS
from connector.sandbox.jira.system_fields import CUSTOM_TYPES, KIND_OF_CUSTOM_TYPE, SYSTEM_FIELDS
from connector.sandbox.site import Site

ADMINS = "site-admins"
ADMIN_PERMISSIONS = frozenset(
    {
        "ADMINISTER_PROJECTS",
        "DELETE_ALL_ATTACHMENTS",
        "DELETE_ALL_COMMENTS",
        "DELETE_ISSUES",
        "EDIT_ALL_COMMENTS",
        "MODIFY_REPORTER",
    }
)
PRIORITIES = (
    ("1", "Highest", "This problem will block progress.", "#d04437"),
    ("2", "High", "Serious problem that could block progress.", "#f15C75"),
    ("3", "Medium", "Has the potential to affect progress.", "#f79232"),
    ("4", "Low", "Minor problem or easily worked around.", "#707070"),
    ("5", "Lowest", "Trivial problem with little or no impact on progress.", "#999999"),
)
RESOLUTIONS = (
    ("10000", "Done", "Work has been completed on this issue."),
    ("10001", "Won't Do", "This issue won't be actioned."),
)
LINK_TYPES = (
    ("10000", "Blocks", "is blocked by", "blocks"),
    ("10001", "Cloners", "is cloned by", "clones"),
    ("10002", "Duplicate", "is duplicated by", "duplicates"),
    ("10003", "Relates", "relates to", "relates to"),
)
FLAGGED = "customfield_10021"
STANDARD_FIELDS = frozenset(
    {
        "summary",
        "description",
        "assignee",
        "reporter",
        "priority",
        "labels",
        "duedate",
        "parent",
        "environment",
        "issuelinks",
        FLAGGED,
    }
)


def install(site: Site) -> None:
    """What every new Jira comes with: priorities, resolutions, link types, system fields, Flagged."""
    jira = site.jira
    jira.priorities.update({row[0]: Named(*row) for row in PRIORITIES})
    jira.resolutions.update({row[0]: Named(*row) for row in RESOLUTIONS})
    jira.link_types.update({row[0]: LinkType(*row) for row in LINK_TYPES})
    jira.fields.update({field.field_id: field for field in SYSTEM_FIELDS})
    add_custom_field(site, "Flagged", "multicheckboxes", options=["Impediment"], field_id=FLAGGED, option_ids=["10019"])


def add_custom_field(
    site: Site,
    name: str,
    custom_type: str,
    *,
    options: Sequence[str] = (),
    option_ids: Sequence[str] = (),
    field_id: str | None = None,
    description: str = "",
    project: Project | None = None,
) -> Field:
    """A custom field of one of Jira's types ("textfield", "select", ...).

    It is in no project's configuration yet, unless it is a team-managed `project`'s own.
    """
    kind, schema = KIND_OF_CUSTOM_TYPE[custom_type]
    field_id = field_id or f"customfield_{site.next_id('field') + 50}"
    ids = option_ids or [str(site.next_id("option") + 100) for _ in options]
    number = int(field_id.removeprefix("customfield_"))
    full = {**schema, "custom": CUSTOM_TYPES + custom_type, "customId": number}
    choices = tuple(Option(option_id, value) for option_id, value in zip(ids, options, strict=True))
    owner = project.project_id if project else None
    field = Field(field_id, name, kind, full, choices, description=description, project_id=owner)
    site.jira.fields[field_id] = field
    if project is not None:
        show_field(project, field_id)
    return field


def add_status(site: Site, name: str, category: CategoryKey, project_id: str | None = None) -> Status:
    status = Status(str(site.next_id("status")), name, category, project_id)
    site.jira.statuses[status.status_id] = status
    return status


def add_type(site: Site, name: str, *, project_id: str | None = None, subtask: bool = False) -> IssueType:
    kind = IssueType(str(site.next_id("issuetype")), name, "", subtask, -1 if subtask else 0, project_id)
    site.jira.types[kind.type_id] = kind
    return kind


def open_workflow(site: Site, name: str, statuses: Sequence[Status]) -> Workflow:
    """A workflow in which every status can be reached from every other by a transition of its name.

    Entering a done status sets the resolution Done, entering any other clears it.
    """
    transitions = tuple(
        Transition(str(11 + 10 * position), status.name, status.status_id, resolution=_resolution(site, status))
        for position, status in enumerate(statuses)
    )
    return Workflow(name, statuses[0].status_id, transitions)


def restricted_workflow(
    site: Site,
    name: str,
    statuses: Mapping[str, Status],
    moves: Iterable[tuple[str, str, str]],
    *,
    done_screen: Mapping[str, bool] | None = None,
) -> Workflow:
    """A workflow with only the moves given, each (name, from, to) by status name.

    `done_screen` is the screen on every way into a done status, field to required.
    """
    transitions = []
    for position, (title, source, target) in enumerate(moves):
        status = statuses[target]
        is_done = status.category == "done"
        transitions.append(
            Transition(
                transition_id=str(11 + 10 * position),
                name=title,
                target=status.status_id,
                sources=frozenset({statuses[source].status_id}),
                screen=dict(done_screen) if is_done and done_screen is not None else None,
                resolution=None if is_done and done_screen else _resolution(site, status),
            )
        )
    first = next(iter(statuses.values()))
    return Workflow(name, first.status_id, tuple(transitions))


def add_project(
    site: Site,
    key: str,
    name: str,
    lead_id: str,
    workflows: Mapping[str, Workflow],
    *,
    simplified: bool = False,
    project_id: str | None = None,
) -> Project:
    """A project whose issue types are the keys of `workflows`; everybody with a seat may work in it."""
    project = Project(
        project_id=project_id or str(site.next_id("project")),
        key=key,
        name=name,
        lead_id=lead_id,
        type_ids=tuple(workflows),
        workflows=dict(workflows),
        fields=STANDARD_FIELDS,
        create_screen={field_id: field_id == "summary" for field_id in sorted(STANDARD_FIELDS)},
        grants={
            permission: {ADMINS} if permission in ADMIN_PERMISSIONS else {ANY_USER, ADMINS}
            for permission in PROJECT_PERMISSIONS
        },
        simplified=simplified,
    )
    site.jira.projects[project.project_id] = project
    return project


def open_to_anyone(project: Project) -> None:
    """Make a project public: whoever calls, logged in or not, may look at it."""
    project.grants["BROWSE_PROJECTS"] |= {ANYONE}


def show_field(project: Project, field_id: str, *, required: bool = False) -> None:
    """Put a field into a project's configuration and on its create screen."""
    project.fields |= {field_id}
    project.create_screen[field_id] = required


def hide_field(project: Project, field_id: str, *, keep_editable: bool = False) -> None:
    """Take a field off a project's create screen, and out of its configuration unless `keep_editable`."""
    project.create_screen.pop(field_id, None)
    if not keep_editable:
        project.fields -= {field_id}


def change_transition(project: Project, name: str, **changed: Any) -> None:
    """Alter the transitions of this name in all of a project's workflows; `changed` are fields of Transition."""
    for type_id, workflow in project.workflows.items():
        moved = tuple(replace(t, **changed) if t.name == name else t for t in workflow.transitions)
        project.workflows[type_id] = replace(workflow, transitions=moved)


def _resolution(site: Site, status: Status) -> str:
    """What entering a status does to the resolution: the first one for done, none for the rest."""
    return next(iter(site.jira.resolutions)) if status.category == "done" else ""
