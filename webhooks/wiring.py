"""The only composition root: every long-lived part is built here, once, when it is first asked for.

The real clock, real ids and real chance come in here and nowhere else.
"""

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from uuid import uuid4

import requests
from flask import Flask
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from connector.confluence_cloud import CloudConfluence
from connector.connect import ConfluenceClient, JiraClient, Secret, connect_confluence, connect_jira
from connector.jira_dc import DcJira
from connector.oauth import OAuthApp
from connector.provision import CloudProvisioner, DcProvisioner
from connector.session import Habits
from connector.workflows import Workflows
from mappings.rules import AuditRule, Auth, Connection, Rules
from mappings.sign_in import Tokens
from sync.database import Database, open_database
from sync.engine import Engine
from sync.keys import SWEEP_CHECK
from sync.migrations import NEWER, is_newer, needs_upgrade
from sync.plan_worker import PlanWorker
from sync.provisioning import Provisioning
from sync.retry import Retry
from sync.sites import Sites
from sync.vault import Vault
from sync.worker import Worker
from webhooks.app import Parts, create_app
from webhooks.calls import CallTally
from webhooks.drift import drift_of
from webhooks.logs import log_to
from webhooks.problems import Refusal, did_you_mean
from webhooks.rules_file import read_rules
from webhooks.secret_files import SecretFile, SecretsInFile, one_token, several
from webhooks.settings import SHORTEST_SECRET, Settings, read_settings, secret_file_of, variable
from webhooks.setup_check import SetupCheck, circumstances

if TYPE_CHECKING:
    from sync.sign_in import SharedSignIn


