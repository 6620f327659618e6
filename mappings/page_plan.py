"""What to write to Confluence so that a request's evidence page says what the register says."""

from __future__ import annotations

from .actions import CreatePage, WritePage
from .context import AuditContext, Family
from .evidence_page import compose, rewrite, title_of
from .far import PageDraft, PageView
from .page_words import is_as_left, page_facts, said_by_register
from .records import Link


def draft_page(family: Family, ctx: AuditContext, jira_url: str, space_id: str, parent_id: str | None) -> CreatePage:
    """The evidence page of a request that has none yet."""
    facts = page_facts(family, ctx, jira_url)
    draft = PageDraft(space_id, parent_id, title_of(family.request, ctx.key), compose(facts))
    said = said_by_register(facts)
    return CreatePage(family.request.uid, draft, said, f"request {family.request.number} has no evidence page yet")


def plan_page(page: PageView, link: Link, family: Family, ctx: AuditContext, jira_url: str) -> WritePage | None:
    """The one write that brings the page up to date, or None when nothing that counts differs."""
    facts = page_facts(family, ctx, jira_url)
    if is_as_left(page, link, facts):
        return None
    title = title_of(family.request, ctx.key)
    body = rewrite(page.body, facts)
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
