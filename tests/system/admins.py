"""What administrators do to a site while others work on it. Each act is undone by doing it again, and by `undo_all`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import lifecycle
from connector.sandbox.confluence.state import VIEW
from connector.sandbox.jira.model import Project
from connector.sandbox.seed import BOT_EMAIL
from tests.system.ledger import page_of
from tests.system.world import CLARA, DANA

if TYPE_CHECKING:
    from tests.system.history import History

T = TypeVar("T")
Undo = Callable[[], None]
PROJECTS = ("AUD", "SEC", "PLAT")
READS = frozenset({"BROWSE_PROJECTS"})


def meddle(history: History, what: str, which: int) -> None:
    """One of `ACTS`, or the end of it where it was done before."""
    name = f"{what} {which}"
    undo = history.undo.pop(name, None)
    if undo is not None:
        undo()
    elif (undone_by := ACTS[what](history, which)) is not None:
        history.undo[name] = undone_by
        history.counted[f"faults: {what}"] += 1


def undo_all(history: History) -> None:
    """The site is as it is when nobody meddles."""
    while history.undo:
        history.undo.popitem()[1]()


def _seeded(history: History, what: str, now: T) -> T:
    """What stood there before anybody meddled with it: acts overlap, and end in any order."""
    return cast("T", history.seeded.setdefault(what, now))


def _bot(history: History) -> Account:
    return history.site.accounts[history.account(BOT_EMAIL)]


def _project(history: History, which: int) -> Project:
    found = history.site.jira.project(PROJECTS[which % len(PROJECTS)])
    assert found is not None
    return found


def _all_but_tieout(history: History) -> set[str]:
    return {f"account:{id_}" for id_ in history.site.accounts if id_ != history.account(BOT_EMAIL)}


def _hide_project(history: History, which: int) -> Undo:
    return _grant(history, which, frozenset())


def _freeze_project(history: History, which: int) -> Undo:
    """Tieout may look and not touch."""
    return _grant(history, which, READS)


def _grant(history: History, which: int, kept: frozenset[str]) -> Undo:
    project, others = _project(history, which), _all_but_tieout(history)
    before = _seeded(history, f"grants of {project.key}", project.grants)
    project.grants = {name: held if name in kept else others for name, held in before.items()}

    def undo() -> None:
        project.grants = before

    return undo


def _archive_project(history: History, which: int) -> Undo:
    project = _project(history, which)
    project.archived = True

    def undo() -> None:
        project.archived = False

    return undo


def _hide_space(history: History, which: int) -> Undo:
    return _let_into_space(history, frozenset())


def _freeze_space(history: History, which: int) -> Undo:
    return _let_into_space(history, frozenset({VIEW}))


def _let_into_space(history: History, may: frozenset[tuple[str, str]]) -> Undo:
    space, bot = history.site.confluence.space_by_key("SOC2"), _bot(history).account_id
    before = _seeded(history, "space", space.permissions[bot])
    space.permissions[bot] = may

    def undo() -> None:
        space.permissions[bot] = before

    return undo


def _hide_page(history: History, which: int) -> Undo | None:
    return _restrict(history, which, "read")


def _lock_page(history: History, which: int) -> Undo | None:
    return _restrict(history, which, "update")


def _restrict(history: History, which: int, operation: str) -> Undo | None:
    page = history.site.confluence.pages.get(page_of(history, which) or "")
    if page is None:
        return None
    page.restrictions[operation] = frozenset(map(history.account, (CLARA, DANA)))

    def undo() -> None:
        page.restrictions.pop(operation, None)

    return undo


def _archive_page(history: History, which: int) -> Undo | None:
    page = history.site.confluence.pages.get(page_of(history, which) or "")
    if page is None or page.status != "current":
        return None
    dana = history.site.accounts[history.account(DANA)]
    lifecycle.archive_page(history.site, dana, page.content_id)

    def undo() -> None:
        if page.status == "archived":
            lifecycle.restore_page(history.site, dana, page.content_id)

    return undo


def _rename_status(history: History, which: int) -> Undo:
    """Of all statuses that some project uses; the mapping file goes by what a new site calls them."""
    statuses = history.site.jira.statuses
    names = sorted(statuses)
    before = statuses[names[which % len(names)]]
    statuses[before.status_id] = replace(before, name=f"{before.name} (old)")

    def undo() -> None:
        statuses[before.status_id] = before

    return undo


def _remove_way(history: History, which: int) -> Undo:
    """A transition of a workflow is there no more."""
    project = _project(history, which)
    before = _seeded(history, f"workflows of {project.key}", dict(project.workflows))
    for type_id, workflow in before.items():
        ways = workflow.transitions
        gone = ways[which % len(ways)].transition_id
        project.workflows[type_id] = replace(workflow, transitions=tuple(w for w in ways if w.transition_id != gone))

    def undo() -> None:
        project.workflows = before

    return undo


ACTS: dict[str, Callable[[History, int], Undo | None]] = {
    "project hidden": _hide_project,
    "project to be read only": _freeze_project,
    "project archived": _archive_project,
    "space hidden": _hide_space,
    "space to be read only": _freeze_space,
    "page hidden": _hide_page,
    "page locked": _lock_page,
    "page archived": _archive_page,
    "status renamed": _rename_status,
    "transition removed": _remove_way,
}
