"""Jira Cloud as the sandbox plays it: REST v3 (and v2 where text is plain), workflows, JQL, change log, webhooks."""
