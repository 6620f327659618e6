"""A Data Center face of the sandbox: the same site answering as Jira 10.3 and Confluence 10 on a company's own servers.

Here is only what those say in other words than Cloud: paths, people by name and key, wiki markup, personal access
tokens, lists by offset. What happens stays in the Cloud sandbox, and people of the tests may visit either face. Paths
that Data Center does not have are 404 here, so that a client which speaks Cloud to it is found out.
Sources: ../shared/openapi/jira-dc-10.3.json and confluence-dc-10.0.3.json.
"""
