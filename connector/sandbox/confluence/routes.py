"""All routes of the Confluence half."""

from connector.sandbox.confluence import (
    attachments_routes,
    comments_routes,
    content_v1_routes,
    files_routes,
    pages_routes,
    properties_routes,
    restrictions_routes,
    search_routes,
    spaces_routes,
    tasks_routes,
    tree_routes,
    users_routes,
    webhooks_routes,
)
from connector.sandbox.wire import Routes

ROUTES = Routes("confluence")
for _module in (
    spaces_routes,
    pages_routes,
    tree_routes,
    properties_routes,
    comments_routes,
    attachments_routes,
    tasks_routes,
    files_routes,
    content_v1_routes,
    restrictions_routes,
    search_routes,
    users_routes,
    webhooks_routes,
):
    ROUTES.include(_module.ROUTES)
