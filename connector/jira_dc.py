"""The owners' side on Jira Data Center: `sync.ports.Jira` over REST v2. Not for sharing between threads.

A person is known by the user name, which is what Confluence on the same user directory knows them by, too. An issue
of our making is known by a label of its own, which stands for Cloud's property, and by who created it: a clone has the
label, but somebody else made it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from connector import jira_dc_create, jira_dc_read, jira_dc_write
from connector.downloads import download
from connector.jira_dc_people import People
from connector.jira_memory import JiraMemory
from connector.session import Wire
from connector.understood import understood
from connector.workflows import Workflows
from mappings.far import (
    Account,
    Catalog,
    Changes,
    Created,
    Fetched,
    FieldChange,
    IssueDraft,
    IssueEdit,
    IssueView,
    NotCreated,
    RemoteFile,
)
from mappings.limits import Limits
from mappings.text import Document


class DcJira:
    """What each method promises stands in the port; how many calls it takes, in the modules behind it."""

    def __init__(self, wire: Wire, *, site: str, workflows: Workflows | None = None) -> None:
        self.wire = wire
        self._site = site
        self._memory = JiraMemory(workflows, jira_dc_read.facts)
        self._people = People()

    @property
    def site(self) -> str:
        return self._site

    @property
    def memory(self) -> JiraMemory:
        return self._memory

    def heed(self, limits: Limits) -> None:
        self.wire.limits = limits

    @understood("read")
    def whoami(self) -> Account:
        return self._people.whoami(self.wire)

    @understood("read")
    def catalog(self, projects: Collection[str]) -> Catalog:
        return jira_dc_read.catalog(self.wire, self._memory, projects)

    def fields_on_create(self, project: str, issue_type: str) -> frozenset[str]:  # noqa: ARG002  the port's
        """None that matter: nothing is provisioned on Data Center."""
        return frozenset()

    @understood("read")
    def missing_permissions(self, project: str, wanted: Collection[str]) -> tuple[str, ...]:
        """Those of the permission keys that Tieout's account does not have in a project."""
        return jira_dc_read.missing_permissions(self.wire, project, wanted)

    @understood("read")
    def find_accounts(self, emails: Collection[str]) -> Mapping[str, Account]:
        return self._people.find(self.wire, emails)

    @understood("read")
    def fetch(self, ids: Sequence[str]) -> Fetched[IssueView]:
        return jira_dc_read.fetch(self.wire, self._memory, self._people, self._site, ids)

    @understood("read")
    def change_logs(self, ids: Sequence[str]) -> Mapping[str, tuple[FieldChange, ...]]:
        return jira_dc_read.change_logs(self.wire, self._memory, self._people, ids)

    @understood("read")
    def changed_since(self, since: datetime, projects: Collection[str]) -> Changes:
        return jira_dc_read.changed_since(self.wire, self._people, since, projects)

    @understood("read")
    def highest_number(self, project: str) -> int:
        return jira_dc_create.highest_number(self.wire, self._people, project)

    @understood("read")
    def find_created(self, project: str, markers: Collection[str], after_number: int) -> Mapping[str, tuple[str, ...]]:
        return jira_dc_create.find_created(self.wire, self._people, project, markers, after_number)

    @understood("read")
    def find(self, jql: str, most: int) -> Sequence[str]:
        return jira_dc_read.find(self.wire, jql, most)

    @understood("write")
    def create(self, drafts: Sequence[IssueDraft]) -> Sequence[Created | NotCreated]:
        return jira_dc_create.create(self.wire, self._memory, self._site, drafts)

    @understood("write")
    def edit(self, issue_id: str, edit: IssueEdit) -> None:
        jira_dc_write.edit(self.wire, self._memory, issue_id, edit)

    @understood("write")
    def move(self, issue_id: str, status_id: str, *, fields: Mapping[str, object]) -> None:
        jira_dc_write.move(self.wire, self._memory, issue_id, status_id, fields)

    @understood("read")
    def way(self, issue_id: str, status_id: str, *, fields: Mapping[str, object]) -> Sequence[str]:
        return jira_dc_write.way(self.wire, self._memory, issue_id, status_id, fields)

    @understood("write")
    def comment(self, issue_id: str, body: Document, ref: str) -> str:
        return jira_dc_write.comment(self.wire, issue_id, body, ref)

    @understood("write")
    def take_back(self, issue_id: str, comment_id: str) -> None:
        jira_dc_write.take_back(self.wire, issue_id, comment_id)

    @understood("write")
    def let_go(self, issue_id: str, labels: Collection[str]) -> None:
        jira_dc_write.let_go(self.wire, issue_id, labels)

    @understood("write")
    def link(self, key: str, to: str) -> None:
        jira_dc_write.link(self.wire, self._memory, self._people, key, to)

    @understood("write")
    def watch(self, issue_id: str, account_id: str) -> None:
        jira_dc_write.watch(self.wire, self._people, issue_id, account_id)

    @understood("read")
    def download(self, file: RemoteFile) -> Iterator[bytes]:
        return download(self.wire, file.download_path, file.size)