class Wiring:
    """The parts of one process, from its environment. Asking for a part may raise Misconfigured or Refusal.

    `new_session` makes the HTTP session of each client; tests give one that leads to the sandbox."""

    def __init__(
        self,
        environ: Mapping[str, str],
        log_stream: TextIO,
        *,
        new_session: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self._environ = environ
        self._log_stream = log_stream
        self._new_session = new_session
        self._workflows = Workflows()
        self._secret_files: dict[Path, SecretFile] = {}
        self.calls = CallTally()

    @cached_property
    def settings(self) -> Settings:
        settings = read_settings(self._environ, lambda path: path.read_text(encoding="utf-8"))
        self._hide = log_to(self._log_stream, settings.log_level, _secrets_of(settings))
        return settings

    @cached_property
    def rules(self) -> Rules:
        return read_rules(self.settings.config)

    def audit(self, key: str) -> AuditRule:
        """The rules of one audit. Raises Refusal naming those that there are."""
        if key not in self.rules.audit:
            hint = did_you_mean(key, self.rules.audit) or f"; it has {', '.join(self.rules.audit)}"
            raise Refusal(f"{self.settings.config} has no audit {key!r}{hint}")
        return self.rules.audit[key]

    @cached_property
    def unchecked_database(self) -> Database:
        """The database, whether or not its tables are up to date. The folder of a new SQLite file is made."""
        url = self.settings.database_url.get_secret_value()
        try:
            database = open_database(url)
        except ValueError as error:
            raise Refusal(f"TIEOUT_DATABASE_URL: {error}") from error
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        return database

    @cached_property
    def database(self) -> Database:
        """The database, ready for use."""
        if needs_upgrade(self.unchecked_database):
            raise Refusal("the database's tables are not this version's: run `tieout db upgrade`")
        if is_newer(self.unchecked_database):
            raise Refusal(NEWER)
        return self.unchecked_database

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.settings.evidence_dir)

    def new_sites(self) -> Sites:
        """Both sites through clients of their own: one for each thread."""
        return Sites(*self.new_clients(), self.rules)

    def new_clients(self) -> tuple[JiraClient, ConfluenceClient]:
        """A client for each site, not for sharing between threads."""
        return self.clients_of(self.rules.jira, self.rules.confluence)

    def clients_of(
        self, jira: Connection, confluence: Connection, token: SecretStr | None = None
    ) -> tuple[JiraClient, ConfluenceClient]:
        """The same for connections of no file yet; `token` is taken where the environment has none."""
        habits = Habits(observer=self.calls.observe)
        jira_token = self._token(jira, self.settings.jira_token or token, "jira_token")
        confluence_token = self._token(confluence, self.settings.confluence_token or token, "confluence_token")
        return (
            connect_jira(jira, jira_token, session=self._new_session(), habits=habits, workflows=self._workflows),
            connect_confluence(confluence, confluence_token, session=self._new_session(), habits=habits),
        )

    def _token(self, connection: Connection, given: SecretStr | None, field: str) -> Secret:
        """The token of a connection: its own file's, else the environment's. One in a file is followed there."""
        if connection.auth is Auth.OAUTH:
            return self.sign_in(connection.client_id or "").access_token
        file = Path(connection.token_file) if connection.token_file else secret_file_of(field, self._environ)
        if file is None:
            if given is None:
                raise Refusal(f"{connection.url}: no token; set {variable(field)} or {variable(field)}_FILE")
            return given.get_secret_value()
        kept = self._secret_file(file, one_token)
        try:
            kept.now()
        except (OSError, ValueError) as error:
            raise Refusal(f"{connection.url}: {file} cannot be used as its token: {error}") from error
        return lambda: kept.now()[0]

    def oauth_app(self, client_id: str, callback: str = "") -> OAuthApp:
        """The OAuth app of a connection. Raises Refusal when its secret is not set."""
        secret = self.settings.oauth_client_secret
        if secret is None:
            raise Refusal(f"{variable('oauth_client_secret')} is not set; the app's page shows it under Settings")
        file = secret_file_of("oauth_client_secret", self._environ)
        now = secret.get_secret_value() if file is None else self._secret_file(file, one_token).now()[0]
        return OAuthApp(client_id, now, callback, self._new_session)

    def sign_in(self, client_id: str) -> "SharedSignIn":
        """The sign-in that an app's consent brought, shared by all workers of all processes."""
        # Here and not above: what it needs is asked for only where an app is used.
        from sync.sealed import Box
        from sync.sign_in import SharedSignIn

        box = Box([key.get_secret_value() for key in self.settings.keys])

        def refresh(refresh_token: str) -> Tokens:
            return self.oauth_app(client_id).refresh(refresh_token)

        return SharedSignIn(self.database, client_id, box, refresh, self._hide)

    def _secret_file(self, path: Path, parse: Callable[[str], Sequence[str]]) -> SecretFile:
        """The one watcher of a file in this process."""
        if path not in self._secret_files:
            self._secret_files[path] = SecretFile(path, parse, self._hide)
        return self._secret_files[path]

    def _door_secrets(self, field: str, given: tuple[SecretStr, ...]) -> Sequence[bytes]:
        """The secrets of a door. Those in a file are followed there."""
        file = secret_file_of(field, self._environ)
        if file is None or not given:
            return [secret.get_secret_value().encode() for secret in given]
        return SecretsInFile(self._secret_file(file, lambda text: several(text, SHORTEST_SECRET)))

    def engine_and_sites(self) -> tuple[Engine, Sites]:
        """An engine, and the sites it asks."""
        sites = self.new_sites()
        return Engine(self.database, sites, self.vault), sites

    def provisioning(self, by: str) -> Provisioning:
        """What sets things up on the sites beside the records, in the name of `by`."""
        return self._provisioning_of(*self.new_clients(), by)

    def _provisioning_of(self, jira: JiraClient, confluence: ConfluenceClient, by: str) -> Provisioning:
        if isinstance(jira, DcJira):
            return Provisioning(self.database, self.rules, DcProvisioner(jira), door=None, by=by)
        if not isinstance(confluence, CloudConfluence):
            raise Refusal(f"{confluence.site} is no Cloud site: `tieout provision` cannot make pages there yet")
        secrets = self.settings.jira_webhook_secrets
        secret = secrets[0].get_secret_value() if secrets else ""
        door = self.settings.public_url if secrets else None
        provisioner = CloudProvisioner(jira, confluence, secret=secret)
        return Provisioning(self.database, self.rules, provisioner, door=door, by=by)

    @cached_property
    def process_name(self) -> str:
        """What tells this process from every other one, on this machine and elsewhere."""
        return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"

    def new_worker(self, name: str) -> Worker:
        """A worker for one thread, which also looks after how the sites are set up."""
        jira, confluence = self.new_clients()
        around = partial(circumstances, self.settings, self.rules, utc_now, self.database)
        begin = partial(self._provisioning_of, jira, confluence, "tieout")
        drift = partial(drift_of, self.database, self.rules, begin)
        long_chores = {SWEEP_CHECK: SetupCheck(self.database, jira, confluence, self.rules, around, drift)}
        sites = Sites(jira, confluence, self.rules)
        return Worker(self.database, sites, self.vault, name=name, retry=Retry(), long_chores=long_chores)

    def new_plan_worker(self, name: str) -> PlanWorker:
        """A worker that does what a plan says."""
        return PlanWorker(self.database, self.new_sites(), self.vault, name=name, retry=Retry())

    @cached_property
    def app(self) -> Flask:
        """The web application: doors, health, metrics."""
        settings = self.settings
        return create_app(
            Parts(
                database=self.database,
                now=utc_now,
                spaces=[audit.space for audit in self.rules.audit.values()],
                audits=list(self.rules.audit),
                jira_secrets=self._door_secrets("jira_webhook_secrets", settings.jira_webhook_secrets),
                confluence_secrets=self._door_secrets(
                    "confluence_webhook_secrets", settings.confluence_webhook_secrets
                ),
                shared_secrets=self._door_secrets("confluence_shared_secrets", settings.confluence_shared_secrets),
                calls=self.calls.all,
            )
        )


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_uid() -> str:
    """A record's uid: 32 hexadecimal characters, never the same twice."""
    return uuid4().hex


def _secrets_of(settings: Settings) -> list[str]:
    """Everything that must never be logged."""
    single = (settings.jira_token, settings.confluence_token, settings.oauth_client_secret)
    tokens = [token for token in single if token is not None]
    shared = [
        *settings.keys,
        *settings.jira_webhook_secrets,
        *settings.confluence_webhook_secrets,
        *settings.confluence_shared_secrets,
    ]
    password = make_url(settings.database_url.get_secret_value()).password
    found = [secret.get_secret_value() for secret in (*tokens, *shared)]
    return [*found, password] if isinstance(password, str) and password else found
