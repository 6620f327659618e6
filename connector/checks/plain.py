"""Spaces of Confluence Data Center: seen, open, with a home page, and writable as far as that page says.

What others may do there Data Center tells to a space's administrators only, and in words that name nobody for certain:
whether auditors may comment shows when they do.
"""

from __future__ import annotations

from collections.abc import Iterator

from connector import confluence_dc_read
from connector.checks.catalogue import found
from connector.checks.findings import Finding
from connector.confluence_dc import DcConfluence
from mappings.errors import Forbidden, Gone
from mappings.rules import Rules

NEEDED = {("update", "page"): ("create", "page")} | {(act, on): (act, on) for act, on in (
    ("create", "comment"), ("create", "attachment"),
)}  # fmt: skip
"""What Tieout does with pages, by the operation on the home page that shows whether it may: who may add pages to a
space may edit those in it."""


def check_plain_spaces(confluence: DcConfluence, rules: Rules) -> Iterator[Finding]:
    for key in sorted({audit.space for audit in rules.audit.values() if not audit.is_closed}):
        where = f"space {key} on {confluence.site}"
        try:
            space = confluence_dc_read.space(confluence.wire, key)
        except (Gone, Forbidden) as error:
            yield found("space-not-visible", where, said=error)
            continue
        home = (space.get("homepage") or {}).get("id")
        if str(space.get("status", "")).lower() == "archived":
            yield found("space-archived", where)
        elif home is None:
            yield found("space-without-home-page", where)
        else:
            held = confluence_dc_read.operations(confluence.wire, str(home))
            for shown, (operation, target) in NEEDED.items():
                if shown not in held:
                    yield found("space-permission-missing", where, operation=operation, target=target)
