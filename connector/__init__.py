"""Everything that talks to Atlassian, and nothing that decides.

Here: the clients for Jira and Confluence, error sorting, rate-limit headers, and the sandbox site.
Never here: what a change means, what is stored, when to try again.
"""
