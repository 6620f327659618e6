"""Bringing attached files into the vault before they are judged: streamed, hashed on the way, never whole in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mappings.characters import one_line
from mappings.context import AuditContext, Family, Note
from mappings.far import RemoteFile
from mappings.hearing import uid_for
from mappings.records import Evidence, Link, LinkRole, Side

from .ports import Confluence, Jira
from .scene import FarSides, live
from .store import Store
from .vault import Vault


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as somebody attached it, and where."""

    request: str
    record: str
    side: Side
    file: RemoteFile

    @property
    def source(self) -> str:
        """What tells this version of this attachment from all others on its side."""
        return self.file.id if self.side is Side.JIRA else f"{self.file.id}@{self.file.version}"


class Collector:
    """Downloads what is attached on either side and not in the vault yet."""

    def __init__(self, jira: Jira, confluence: Confluence, vault: Vault) -> None:
        self._jira = jira
        self._confluence = confluence
        self._vault = vault

    def find(
        self,
        store: Store,
        request: str,
        asked: Iterable[str],
        links: Mapping[tuple[str, LinkRole], Link],
        far: FarSides,
        ctx: AuditContext,
    ) -> list[Attached]:
        """Every file that people attached to the records `asked` of a request's family and that the register does not
        know, oldest first."""
        seen: list[Attached] = []
        for uid in sorted(asked):
            issue_link, page_link = live(links, uid, LinkRole.ISSUE), live(links, uid, LinkRole.PAGE)
            issue = far.issues.get(issue_link.remote_id or "") if issue_link else None
            on_page = far.page_files.get(page_link.remote_id or "", ()) if page_link else ()
            seen += [Attached(request, uid, Side.JIRA, file) for file in (issue.files if issue else ())]
            seen += [Attached(request, uid, Side.CONFLUENCE, file) for file in on_page]
        foreign = [item for item in seen if item.file.author not in ctx.own_accounts]
        known: set[str] = set()
        for side in (Side.JIRA, Side.CONFLUENCE):
            known |= store.evidence.known_sources(side, [item.source for item in foreign if item.side is side])
        new = [item for item in foreign if item.source not in known]
        return sorted(new, key=lambda item: (item.file.created_at, item.source))

    def take(self, attached: Iterable[Attached], keep_alive: Callable[[], None]) -> list[Evidence]:
        """The same files in the vault, with `keep_alive` called for each piece of 64 KiB. Versions are numbered in the
        transaction that keeps them."""
        return [self._keep(item, keep_alive) for item in attached]

    def _keep(self, item: Attached, keep_alive: Callable[[], None]) -> Evidence:
        file = item.file
        is_on_page = item.side is Side.CONFLUENCE
        pieces = self._confluence.download(file) if is_on_page else self._jira.download(file)
        kept = self._vault.take_in(_watched(pieces, keep_alive))
        return Evidence(
            uid=uid_for("evidence", item.side, item.source),
            request=item.request,
            task=None if item.record == item.request else item.record,
            file_name=_page_name(file.name),
            version=0,
            sha256=kept.sha256,
            size=kept.size,
            media_type=file.media_type,
            collector=file.author,
            collected_at=file.created_at,
            side=item.side,
            source_id=item.source,
            copy_id=file.id if is_on_page else None,
            copy_version=file.version if is_on_page else None,
        )


def _watched(pieces: Iterable[bytes], keep_alive: Callable[[], None]) -> Iterator[bytes]:
    """The same pieces; a large file takes longer than a lease."""
    for piece in pieces:
        keep_alive()
        yield piece


def _page_name(name: str) -> str:
    """A file's name as a page may have it too: on one line and without slashes."""
    return one_line(name).replace("/", "_").replace("\\", "_")


def number_versions(
    known: Iterable[Evidence], files: Iterable[Evidence]
) -> tuple[list[Evidence], list[tuple[Evidence, Evidence]]]:
    """New evidence with its version number, and files whose very bytes are there under that name, with that evidence.

    What two tasks hand in is evidence of each of them, though it be the same."""
    there = list(known)
    new: list[Evidence] = []
    again: list[tuple[Evidence, Evidence]] = []
    for item in files:
        named = [each for each in there if each.file_name == item.file_name]
        same = next((each for each in named if each.sha256 == item.sha256 and item.task in (None, each.task)), None)
        if same is not None:
            again.append((item, same))
            continue
        numbered = replace(item, version=1 + max((each.version for each in named), default=0))
        there.append(numbered)
        new.append(numbered)
    return new, again


def with_files(
    family: Family, new: Collection[Evidence], again: Collection[tuple[Evidence, Evidence]], ctx: AuditContext
) -> Family:
    """The family with the files that were attached, and those of its own that somebody has put on the page by hand."""
    released = tuple(
        replace(item, is_released=item.side is Side.CONFLUENCE or not ctx.rule.internal_review) for item in new
    )
    shown = {same.uid: file for file, same in again if _is_shown_by_hand(file, same)}
    evidence = (_shown(item, shown.get(item.uid)) for item in family.evidence + released)
    return replace(family, evidence=tuple(evidence))


def _shown(item: Evidence, on_page: Evidence | None) -> Evidence:
    """What the auditor sees, whoever put it there."""
    if on_page is None:
        return item
    copy_id, version, since = on_page.copy_id, on_page.copy_version, on_page.collected_at
    return replace(item, is_released=True, copy_id=copy_id, copy_version=version, copied_at=since)


def _is_shown_by_hand(file: Evidence, same: Evidence) -> bool:
    return file.side is Side.CONFLUENCE and same.copy_id is None


def put_by_hand(again: Collection[tuple[Evidence, Evidence]]) -> Iterator[Note]:
    """The journal's lines on those that somebody has put on the page by hand."""
    for file, same in again:
        if _is_shown_by_hand(file, same):
            what = f"{same.file_name} v{same.version} put on the page"
            yield Note(what, same.request, None, f"{file.copy_id}@{file.copy_version}", file.collector, "by hand")
