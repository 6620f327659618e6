"""The contract of the port on `jira820`, a Jira Data Center by somebody else, behind `tests.system.jira820_front`.

What of the contract is about something that jira820 has not is named below with the reason; the sandbox's Data Center
face keeps all of it.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

import pytest
import requests

from connector.connect import connect_jira
from connector.jira_dc import DcJira
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_TOKEN
from connector.sandbox.visitor import Visitor
from mappings.rules import Auth, Connection, Flavour

from .conftest import Watched
from .jira_contract import JiraContract

pytest.importorskip("jira820", reason="the PyPI package jira820 is not here; .ci/run installs it")

from tests.system.jira820_front import Jira820Front

pytestmark = pytest.mark.long
JIRA = "https://jira820.example"
PEOPLE = {
    "tieout": "Tieout",
    "dana.kim": "Dana Kim",
    "priya.nair": "Priya Nair",
    "ravi.patel": "Ravi Patel",
}

ONE_WORKFLOW = "all projects of jira820 have one workflow"
NO_FLAG = "jira820 has no field for flags"
NO_LOG = "jira820 writes only changes of status into its change log"
TAKES_ALL = "jira820 takes whatever it is told"
DEVIATES = {
    "test_a_move_arrives_however_many_steps_it_takes[PLAT-With auditor]": ONE_WORKFLOW,
    "test_a_move_arrives_however_many_steps_it_takes[PLAT-Waiting]": ONE_WORKFLOW,
    "test_a_move_never_passes_through_done": ONE_WORKFLOW,
    "test_a_screen_that_requires_a_field_is_named_and_then_filled": ONE_WORKFLOW,
    "test_a_move_to_a_status_of_another_project_says_where_it_stopped": ONE_WORKFLOW,
    "test_somebody_else_moved_it_in_between": ONE_WORKFLOW,
    "test_a_way_is_shown_as_far_as_it_has_been_seen_and_nothing_moves": ONE_WORKFLOW,
    "test_an_edit_changes_what_it_names_and_nothing_else": NO_FLAG,
    "test_what_was_set_can_be_emptied": NO_FLAG,
    "test_the_catalog_has_statuses_by_project_and_type": NO_FLAG,
    "test_an_edit_the_site_refuses_names_the_field": f"{TAKES_ALL} for a priority",
    "test_what_cannot_be_created_is_told_apart_from_what_was": f"{TAKES_ALL} for a priority",
    "test_a_persons_query_finds_its_issues_and_at_most_so_many": f"{TAKES_ALL} for JQL",
    "test_a_project_that_is_not_there_is_gone": f"{TAKES_ALL} for a project",
    "test_a_file_comes_back_byte_for_byte_in_small_pieces": "jira820 keeps %22 in a file's name as it is sent",
    "test_a_watcher_may_be_added_twice": "jira820 has no watchers",
    "test_the_change_log_says_who_changed_what_newest_first": NO_LOG,
    "test_a_long_change_log_is_cut_short_and_read_whole_where_it_is_asked_for": NO_LOG,
    "test_only_an_account_that_shows_exactly_this_address_is_found": "jira820 does not search by e-mail address",
    "test_a_poll_sees_what_changed_since_and_no_more": "jira820 searches by day",
}
"""What of the contract jira820 does not keep. Each is seen to fail, so that one that is mended there shows."""


class Visitor820(Visitor):
    """Somebody who uses jira820, by what a visitor of the sandbox can do."""

    def __init__(self, session: requests.Session, name: str) -> None:
        super().__init__(JIRA, name, name, session)
        self._headers = {"Authorization": f"Bearer {name}"}

    def call(self, method: str, path: str, *, json: Any = None, **more: Any) -> Any:
        headers = {**self._headers, **more.pop("headers", {})}
        path = path.replace("/rest/api/3/", "/rest/api/2/")
        answer = self._session.request(method, JIRA + path, json=json, headers=headers, timeout=30, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def create_issue(self, **fields: Any) -> str:
        wanted = {"fields": {**fields, "reporter": {"name": self._auth[0]}}}
        return cast("str", self.call("POST", "/rest/api/2/issue", json=wanted)["key"])

    def comment_issue(self, key: str, text: str) -> str:
        return str(self.call("POST", f"/rest/api/2/issue/{key}/comment", json={"body": text})["id"])

    def set_due(self, key: str, due_on: date | None) -> None:
        self.set_fields(key, duedate=due_on.isoformat() if due_on else None)


@pytest.fixture
def line(clock: ManualClock) -> requests.Session:
    tokens = {name: name for name in PEOPLE} | {BOT_TOKEN: "tieout"}
    session = requests.Session()
    session.mount(JIRA, SandboxAdapter(Jira820Front(clock, PEOPLE, tokens, project="SEC")))
    return session


@pytest.fixture
def dana(line: requests.Session) -> Visitor:
    own = requests.Session()
    own.mount(JIRA, line.get_adapter(JIRA))
    return Visitor820(own, "dana.kim")


@pytest.fixture
def account_id() -> Callable[[str], str]:
    return str


class TestJira820(JiraContract):
    @pytest.fixture(autouse=True)
    def _deviates(self, request: pytest.FixtureRequest) -> None:
        if request.node.name in DEVIATES:
            request.applymarker(pytest.mark.xfail(reason=DEVIATES[request.node.name], strict=True))

    @pytest.fixture
    def jira(self, line: requests.Session, watched: Watched) -> DcJira:
        connection = Connection(url=JIRA, flavour=Flavour.DC, auth=Auth.PAT)
        jira = connect_jira(connection, BOT_TOKEN, session=line, habits=watched.habits)
        assert isinstance(jira, DcJira)
        return jira
