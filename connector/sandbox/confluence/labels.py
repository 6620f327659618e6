"""Labels on pages; v2 only reads them, v1 writes them."""

from __future__ import annotations

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, index
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import Label, Page
from connector.sandbox.site import Site

PREFIXES = ("global", "my", "team")
MAX_LABEL = 255
FORBIDDEN = frozenset(" :;,#?&![]()")


def add_labels(site: Site, by: Account, page_id: str, labels: list[tuple[str, str]]) -> Page:
    """Add (prefix, name) labels to a page; one that is there already stays as it is. Names become lower case."""
    page = access.editable_page(site, by, page_id)
    for prefix, name in labels:
        if prefix not in PREFIXES or not name or len(name) > MAX_LABEL or set(name) & FORBIDDEN:
            raise InvalidError("Could not parse Labels")
    for prefix, name in labels:
        key = (prefix, name.lower())
        page.labels.setdefault(key, Label(str(site.next_id("confluence-label")), *key))
    index.note_page(site, page)
    return page


def remove_label(site: Site, by: Account, page_id: str, name: str) -> None:
    """Take a label off a page; one that is not there is no error."""
    page = access.editable_page(site, by, page_id)
    for key in [key for key in page.labels if key[1] == name.lower()]:
        del page.labels[key]
    index.note_page(site, page)
