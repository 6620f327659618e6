"""The sandbox's face for people: a Jira-like board, issue view and dashboard, and Confluence-like pages.

Plain HTML from the site's state, usable without JavaScript. Whatever a person does here goes through the same REST
handlers as a program's call (see `acting`), so that permissions, change log and webhooks hold. `PAGES` is the table
of routes to give to `create_app` or `serve` as `extra`.
"""

from connector.sandbox.pages.routes import PAGES

__all__ = ["PAGES"]
