"""All of Jira's routes in one table."""

from connector.sandbox.wire import Routes

ROUTES = Routes("jira")
