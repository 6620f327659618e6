"""Dashboards' gadgets."""

GADGETS = "rest/gadgets/1.0/g/com.atlassian.jira.gadgets:"

EVERYBODY = [{"type": "authenticated"}]
