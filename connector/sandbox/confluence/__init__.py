"""The Confluence Cloud half of the sandbox: v2, what v1 still has, and what the editor does to a page.

Here: the state (`state`), the operations on it (pages, lifecycle, comments, attachments, tasks, labels, properties,
restrictions, spaces), search with its lag (index, cql), and the routes, which only translate. Never here: anything
about audits.
"""
