"""All pages for people."""

from connector.sandbox.pages import (
    board_routes,
    issue_routes,
    start_routes,
)
from connector.sandbox.wire import Routes

PAGES = Routes("pages")
for _module in (start_routes, board_routes, issue_routes):
    PAGES.include(_module.ROUTES)
