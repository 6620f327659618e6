"""An evidence page as a whole: composed when it is new, rewritten when what it says is no longer so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from mappings.characters import cut, one_line, units
from mappings.records import Record
from mappings.storage import check_well_formed, normalise, read_regions, replace_regions
from mappings.storage.writing import heading, region

from .facts import ASKED, DECIDE, EVIDENCE, FACTS, SYNC, TASKS, PageFacts
from .parts import asked_part, decide_part, evidence_part, facts_part, step_part, sync_part, tasks_part
from .readback import step_of

TITLE_LIMIT = 255
_PARTS = {
    FACTS: facts_part,
    ASKED: asked_part,
    TASKS: tasks_part,
    EVIDENCE: evidence_part,
    DECIDE: decide_part,
    SYNC: sync_part,
}


REGIONS = tuple(_PARTS)
"""The ids of our parts."""


def render_regions(facts: PageFacts) -> dict[str, str]:
    """Our parts of the page by region id, in the order they stand in."""
    return {region_id: region(region_id, part(facts)) for region_id, part in _PARTS.items()}


def compose(facts: PageFacts) -> str:
    """The body of a new page: our parts, and below them a section for people."""
    body = "".join(render_regions(facts).values()) + heading("Notes") + "<p></p>"
    check_well_formed(body)
    return body


def rewrite(body: str, facts: PageFacts) -> str | None:
    """`body` with our parts as they should be, or None when it says so already. Raises NotStorage.

    The words about being in step count only when they turn from one into the other.
    """
    return brought_up_to_date(body, render_regions(facts))


def say_step(body: str, uid: str, out_of_step: str, at: datetime) -> str | None:
    """`body` with nothing changed but the words about being in step, or None when it has them. Raises NotStorage."""
    return brought_up_to_date(body, {SYNC: region(SYNC, step_part(uid, out_of_step, at))})


def brought_up_to_date(body: str, regions: Mapping[str, str]) -> str | None:
    """`body` with `regions` in place, or None when nothing that counts differs. Raises NotStorage."""
    present = read_regions(body)
    is_same = all(
        key in present and not present[key].copies and _counts(key, present[key].source) == _counts(key, xml)
        for key, xml in regions.items()
    )
    if is_same:
        return None
    written = replace_regions(body, regions)
    check_well_formed(written)
    return written


def title_of(record: Record, audit_key: str) -> str:
    """The page's title, unique in its space: number first, audit last, the request's own title cut to fit.

    A title may have 255 characters, on one line, and may not begin with what Confluence takes for an address.
    """
    tail = f" ({audit_key})"
    number = one_line(record.number).lstrip("~$.")
    if units(number) > TITLE_LIMIT // 2:
        number = cut(number, TITLE_LIMIT // 2) + record.uid[:8]
    room = TITLE_LIMIT - units(number) - units(tail) - 1
    return (f"{number} {cut(one_line(record.title), room)}".strip() + tail).strip()


def _counts(region_id: str, xml: str) -> str:
    return step_of(xml) if region_id == SYNC else normalise(xml)
