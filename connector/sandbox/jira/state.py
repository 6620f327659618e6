"""Everything Jira remembers, and how to find it."""

from dataclasses import dataclass, field

from connector.sandbox.jira.index import SearchIndex
from connector.sandbox.jira.model import Field, IssueType, LinkType, Named, Project, Status
from connector.sandbox.jira.records import Attachment, Board, Comment, Dashboard, Filter, Issue, IssueLink, Sprint


@dataclass(eq=False)
class JiraState:
    """The set-up and the records of one Jira, each by id."""

    statuses: dict[str, Status] = field(default_factory=dict)
    types: dict[str, IssueType] = field(default_factory=dict)
    priorities: dict[str, Named] = field(default_factory=dict)
    resolutions: dict[str, Named] = field(default_factory=dict)
    link_types: dict[str, LinkType] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    trashed_fields: dict[str, Field] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    ids_by_key: dict[str, str] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    links: dict[str, IssueLink] = field(default_factory=dict)
    filters: dict[str, Filter] = field(default_factory=dict)
    dashboards: dict[str, Dashboard] = field(default_factory=dict)
    boards: dict[str, Board] = field(default_factory=dict)
    sprints: dict[str, Sprint] = field(default_factory=dict)
    index: SearchIndex = field(default_factory=SearchIndex)
    withheld: set[str] = field(default_factory=set)
    """Global permissions that only administrators have here."""
    default_priority: str = "3"
    attachment_limit_bytes: int = 1 << 30

    def issue(self, id_or_key: str) -> Issue | None:
        """An issue by id, key, or a key it had before a move."""
        found = self.issues.get(id_or_key)
        if found is None:
            found = self.issues.get(self.ids_by_key.get(id_or_key.upper(), ""))
        return found

    def project(self, id_or_key: str) -> Project | None:
        """A project by id, key (any case) or former key."""
        if id_or_key in self.projects:
            return self.projects[id_or_key]
        wanted = id_or_key.upper()
        return next((p for p in self.projects.values() if wanted == p.key or wanted in p.former_keys), None)

    def links_of(self, issue_id: str) -> list[IssueLink]:
        return [link for link in self.links.values() if issue_id in (link.source_id, link.target_id)]

    def subtasks_of(self, issue_id: str) -> list[Issue]:
        """Children whose type is a sub-task, oldest first."""
        if not any(kind.subtask for kind in self.types.values()):
            return []
        children = [issue for issue in self.issues.values() if issue.values.get("parent") == issue_id]
        return [issue for issue in children if self.types[issue.type_id].subtask]
