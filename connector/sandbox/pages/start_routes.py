"""The start page: choose who to be, and where to go. And the style and script files of all pages."""

import mimetypes
from functools import lru_cache
from pathlib import Path

from connector.sandbox.answers import Answer, redirect
from connector.sandbox.jira import shares
from connector.sandbox.jira.permissions import browsable
from connector.sandbox.pages.acting import NO_JIRA, TurnedAwayError
from connector.sandbox.pages.showing import HEADERS, show
from connector.sandbox.pages.visits import Visit, safe_path, sign_in_cookie, signed_in, visited
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("pages")
STATIC = Path(__file__).parent / "static"


@ROUTES.get("/")
def start(site: Site, call: Call) -> Answer:
    """Everybody to be, and what the one who is signed in can open."""
    person = signed_in(site, call.request)
    dashboards = site.jira.dashboards.values()
    return show(
        "start.html",
        site,
        person,
        safe_path(call.query.get("next", "/")),
        projects=browsable(site, person),
        dashboards=[one for one in dashboards if shares.may_see(site, one.owner_id, one.shares, person)],
    )


@ROUTES.get("/people/behind")
@visited
def behind(visit: Visit) -> Answer:
    """What the program beside the site did last, on the whole of it."""
    if not visit.person.has_jira:
        raise TurnedAwayError(403, NO_JIRA)
    return visit.show("behind.html", report=visit.report("site"))


@ROUTES.post("/people/sign-in", anonymous=True)
def sign_in(site: Site, call: Call) -> Answer:
    """`account` is who to be from now on, `next` where to go then."""
    account = site.accounts.get(call.request.form.get("account", ""))
    if account is None or not account.active:
        raise call.refusal(400, "There is no such person on this site; choose one on the start page.")
    target = safe_path(call.request.form.get("next", "/"))
    return redirect(target, headers={"Set-Cookie": sign_in_cookie(account)})


@ROUTES.get("/people/static/<name>")
def static(_site: Site, call: Call) -> Answer:
    """One of the files beside this module."""
    name = call.params["name"]
    if name not in _files():
        raise call.refusal(404, "Not Found")
    headers = {**HEADERS, "Cache-Control": "no-cache"}
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Answer(200, headers=headers, raw=(STATIC / name).read_bytes(), content_type=f"{kind};charset=UTF-8")


@lru_cache(maxsize=1)
def _files() -> frozenset[str]:
    return frozenset(path.name for path in STATIC.iterdir())
