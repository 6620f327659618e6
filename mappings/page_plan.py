"""What to write to Confluence so that a request's evidence page says what the register says."""

from __future__ import annotations

from dataclasses import replace

from .actions import CreatePage, WritePage
from .context import AuditContext, Family
from .evidence_page import compose, read_step, rewrite, title_of
from .far import PageDraft, PageView
from .page_words import is_as_left, page_facts, said_by_register
from .records import Link


def draft_page(family: Family, ctx: AuditContext, jira_url: str, space_id: str, parent_id: str | None) -> CreatePage:
    """The evidence page of a request that has none yet."""
    facts = page_facts(family, ctx, jira_url)
    body = compose(replace(facts, at=ctx.now))
    draft = PageDraft(space_id, parent_id, title_of(family.request, ctx.key), body)
    said = said_by_register(facts)
    return CreatePage(family.request.uid, draft, said, f"request {family.request.number} has no evidence page yet")


def plan_page(page: PageView, link: Link, family: Family, ctx: AuditContext, jira_url: str) -> WritePage | None:
    """The one write that brings the page up to date, or None when nothing that counts differs."""
    facts = page_facts(family, ctx, jira_url, _step(page, link, ctx))
    if is_as_left(page, link, facts):
        return None
    title = title_of(family.request, ctx.key)
    body = rewrite(page.body, replace(facts, at=ctx.now))
    if body is None and title == page.title:
        return None
    new_body = page.body if body is None else body
    reason = "its boxes differ from the register" if body is not None else "its title differs from the register"
    return WritePage(
        family.request.uid,
        page.id,
        title,
        new_body,
        page.version,
        said_by_register(facts),
        reason,
    )


def _step(page: PageView, link: Link, ctx: AuditContext) -> str:
    """What the page is to say of being in step: what it was last made to say, be it by a write whose end was lost."""
    if page.version > link.remote_version and page.author in ctx.own_accounts:
        return read_step(page.body)
    return str(link.base_ours.get("step") or "")
