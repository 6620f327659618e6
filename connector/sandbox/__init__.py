"""An Atlassian Cloud site in a box: Jira and Confluence as a WSGI application, stateful, for demo and tests.

Here: the site's state, its wire (REST, webhooks, faults) and its seed. Never here: anything about Tieout;
whoever reads this package learns how Atlassian behaves. Nothing but tests, the demo and the `tieout sandbox`
command imports it. Behaviour follows Atlassian's OpenAPI documents; where they are silent a comment says so.
"""
