"""All of Jira's routes in one table."""

from connector.sandbox.jira import (
    comment_routes,
    issue_routes,
    search_routes,
    transition_routes,
)
from connector.sandbox.wire import Routes

ROUTES = Routes("jira")
for _part in (
    issue_routes,
    transition_routes,
    search_routes,
    comment_routes,
):
    ROUTES.include(_part.ROUTES)
