"""What an evidence page says by being edited: its due cell, its decision task, and whether our parts were changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mappings.storage import plain_text, read_regions
from mappings.storage.canonical import canonical_of
from mappings.storage.parsing import Element, parse, pruned
from mappings.storage.reading import text_of
from mappings.storage.regions import regions_in

from .facts import ACCEPT_TASK, ASKED, DECIDE, DUE_LABEL, EVIDENCE, FACTS, NOT_SET, SYNC, TASKS
from .parts import OUT_OF_STEP

_COMPARED = (FACTS, ASKED, TASKS, EVIDENCE, DECIDE)
_NO_DATE = {"", "-", "–", "—", NOT_SET.lower(), "none"}
_MONTHS = "january february march april may june july august september october november december"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.? ([A-Za-z]{3,9})\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A due cell that holds no date, word for word; `is_gone` when the page has no due cell at all."""

    text: str
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class PageSaid:
    """Everything a page says, read in one go."""

    due: date | Unreadable | None
    """As `read_due` has it."""
    is_ticked: bool
    content: str
    """As `content_of` has it."""
    notes: str
    """What people wrote around our parts, in canonical form."""


def read_page(body: str) -> PageSaid:
    """A page's body, parsed once: parsing is most of what a page costs us. Raises NotStorage."""
    page = parse(body)
    ours = regions_in(page)
    return PageSaid(
        due=_due(ours.get(FACTS)),
        is_ticked=_is_ticked(ours.get(DECIDE)),
        content=_content(ours),
        notes=canonical_of(pruned(page, dropped={macro.begin for macro in ours.values()})),
    )


def read_due(body: str) -> date | Unreadable | None:
    """The auditor's date on the page; None for an empty cell or `Not set`. Raises NotStorage.

    Read are a date of the editor's calendar, `2026-12-01`, and dates with the month in English words. A date in
    figures that another country reads differently (`01/12/2026`) is Unreadable, as are two dates at once.
    """
    return _due(regions_in(parse(body)).get(FACTS))


def _due(facts: Element | None) -> date | Unreadable | None:
    cell = _due_cell(facts)
    if cell is None:
        return Unreadable("", is_gone=True)
    text = text_of(cell)
    if text.strip().lower() in _NO_DATE:
        return None
    return _date(text.strip()) or Unreadable(text)


def read_decision_tick(body: str) -> bool:
    """Whether the decision task is ticked. Raises NotStorage."""
    return _is_ticked(regions_in(parse(body)).get(DECIDE))


def _is_ticked(decide: Element | None) -> bool:
    task = _decision_task(decide)
    return task is not None and _status(task) == "complete"


def content_of(page: str | Mapping[str, str]) -> str:
    """What our parts say in canonical form, to be compared: a page's body, or the regions by id. Raises NotStorage.

    Without the due cell and the decision task, which are fields of their own, and without the words about being in
    step. A part that is missing makes a difference; where the parts stand does not.
    """
    return _content(regions_in(parse(page if isinstance(page, str) else "".join(page.values()))))


def _content(ours: Mapping[str, Element]) -> str:
    return "\n".join(_neutral(key, ours[key]) if key in ours else "" for key in _COMPARED)


def read_step(body: str) -> str:
    """Why the page says that it is out of step; empty when it says that it is in step. Raises NotStorage."""
    found = read_regions(body).get(SYNC)
    return step_of(found.source).removeprefix(OUT_OF_STEP).strip() if found else ""


def step_of(sync_region: str) -> str:
    """Why the page is said to be out of step; empty when it is said to be in step."""
    text = plain_text(sync_region)
    return text.split("\n", maxsplit=1)[0] if text.startswith(OUT_OF_STEP) else ""


def _due_cell(facts: Element | None) -> Element | None:
    for row in facts.descendants() if facts else ():
        cells = list(row.elements()) if row.name == "tr" else []
        if len(cells) > 1 and text_of(cells[0]).strip().lower() == DUE_LABEL.lower():
            return cells[1]
    return None


def _decision_task(decide: Element | None) -> Element | None:
    """Ours among the check boxes of the part: people may have added some."""
    tasks = [element for element in decide.descendants() if element.name == "ac:task"] if decide else []
    return next((task for task in tasks if ACCEPT_TASK in text_of(task)), None)


def _status(task: Element) -> str:
    return next((text_of(part).strip() for part in task.elements() if part.name == "ac:task-status"), "")


def _neutral(region_id: str, region: Element) -> str:
    """A region in canonical form with its separate fields blanked."""
    separate = {element.begin for element in _fields(region_id, region)}
    return canonical_of(pruned(region, emptied=separate) if separate else region)


def _fields(region_id: str, region: Element) -> Iterator[Element]:
    if region_id == FACTS:
        cell = _due_cell(region)
        yield from [cell] if cell else []
    if region_id == DECIDE:
        task = _decision_task(region)
        yield from [part for part in task.elements() if part.name == "ac:task-status"] if task else []


def _date(text: str) -> date | None:
    if match := _ISO.fullmatch(text):
        return _real(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.fullmatch(text):
        return _real(int(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_FIRST.fullmatch(text):
        return _real(int(match[3]), _month(match[1]), int(match[2]))
    return None


def _month(word: str) -> int:
    """The number of an English month, whole or cut short; 0 for any other word."""
    return next((number for number, name in enumerate(_MONTHS.split(), 1) if name.startswith(word.lower())), 0)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
