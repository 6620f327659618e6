"""How a Jira site is set up: statuses, workflows, fields, screens, projects, permissions. Changes rarely."""

from dataclasses import dataclass, field
from typing import Any, Literal

CategoryKey = Literal["undefined", "new", "indeterminate", "done"]

ANY_USER = "*"  # a holder of a permission: everybody with a seat in Jira
ANYONE = "anyone"  # another: whoever calls, logged in or not, which makes a project public


@dataclass(frozen=True)
class Category:
    """One of Jira's fixed status categories. `search_name` is how `/statuses` spells it."""

    category_id: int
    key: CategoryKey
    name: str
    color: str
    search_name: str


CATEGORIES: dict[str, Category] = {
    "undefined": Category(1, "undefined", "No Category", "medium-gray", "TODO"),
    "new": Category(2, "new", "To Do", "blue-gray", "TODO"),
    "indeterminate": Category(4, "indeterminate", "In Progress", "yellow", "IN_PROGRESS"),
    "done": Category(3, "done", "Done", "green", "DONE"),
}


@dataclass(frozen=True)
class Status:
    """A status; `project_id` is set for a team-managed project's own."""

    status_id: str
    name: str
    category: CategoryKey
    project_id: str | None = None


@dataclass(frozen=True)
class IssueType:
    type_id: str
    name: str
    description: str = ""
    subtask: bool = False
    hierarchy_level: int = 0
    project_id: str | None = None


@dataclass(frozen=True)
class Named:
    """A priority or a resolution, in the order of the site's list."""

    named_id: str
    name: str
    description: str = ""
    color: str = "#CD1316"


@dataclass(frozen=True)
class LinkType:
    link_type_id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True)
class Option:
    """One choice of a select or checkbox field."""

    option_id: str
    value: str


@dataclass(frozen=True)
class Field:
    """A field. `kind` names how its values are read and shown (see fields.py), `schema` is what the wire says.

    `project_id` is set for a team-managed project's own, which no other project knows.
    """

    field_id: str
    name: str
    kind: str
    schema: dict[str, Any]
    options: tuple[Option, ...] = ()
    navigable: bool = True
    searchable: bool = True
    clause_names: tuple[str, ...] = ()
    project_id: str | None = None
    description: str = ""

    @property
    def is_custom(self) -> bool:
        return self.field_id.startswith("customfield_")


@dataclass(frozen=True)
class Transition:
    """A move between statuses. `sources` None is a global one, from anywhere.

    `screen` maps the fields on its screen to whether they are required; None means it has no screen. Only members
    of `groups` see it, if any are named. `resolution` is set on the way unless the caller gives one; an empty
    string clears it; None leaves it alone.
    """

    transition_id: str
    name: str
    target: str
    sources: frozenset[str] | None = None
    screen: dict[str, bool] | None = None
    groups: frozenset[str] = frozenset()
    resolution: str | None = None


@dataclass(frozen=True)
class Workflow:
    name: str
    initial: str
    transitions: tuple[Transition, ...]

    def statuses(self) -> list[str]:
        """The ids of its statuses, in the order they are met."""
        seen = dict.fromkeys([self.initial])
        seen.update(dict.fromkeys(transition.target for transition in self.transitions))
        return list(seen)


@dataclass(eq=False)
class Project:
    """A project. `fields` are those its configuration shows; `create_screen` maps a field to whether it is required.

    `grants` maps a permission to its holders: group names, "account:<id>", ANY_USER or ANYONE.
    """

    project_id: str
    key: str
    name: str
    lead_id: str
    type_ids: tuple[str, ...]
    workflows: dict[str, Workflow]
    fields: frozenset[str]
    create_screen: dict[str, bool]
    grants: dict[str, set[str]]
    simplified: bool = False
    type_key: str = "business"
    assignee_type: Literal["UNASSIGNED", "PROJECT_LEAD"] = "UNASSIGNED"
    archived: bool = False
    former_keys: set[str] = field(default_factory=set)
    highest_number: int = 0
    properties: dict[str, Any] = field(default_factory=dict)
