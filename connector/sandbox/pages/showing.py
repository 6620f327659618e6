"""Templates and what they may say: the environment, dates in the reader's zone, and the headers every page has."""

from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, html
from connector.sandbox.confluence.access import may
from connector.sandbox.confluence.state import VIEW
from connector.sandbox.site import Site

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
AVATAR_COLOURS = 8
KB = 1000


def show(
    template: str, site: Site, person: Account | None, here: str, *, status: int = 200, **context: object
) -> Answer:
    """A template filled in for a person (None: nobody signed in), who is at the address `here`."""
    zone = ZoneInfo(person.time_zone if person else "Etc/UTC")
    today = site.now().astimezone(zone).date()
    text = (
        environment()
        .get_template(template)
        .render(
            person=person,
            accounts=[account for account in site.accounts.values() if account.active],
            spaces=_spaces(site, person),
            has_companion=site.companion is not None,
            here=here,
            site_name=site.base_url.partition("://")[2],
            when=partial(moment, zone=zone),
            just_now=partial(just_now, zone=zone, today=today),
            today=today,
            **context,
        )
    )
    return html(text, status, HEADERS)


def snippet(template: str, **context: object) -> Markup:
    """A part of a page."""
    return Markup(environment().get_template(template).render(**context))  # noqa: S704  templates escape


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of this folder; whatever is put into them is escaped."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.tests["longer_than"] = lambda text, most: len(text) > most
    made.filters.update(day=day, size=size, initials=initials, colour=colour, slug=slug)
    return made


def moment(at: datetime, zone: ZoneInfo) -> str:
    """5 Oct 2026, 09:00"""
    local = at.astimezone(zone)
    return f"{day(local.date())}, {local:%H:%M}"


def just_now(at: datetime, zone: ZoneInfo, today: date) -> str:
    """09:00:05, or the day as well when it was another one."""
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}" if local.date() == today else f"{day(local.date())}, {local:%H:%M:%S}"


def day(on: date | str | None, today: date | None = None) -> str:
    """5 Oct 2026, or 5 Oct when it is in the year of `today`; of something that is no date, the thing itself."""
    try:
        found = date.fromisoformat(on) if isinstance(on, str) else on
    except ValueError:
        return str(on)
    if found is None:
        return ""
    return f"{found.day} {found:%b}" if today and today.year == found.year else f"{found.day} {found:%b %Y}"


def size(count: int) -> str:
    """Bytes for people."""
    amount, units = float(count), ["bytes", "kB", "MB", "GB"]
    while amount >= KB and len(units) > 1:
        amount, units = amount / KB, units[1:]
    return f"{count} bytes" if units[0] == "bytes" else f"{amount:.1f} {units[0]}"


def initials(name: str) -> str:
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"


def colour(key: str) -> int:
    """The number of an avatar's colour, the same for the same account."""
    return sum(key.encode()) % AVATAR_COLOURS


def slug(name: str) -> str:
    """A name as part of a CSS class."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name.casefold())


def _spaces(site: Site, person: Account | None) -> list[tuple[str, str]]:
    """Key and name of the spaces a person sees."""
    if person is None:
        return []
    return [(space.key, space.name) for space in site.confluence.spaces.values() if may(person, space, VIEW)]
