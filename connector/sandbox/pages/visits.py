"""Who looks at a page: the person signed in by cookie, what their request says, and what happens when the site says no.

Signing in asks for no password: whoever sits at the sandbox may be anybody on it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.http import dump_cookie
from werkzeug.wrappers import Request

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, RefusedError, redirect
from connector.sandbox.companion import Report, Subject
from connector.sandbox.confluence.errors import RefusalError
from connector.sandbox.pages.acting import TurnedAwayError, act, fetch, hand_over, turned_away
from connector.sandbox.pages.showing import show
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Handler

COOKIE = "sandbox-person"


@dataclass(frozen=True)
class Visit:
    """One request of one signed-in person."""

    call: Call
    person: Account

    @property
    def site(self) -> Site:
        return self.call.site

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        return self.call.request.form

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.person.time_zone)

    @property
    def today(self) -> date:
        """What day it is where the person is."""
        return self.site.now().astimezone(self.zone).date()

    @property
    def here(self) -> str:
        """The address of this page, to come back to; of a form's target, the page the form is on."""
        request = self.call.request
        if request.method != "POST":
            return _address(request)
        referrer = urlsplit(request.referrer or "/")
        query = f"?{referrer.query}" if referrer.query else ""
        return safe_path(self.form.get("back") or f"{referrer.path}{query}")

    def param(self, name: str) -> str:
        return self.call.params[name]

    def act(self, method: str, path: str, body: object = None) -> object:
        """Do something by REST as this person."""
        return act(self.site, self.person, method, path, body)

    def fetch(self, path: str) -> Answer:
        """A file's bytes by REST as this person, as something to save and never to run."""
        answer = fetch(self.site, self.person, path)
        headers = {**answer.headers, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return replace(answer, headers=headers)

    def upload(self, method: str, path: str) -> None:
        """Hand the files of this form to a REST address; TurnedAwayError when none was chosen."""
        files = self.call.request.files.getlist("file")
        if not files or not all(file.filename for file in files):
            raise TurnedAwayError(400, "Choose a file first.")
        hand_over(self.site, self.person, method, path, self.call.request)

    def report(self, subject: Subject, remote_id: str = "") -> Report | None:
        """What the program beside the site tells of what is looked at."""
        return self.site.companion(subject, remote_id) if self.site.companion else None

    def show(self, template: str, *, status: int = 200, **context: object) -> Answer:
        """A page for this person."""
        return show(template, self.site, self.person, self.here, status=status, **context)


Page = Callable[[Visit], Answer]


def visited(page: Page) -> Handler:
    """Run a page for who is signed in; nobody is sent to sign in, and a refusal becomes a page that says why."""

    @wraps(page)
    def answer(site: Site, call: Call) -> Answer:
        person = signed_in(site, call.request)
        if person is None:
            return redirect(f"/?next={quote(_address(call.request), safe='')}")
        visit = Visit(call, person)
        try:
            return page(visit)
        except TurnedAwayError as away:
            return _explain(visit, away)
        except (RefusedError, RefusalError) as refused:
            return _explain(visit, turned_away(refused, person))

    return answer


def signed_in(site: Site, request: Request) -> Account | None:
    """The account of the cookie, if it is on this site and active."""
    account = site.accounts.get(unquote(request.cookies.get(COOKIE, "")))
    return account if account is not None and account.active else None


def sign_in_cookie(account: Account) -> str:
    return dump_cookie(COOKIE, quote(account.account_id, safe=""), path="/", httponly=True, samesite="Lax")


def safe_path(given: str) -> str:
    """A path on this site; whatever leads elsewhere becomes the start page."""
    parts = urlsplit(given)
    inside = given.startswith("/") and not given.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return given if inside and given.isprintable() else "/"


def _explain(visit: Visit, away: TurnedAwayError) -> Answer:
    return visit.show("turned_away.html", status=away.status, message=away.message)


def _address(request: Request) -> str:
    query = request.query_string.decode("latin-1")
    return quote(request.path) + (f"?{query}" if query else "")
