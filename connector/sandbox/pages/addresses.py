"""Which addresses written by people may become links, and where they lead."""

from urllib.parse import quote, urlsplit

from connector.sandbox.site import Site

SCHEMES = frozenset({"http", "https", "mailto"})


def safe_href(site: Site, address: object) -> str | None:
    """A link target for an address: the site's own become paths, foreign ones stay; None for any other scheme."""
    text = str(address or "").strip()
    if not text or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if text.startswith(site.base_url + "/"):
        return text.removeprefix(site.base_url)
    if parts.scheme:
        return text if parts.scheme.lower() in SCHEMES else None
    return text if text.startswith(("/", "#")) and not text.startswith(("//", "/\\")) else None


def page_path(space_key: str, page_id: str) -> str:
    """Where a page is read."""
    return f"/wiki/spaces/{quote(space_key)}/pages/{page_id}"
