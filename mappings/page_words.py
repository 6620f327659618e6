"""One request and its evidence page, field by field: what the register says and what the page says.

Fields: title, content (the machine-owned parts), due (the auditor's date), accept (the decision task), and notes, what
people wrote around our parts, which is watched and never written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace

from .commands import HOW_TO_DECIDE
from .context import AuditContext, Family, Moves
from .evidence_page import (
    SYNC,
    PageFacts,
    Unreadable,
    content_of,
    read_page,
    render_regions,
    title_of,
)
from .far import PageView
from .guidance import guidance_for
from .merge import Reading
from .records import EMPTY, Link, RequestStatus, Value

FIELDS = ("title", "content", "due", "accept")


def page_facts(family: Family, ctx: AuditContext, jira_url: str, step: str = "") -> PageFacts:
    """Everything the evidence page of a request shows; `step` is why it is said to be out of step."""
    return PageFacts(
        record=family.request,
        audit_key=ctx.key,
        audit=ctx.rule,
        people=ctx.people,
        tasks=family.tasks,
        evidence=family.evidence,
        decisions=family.decisions,
        jira_url=jira_url,
        guidance=guidance_for(family.request.request_type),
        how_to_decide=HOW_TO_DECIDE,
        out_of_step=step,
    )


def fingerprint(text: str) -> str:
    """A short name for a text, for comparing."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def rendered(facts: PageFacts) -> str:
    """A short name for our parts as they would be written now: cheap, where reading a page is not.

    The words about being in step are not among them; what was said of it stands in the base."""
    return _rendered(render_regions(facts))


def _rendered(regions: Mapping[str, str]) -> str:
    return fingerprint("".join(xml for region_id, xml in regions.items() if region_id != SYNC))


def is_as_left(page: PageView, link: Link, facts: PageFacts) -> bool:
    """Whether nobody moved: the page is in the version of the last agreement, and we would write the same again."""
    is_title_same = page.title == link.base_theirs.get("title") == title_of(facts.record, facts.audit_key)
    is_version_same = page.version == link.remote_version
    return is_title_same and is_version_same and link.base_ours.get("rendered") == rendered(facts)


def said_by_register(facts: PageFacts) -> dict[str, Value]:
    """Every field in the register's words, with the short name of what is written for them."""
    request = facts.record
    regions = render_regions(facts)
    return {
        "title": title_of(request, facts.audit_key),
        "content": fingerprint(content_of(regions)),
        "rendered": _rendered(regions),
        "step": facts.out_of_step,
        "due": request.auditor_due_on.isoformat() if request.auditor_due_on else None,
        "accept": request.status == RequestStatus.ACCEPTED,
    }


def said_by_page(title: str, body: str) -> dict[str, Value]:
    """Every field as the page says it; a due cell that is no date is given word for word, with a question mark."""
    said = read_page(body)
    if isinstance(said.due, Unreadable):
        said_due: Value = f"? {said.due.text}"
    else:
        said_due = said.due.isoformat() if said.due else None
    return {
        "title": title,
        "content": fingerprint(said.content),
        "due": said_due,
        "accept": said.is_ticked,
        "notes": fingerprint(said.notes),
    }


def trying(said: Mapping[str, Value], read_version: int) -> Mapping[str, Value]:
    """What a link keeps of a write that is begun over the version that was read."""
    return {**said, "version": read_version + 1}


def written(link: Link, said: Mapping[str, Value], theirs: Mapping[str, Value], title: str, version: int) -> Link:
    """The link once its page was written: both sides agree on what was said."""
    moved = Moves(said, theirs).applied_to(link)
    return replace(moved, remote_version=version, key=title, tried=None)


def found_done(page: PageView, said: Mapping[str, Value], link: Link, own_accounts: Collection[str]) -> Link | None:
    """The link as a write whose answer was lost would have left it, if the page shows that it took effect.

    A page is written whole: one field that says what was tried, and did not say so before, proves all of them, unless
    the version that was to be ours is somebody else's. What else differs now was changed after it, by somebody else."""
    tried = dict(link.tried or EMPTY)
    version = tried.pop("version", None)
    if not isinstance(version, int) or page.version < version:
        return None
    if page.version == version and page.author not in own_accounts:
        return None
    if not any(said[field] == tried[field] != link.base_theirs.get(field) for field in FIELDS):
        return None
    return written(link, tried, {field: tried[field] for field in FIELDS}, str(tried["title"]), version)


def read_fields(ours: Mapping[str, Value], theirs: Mapping[str, Value], link: Link) -> dict[str, Reading]:
    """Every compared field of the link as both sides say it now and said it at the last agreement."""
    return {
        field: Reading(
            ours=ours[field],
            ours_base=link.base_ours.get(field),
            theirs=theirs[field],
            theirs_base=link.base_theirs.get(field),
            agrees=ours[field] == theirs[field],
        )
        for field in FIELDS
    }
