"""Confluence's own links drawn: to people, pages and files; and pictures."""

from urllib.parse import quote

from markupsafe import Markup

from connector.sandbox.confluence import attachments
from connector.sandbox.pages.addresses import page_path, safe_href
from connector.sandbox.pages.drawing import Drawing
from connector.sandbox.pages.markup import element, text
from connector.sandbox.pages.storage_tree import Node


def draw_link(drawing: Drawing, node: Node) -> Markup:
    """An `<ac:link>`: a mention, or a link to what it names if the person can see it, else its words."""
    user = node.child("ri:user")
    if user is not None:
        return _mention(drawing, user)
    body = node.child("ac:link-body") or node.child("ac:plain-text-link-body")
    words = drawing.draw(body.children) if body else text("")
    href, title = _target(drawing, node)
    return Markup('<a href="{}">{}</a>').format(href, words or title) if href else (words or text(title))


def draw_image(drawing: Drawing, node: Node) -> Markup:
    """A picture attached to the page; one from elsewhere is only linked to, as nothing foreign is loaded."""
    file, url = node.child("ri:attachment"), node.child("ri:url")
    if file is not None:
        name = file.get("ri:filename")
        held = attachments.named(drawing.site, drawing.page.content_id, name)
        path, alt = file_path(drawing.page.content_id, name), node.get("ac:alt") or name
        if held is not None and held.version.media_type.startswith("image/"):
            return Markup('<img class="picture" src="{}" alt="{}">').format(path, alt)
        return Markup('<a href="{}">{}</a>').format(path, alt) if held else text(alt)
    href = safe_href(drawing.site, url.get("ri:value")) if url else None
    return Markup('<a href="{}">{}</a>').format(href, node.get("ac:alt") or "picture elsewhere") if href else Markup()


def file_path(page_id: str, name: str, version: int | None = None) -> str:
    """Where a file of a page is downloaded."""
    return f"/wiki/pages/{page_id}/files/{quote(name, safe='')}" + (f"?version={version}" if version else "")


def _mention(drawing: Drawing, user: Node) -> Markup:
    account_id = user.get("ri:account-id")
    account = drawing.site.accounts.get(account_id)
    css = "mention me" if account is drawing.person else "mention"
    return element("span", f"@{account.display_name if account else 'somebody'}", css)


def _target(drawing: Drawing, node: Node) -> tuple[str | None, str]:
    """Address and title of what a link names; no address when there is no such thing for this person."""
    page, file = node.child("ri:page"), node.child("ri:attachment")
    if page is not None:
        title = page.get("ri:content-title")
        found = drawing.page_titled(page.get("ri:space-key"), title)
        key = drawing.site.confluence.spaces[found.space_id].key if found else ""
        return (page_path(key, found.content_id) if found else None), title
    if file is not None:
        name = file.get("ri:filename")
        held = attachments.named(drawing.site, drawing.page.content_id, name)
        return (file_path(drawing.page.content_id, name) if held else None), name
    return None, node.get("ac:anchor")
