"""The sandbox: how many simple reads it answers a second on one core, and what 10,000 issues and pages take of memory.

Time is the processor's, so that neighbours on the machine do not count. `requests` itself takes most of a call.
"""

import base64
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from bench.line import Line
from bench.peak import peak_bytes
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp, create_app
from connector.sandbox.clock import WallClock
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme
from connector.sandbox.site import Site

READS = 3_000
OBJECTS = 10_000
LEAST_READS_PER_S = 1_500
MOST_MB = 300
MB = 1024 * 1024
PAGE = "<h1>Evidence</h1>" + "<p>What the auditor asked for, and by whom it was given.</p>" * 20


def measure(*, is_quick: bool = False) -> Iterator[Line]:
    """Reads a second of an issue and of a page; then the memory, in a process of its own."""
    app = acme()
    session = visitor(app)
    bare = reads_per_s(lambda: bare_session().get(url(app, "/")))
    key, page_id = an_issue(app, session), a_page(app, session, "One")
    for what, path in (
        ("an issue's two fields", f"/rest/api/3/issue/{key}?fields=summary,status"),
        ("a page without its body", f"/wiki/api/v2/pages/{page_id}"),
    ):
        direct, through = reads_per_s(partial(ask, app, path)), reads_per_s(partial(session.get, url(app, path)))
        measured = f"{through:,.0f} a second through requests, which makes {bare:,.0f} with nothing behind it"
        yield Line(
            f"sandbox, reading {what}, one core",
            measured,
            f"≥ {LEAST_READS_PER_S:,} a second",
            through >= LEAST_READS_PER_S,
            {"site_per_s": direct, "through_requests_per_s": through, "share_of_requests": through / bare},
            has_machine_in_it=True,
        )
    if is_quick:
        return
    told = json.loads(subprocess.run([sys.executable, "-m", "bench.sandbox"], check=True, capture_output=True).stdout)
    yield Line(
        f"sandbox, {OBJECTS:,} issues and {OBJECTS:,} pages",
        f"{told['peak_mb']:.0f} MB at most, {told['bare_mb']:.0f} MB of them before the first",
        f"< {MOST_MB} MB",
        told["peak_mb"] < MOST_MB,
        told,
    )


def acme() -> SandboxApp:
    site = Site(WallClock())
    seed_acme(site)
    site.faults.limits.per_issue = False
    return create_app(site)


def visitor(app: SandboxApp) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.auth = (BOT_EMAIL, BOT_TOKEN)
    session.mount(app.site.base_url, SandboxAdapter(app))
    return session


class _Nothing(HTTPAdapter):
    """What a session costs by itself: every request is answered with nothing."""

    def send(self, request: requests.PreparedRequest, *_args: Any, **_network: Any) -> requests.Response:
        return self.build_response(request, HTTPResponse(body=io.BytesIO(), status=200, preload_content=False))


@cache
def bare_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.auth = (BOT_EMAIL, BOT_TOKEN)
    session.mount("https://", _Nothing())
    return session


def url(app: SandboxApp, path: str) -> str:
    return app.site.base_url + path


def an_issue(app: SandboxApp, session: requests.Session) -> str:
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "Door list"}
    return str(session.post(url(app, "/rest/api/3/issue"), json={"fields": fields}).json()["key"])


def a_page(app: SandboxApp, session: requests.Session, title: str) -> str:
    space = app.site.confluence.space_by_key("SOC2")
    body = {"spaceId": space.space_id, "title": title, "body": {"representation": "storage", "value": PAGE}}
    return str(session.post(url(app, "/wiki/api/v2/pages"), json=body).json()["id"])


def reads_per_s(read: Callable[[], object]) -> float:
    """Reads a second of the processor's time."""
    read()
    begun = time.process_time()
    for _ in range(READS):
        read()
    return READS / (time.process_time() - begun)


def ask(app: SandboxApp, path: str) -> bytes:
    """One GET with nothing between: the application called as a server calls it."""
    where, _, query = path.partition("?")
    token = base64.b64encode(f"{BOT_EMAIL}:{BOT_TOKEN}".encode()).decode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": where,
        "QUERY_STRING": query,
        "SERVER_NAME": "acme",
        "SERVER_PORT": "443",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(),
        "HTTP_AUTHORIZATION": f"Basic {token}",
    }
    return b"".join(app(environ, lambda _status, _headers, _error=None: None))


def fill(app: SandboxApp) -> None:
    """As many issues and pages as the promise names, over the wire like everybody's."""
    session = visitor(app)
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "labels": ["tieout"]}
    for start in range(0, OBJECTS, 50):
        wanted = [{"fields": {**fields, "summary": f"Request {start + number}"}} for number in range(50)]
        answer = session.post(url(app, "/rest/api/3/issue/bulk"), json={"issueUpdates": wanted})
        assert len(answer.json()["issues"]) == len(wanted)
    for number in range(OBJECTS):
        a_page(app, session, f"R-{number:05}")


def main() -> None:
    """Fill a site in this process and say on standard output what it took."""
    app = acme()
    bare_mb = peak_bytes() / MB
    fill(app)
    print(json.dumps({"bare_mb": bare_mb, "peak_mb": peak_bytes() / MB}))


if __name__ == "__main__":
    main()
