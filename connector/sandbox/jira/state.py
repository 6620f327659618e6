"""Everything Jira remembers."""


class JiraState:
    """Placeholder-free start: filled by the Jira half."""
