"""All of Jira's routes in one table."""

from connector.sandbox.jira import (
    attachment_routes,
    board_routes,
    changelog_routes,
    comment_routes,
    dashboard_routes,
    filter_routes,
    group_routes,
    issue_routes,
    link_routes,
    meta_routes,
    permission_routes,
    project_routes,
    property_routes,
    screen_routes,
    search_routes,
    sprint_routes,
    transition_routes,
    user_routes,
    watcher_routes,
    webhook_routes,
    workflow_routes,
)
from connector.sandbox.wire import Routes

ROUTES = Routes("jira")
for _part in (
    attachment_routes,
    board_routes,
    changelog_routes,
    comment_routes,
    dashboard_routes,
    filter_routes,
    group_routes,
    issue_routes,
    link_routes,
    meta_routes,
    permission_routes,
    project_routes,
    property_routes,
    screen_routes,
    search_routes,
    sprint_routes,
    transition_routes,
    user_routes,
    watcher_routes,
    webhook_routes,
    workflow_routes,
):
    ROUTES.include(_part.ROUTES)
