"""The questions in their order, and where in the mapping file each answer goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import click
from pydantic import BaseModel

from connector.checks.jira_reading import IssueType
from connector.choices import Choices
from mappings.errors import FarSideError
from mappings.records import Kind
from mappings.rules import AuditRule, Auth, Connection, Flavour
from webhooks.init.draft import Draft, Path
from webhooks.init.interview import Interview, one_of
from webhooks.init.statuses import agree_on_statuses
from webhooks.rules_file import field_problem, key_problem

Look = Callable[[Connection, Connection], Choices]
"""Signs in to both sites, or raises what they answer."""

AUTHS = {
    Flavour.CLOUD: {
        Auth.TOKEN.value: "an API token without scopes",
        Auth.SCOPED.value: "an API token with scopes, or a service account's",
        Auth.OAUTH.value: "an OAuth 2.0 app of your own",
    },
    Flavour.DC: {Auth.PAT.value: "a personal access token"},
}
FLAVOURS = {Flavour.CLOUD.value: "Atlassian Cloud", Flavour.DC.value: "Data Center"}
TYPES_OF = {"issue_type": "requests", "escalation_issue_type": "escalations", "default_task_issue_type": "tasks"}
T = TypeVar("T")


class Questions:
    """One interview about one mapping file."""

    def __init__(self, interview: Interview, draft: Draft, look: Look) -> None:
        self._interview, self._draft, self._look = interview, draft, look
        self._site: Choices | None = None

    def ask_all(self) -> None:
        """Raises Refusal where answers are wrong or missing."""
        self._ask_connections()
        self._interview.finish()
        self._sign_in()
        audit = self._ask_audit()
        self._interview.finish()
        self._ask_people(audit)
        self._interview.finish()
        self._ask_statuses(audit)

    # The sites

    def _ask_connections(self) -> None:
        jira: Path = ("jira",)
        self._ask(Connection, (*jira, "url"), "url", "Jira's address, as a browser shows it")
        flavour = Flavour(self._choose((*jira, "flavour"), "flavour", "Which kind of site?", FLAVOURS, "cloud"))
        kinds = AUTHS[flavour]
        auth = Auth(self._choose((*jira, "auth"), "auth", "How does Tieout sign in?", kinds, next(iter(kinds))))
        if auth in (Auth.TOKEN, Auth.SCOPED):
            self._ask(Connection, (*jira, "user"), "user", "The e-mail address of Tieout's account")
        if auth in (Auth.SCOPED, Auth.OAUTH):
            question = "The site's cloud id (https://YOUR-SITE/_edge/tenant_info shows it)"
            self._ask(Connection, (*jira, "cloud_id"), "cloud_id", question)
        if auth is Auth.OAUTH:
            self._ask(Connection, (*jira, "client_id"), "client_id", "The OAuth app's id (its page shows it)")
        if auth is not Auth.OAUTH:
            question = "The token's last day, such as 2027-06-30"
            self._ask(
                Connection, (*jira, "token_expires_on"), "token_expires_on", question, is_optional=True, as_date=True
            )
        self._ask_confluence(flavour)

    def _ask_confluence(self, flavour: Flavour) -> None:
        """The same account and kind of sign-in, unless the file says otherwise already."""
        url = str(self._draft.get(("jira", "url")) or "")
        proposed = f"{url.rstrip('/')}/wiki" if url and flavour is Flavour.CLOUD else None
        question = "Confluence's address"
        self._ask(Connection, ("confluence", "url"), "confluence_url", question, proposed=proposed)
        for name in ("flavour", "auth", "user", "cloud_id", "client_id", "token_expires_on"):
            if self._draft.get(("confluence", name)) is None:
                self._draft.set(("confluence", name), self._draft.get(("jira", name)))

    def _sign_in(self) -> None:
        """Without the sites the questions go on, with nothing proposed."""
        connections = [Connection.model_validate(self._draft.get((side,))) for side in ("jira", "confluence")]
        try:
            self._site = self._look(*connections)
            click.echo(f"Signed in to {connections[0].url} as {self._site.account().name}.")
        except FarSideError as error:
            self._site = None
            click.echo(
                f"The sites cannot be looked at: {error}\nThe questions go on without; `tieout check` looks again."
            )

    def _shown(self, read: Callable[[Choices], T], otherwise: T) -> T:
        if self._site is None:
            return otherwise
        try:
            return read(self._site)
        except FarSideError as error:
            click.echo(f"  (this cannot be looked up: {error})")
            return otherwise

    # The audit

    def _ask_audit(self) -> Path:
        audits: Mapping[str, object] = self._draft.get(("audit",)) or {}
        key = self._interview.ask(
            "audit", "A short key for the audit, such as soc2-2026", next(iter(audits), None), problem=key_problem
        )
        at: Path = ("audit", key)
        self._ask(AuditRule, (*at, "name"), "name", "Its name, as people call it")
        self._choose((*at, "type"), "type", "Which type of report?", {"I": "at a day", "II": "over a period"}, "II")
        for name, question in (("period_start", "First day of the period"), ("period_end", "Last day of the period")):
            self._ask(AuditRule, (*at, name), name, question, as_date=True)
        self._ask(AuditRule, (*at, "time_zone"), "time_zone", "Time zone of its due dates", proposed="UTC")
        projects = self._shown(lambda site: site.projects(), dict[str, str]())
        project = self._choose((*at, "project"), "project", "Which Jira project takes the requests?", projects, None)
        self._ask_types(at, project, (("issue_type", "Audit Request"), ("escalation_issue_type", "Escalation")))
        question = "Which project takes the tasks that no route takes?"
        tasks = self._choose((*at, "default_task_project"), "default_task_project", question, projects, project)
        self._ask_types(at, tasks, (("default_task_issue_type", "Task"),))
        self._ask_routes(at, projects)
        spaces = self._shown(lambda site: site.spaces(), dict[str, str]())
        self._choose((*at, "space"), "space", "Which Confluence space shows the evidence?", spaces, None)
        return at

    def _ask_types(self, at: Path, project: str, wanted: Sequence[tuple[str, str]]) -> None:
        types = list(self._types(project)) if project else []
        for name, usual in wanted:
            proposed = next((kind for kind in (usual, "Task") if kind in types), next(iter(types), "Task"))
            self._choose((*at, name), name, f"Which issue type for {TYPES_OF[name]} in {project}?", types, proposed)

    def _types(self, project: str) -> dict[str, IssueType]:
        return self._shown(lambda site: site.issue_types(project), dict[str, IssueType]())

    def _ask_routes(self, at: Path, projects: Mapping[str, str]) -> None:
        """Routes are only added; those that are there, with whatever conditions, stay."""
        there = self._draft.get((*at, "routes")) or []
        shown = ", ".join(f"{row.get('team', '…')}={row.get('project')}" for row in there)
        question = f"Teams with a project of their own to add, as Platform=PLAT, IT=IT (there: {shown or 'none'})"
        answer = self._interview.ask(
            "route", question, None, problem=lambda answer: _route_problem(answer, projects), is_optional=True
        )
        for team, project in map(_route, _listed(answer)):
            if not any((row.get("team"), row.get("project")) == (team, project) for row in there):
                self._draft.add((*at, "routes"), {"team": team, "project": project})

    # The people

    def _ask_people(self, at: Path) -> None:
        self._ask(AuditRule, (*at, "coordinator"), "coordinator", "The coordinator's e-mail address")
        question = "The e-mail address of the sponsor, who hears of what is badly late"
        self._ask(AuditRule, (*at, "sponsor"), "sponsor", question, is_optional=True)
        there = self._draft.get((*at, "auditors")) or []
        auditors = self._interview.ask(
            "auditors",
            "The auditors' e-mail addresses, with commas between",
            ", ".join(there) or None,
            problem=lambda answer: field_problem(AuditRule, "auditors", _listed(answer)),
        )
        self._draft.set((*at, "auditors"), _listed(auditors))
        named = [self._draft.get((*at, "coordinator")), self._draft.get((*at, "sponsor")), *_listed(auditors)]
        for email in dict.fromkeys(email for email in named if email):
            self._make_sure_of(email)

    def _make_sure_of(self, email: str) -> None:
        """Who hides their address is named by account id."""
        people = self._draft.get(("people",)) or []
        if any(person.get("email", "").lower() == email.lower() for person in people):
            return
        accounts = self._shown(lambda site: site.accounts(email), None)
        if accounts is None or len(accounts) == 1 or not self._interview.may_ask:
            return
        click.echo(f"{len(accounts) or 'No'} account{'s' * (len(accounts) != 1)} on the site show {email}.")
        id_ = self._interview.ask(
            f"account_id_{email}", "Their account id (it ends the address of the profile)", None, is_optional=True
        )
        if id_:
            name = self._interview.ask(f"name_{email}", "Their name", None)
            self._draft.add(("people",), {"name": name, "email": email, "account_id": id_})

    # The statuses

    def _ask_statuses(self, at: Path) -> None:
        audit: dict[str, Any] = self._draft.get(at) or {}
        uses: list[tuple[str, str, Kind]] = [(audit["project"], audit["issue_type"], Kind.REQUEST)]
        if audit.get("tasks") != "none":
            uses.append((audit["default_task_project"], audit["default_task_issue_type"], Kind.TASK))
            routes = audit.get("routes") or []
            uses += [(route["project"], route.get("issue_type", "Task"), Kind.TASK) for route in routes]
        asked: set[tuple[str, Kind]] = set()
        for project, issue_type, kind in uses:
            type_ = self._types(project).get(issue_type)
            if type_ is None or (project, kind) in asked:
                continue
            asked.add((project, kind))
            place: Path = ("status", project, kind.value)
            names = agree_on_statuses(self._interview, project, kind, type_.statuses, self._draft.get(place) or {})
            self._put_names(place, names)

    def _put_names(self, place: Path, names: Mapping[str, str]) -> None:
        for state in self._draft.get(place) or {}:
            if state not in names:
                self._draft.set((*place, state), None)
        for state, name in names.items():
            self._draft.set((*place, state), name)

    # One question

    def _ask(
        self,
        model: type[BaseModel],
        path: Path,
        name: str,
        question: str,
        *,
        proposed: str | None = None,
        is_optional: bool = False,
        as_date: bool = False,
    ) -> None:
        there = self._draft.get(path)
        answer = self._interview.ask(
            name,
            question,
            str(there) if there is not None else proposed,
            problem=lambda answer: field_problem(model, path[-1], answer),
            is_optional=is_optional,
        )
        self._draft.set(path, date.fromisoformat(answer) if as_date and answer else answer)

    def _choose(
        self, path: Path, name: str, question: str, choices: Mapping[str, str] | Sequence[str], proposed: str | None
    ) -> str:
        """A value of the file that is no longer offered is not proposed again."""
        there = self._draft.get(path)
        answer = self._interview.choose(name, question, choices, str(there) if there is not None else proposed)
        self._draft.set(path, answer)
        return answer


def _route(text: str) -> tuple[str, str]:
    team, _, project = (part.strip() for part in text.partition("="))
    return team, project


def _route_problem(answer: str, projects: Mapping[str, str]) -> str | None:
    for team, project in map(_route, _listed(answer)):
        if not team or not project:
            return "expected TEAM=PROJECT, with commas between several"
        told = one_of(projects)(project)
        if told is not None:
            return told
    return None


def _listed(answer: str) -> list[str]:
    return [part.strip() for part in answer.split(",") if part.strip()]
