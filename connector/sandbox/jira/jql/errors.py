"""The one thing that goes wrong with a query: the caller's 400."""


class JqlError(Exception):
    """A query Jira refuses; the message is what the caller reads."""
