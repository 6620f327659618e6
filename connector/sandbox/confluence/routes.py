"""All routes of the Confluence half."""

from connector.sandbox.confluence import (
    attachments_routes,
    comments_routes,
    pages_routes,
    properties_routes,
    spaces_routes,
    tasks_routes,
)
from connector.sandbox.wire import Routes

ROUTES = Routes("confluence")
for _module in (
    spaces_routes,
    pages_routes,
    properties_routes,
    comments_routes,
    attachments_routes,
    tasks_routes,
):
    ROUTES.include(_module.ROUTES)
