"""All pages for people."""

from connector.sandbox.pages import (
    board_routes,
    dashboard_routes,
    issue_routes,
    page_routes,
    space_routes,
    start_routes,
)
from connector.sandbox.wire import Routes

PAGES = Routes("pages")
for _module in (start_routes, board_routes, issue_routes, dashboard_routes, space_routes, page_routes):
    PAGES.include(_module.ROUTES)
