"""What the demo's Tieout tells beside the sandbox's pages: what it did, and when the three sides last agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from sqlalchemy import Connection

from connector.sandbox.companion import Companion, Deed, Report, SideTold, Subject
from connector.sandbox.site import Site
from mappings.records import LinkRole, Record
from sync import journal
from sync.database import Database
from sync.dossier import Counterpart, gather_dossier
from sync.journal import Entry
from sync.store import Store
from sync.work import counts
from webhooks.dossier_text import open_points

TOLD = 12
_ROLES: Mapping[Subject, tuple[LinkRole, ...]] = {
    "issue": (LinkRole.ISSUE, LinkRole.ESCALATION_ISSUE),
    "page": (LinkRole.PAGE,),
}
_PLACES = {LinkRole.PAGE: "Confluence"}


def panel_of(database: Database, site: Site) -> Companion:
    """The panel from the register; of what is no record's counterpart, what was done last on the whole site."""

    def tell(subject: Subject, remote_id: str) -> Report | None:
        with database.read() as conn:
            record = _record(conn, subject, remote_id)
            names = _names(site)
            return _of_record(conn, record, names) if record else _of_everything(conn, names)

    return tell


def _names(site: Site) -> dict[str, str]:
    """What people call the accounts and statuses that the journal knows by id."""
    accounts = {account.account_id: account.display_name for account in site.accounts.values()}
    return accounts | {status.status_id: status.name for status in site.jira.statuses.values()}


def _record(conn: Connection, subject: Subject, remote_id: str) -> Record | None:
    roles = _ROLES.get(subject)
    found = Store(conn).links.by_remote(roles, [remote_id]).get(remote_id) if roles else None
    return Store(conn).records.one(found[0][0]) if found else None


def _of_record(conn: Connection, record: Record, names: Mapping[str, str]) -> Report:
    dossier = gather_dossier(conn, record, most_entries=TOLD)
    request = dossier.family.request
    register = SideTold("Register", f"{request.number} {_words(request.status)}")
    numbers = {each.uid: each.number for each in dossier.family.records}
    return Report(
        program="Tieout",
        title=request.number,
        sides=(register, *(_side(each) for each in dossier.counterparts)),
        deeds=_deeds(dossier.entries, numbers, names),
        wanted=tuple(open_points(dossier)),
    )


def _of_everything(conn: Connection, names: Mapping[str, str]) -> Report:
    """What was done last; how much is under way."""
    entries = journal.entries(conn, after=max(journal.head(conn).n - TOLD, 0), limit=TOLD)
    store, work = Store(conn), counts(conn)
    records = store.records.get({entry.record for entry in entries if entry.record})
    numbers = {uid: record.number for uid, record in records.items()}
    deeds = _deeds(entries, numbers, names)
    return Report("Tieout", "everything", (), deeds, waiting=work.due + work.leased)


def _side(each: Counterpart) -> SideTold:
    place = _PLACES.get(each.link.role, "Jira")
    name = f"{place} {each.link.key}" if place == "Jira" and each.link.key else place
    href = urlsplit(each.link.url).path if each.link.url else None
    return SideTold(name, each.record.number, href, each.written_at, each.why_not)


def _deeds(entries: Iterable[Entry], numbers: Mapping[str, str], names: Mapping[str, str]) -> tuple[Deed, ...]:
    return tuple(
        Deed(entry.at, _who(entry.who, names), numbers.get(entry.record or "", ""), _what(entry, names), entry.why)
        for entry in reversed(list(entries))
    )


def _who(who: str, names: Mapping[str, str]) -> str:
    return "Tieout" if who == "tieout" else names.get(who, who)


def _what(entry: Entry, names: Mapping[str, str]) -> str:
    """What was done and, where it fits a line, from what to what."""
    before, after = (_words(names.get(str(value), str(value))) for value in (entry.before, entry.after))
    if isinstance(entry.before, str) and isinstance(entry.after, str):
        return f"{entry.what}: {before} → {after}"
    return entry.what


def _words(text: str) -> str:
    return text.replace("_", " ")
