"""Requests that schemathesis makes up from the API documents break nothing: each is carried out or refused in words."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp
from connector.sandbox.confluence.routes import ROUTES as CONFLUENCE
from connector.sandbox.jira.routes import ROUTES as JIRA
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from tests.connector.sandbox.drives import acme, drive_confluence, drive_jira
from tests.connector.sandbox.wrongly import DOCUMENTS

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install -e '.[clients]'")
pytestmark = pytest.mark.long

FOLDER = Path(__file__).parents[3] / ".." / "shared" / "openapi"
EXAMPLES = 4
SIGNED_IN = {"Authorization": "Basic " + base64.b64encode(f"{BOT_EMAIL}:{BOT_TOKEN}".encode()).decode()}
THERE = {"issueIdOrKey": "AUD-1", "projectIdOrKey": "AUD", "idOrName": "Done"}
"""What stands for a made-up name in a path, so that more than 404 comes back; everything else is called 10000."""


@pytest.fixture
def app() -> SandboxApp:
    """Acme as the drives leave it: with one of everything."""
    app = acme()
    drive_jira(app, SandboxAdapter(app))
    drive_confluence(app, SandboxAdapter(app))
    return app


@pytest.mark.parametrize(("name", "prefix"), DOCUMENTS)
def test_whatever_is_sent_is_answered(app: SandboxApp, name: str, prefix: str) -> None:
    if not FOLDER.is_dir():
        pytest.skip("../shared is not here: no API documents to make requests from")
    schema = schemathesis.openapi.from_dict(_ours(name, prefix))
    schema.app = app
    statuses: list[int] = []
    for found in schema.get_all_operations():
        _check(found.ok(), statuses)
    assert len(statuses) > 60 or "software" in name
    assert [status for status in statuses if status >= 500 and status != 501] == []


def _check(operation: Any, statuses: list[int]) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def send(case: Any) -> None:
        case.path_parameters = {key: THERE.get(key, "10000") for key in case.path_parameters or {}}
        statuses.append(case.call(headers=SIGNED_IN).status_code)

    send()


def _ours(name: str, prefix: str) -> Any:
    """A document with only the operations the site has."""
    document = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    routes: list[tuple[str, Callable[[str], Any]]] = [
        (route.method.lower(), re.compile(re.sub(r"<[^>]*>", "[^/]+", route.template)).fullmatch)
        for route in (*JIRA.table, *CONFLUENCE.table)
    ]
    paths = {}
    for template, operations in document["paths"].items():
        path = re.sub(r"\{[^}]*\}", "1", prefix + template)
        kept = {m: o for m, o in operations.items() if any(m == method and fits(path) for method, fits in routes)}
        # Nothing can be made up that fits the body of a page's update.
        if kept and (name, template) != ("confluence-cloud-v2.json", "/pages/{id}"):
            paths[prefix + template] = {"parameters": operations.get("parameters", []), **kept}
    return {**document, "paths": paths, "servers": []}
