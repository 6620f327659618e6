"""A mapping file that is all right, for tests to take or to spoil."""

from __future__ import annotations

GOOD = """\
[jira]
url = "https://acme.atlassian.net"
user = "bot@acme.example"

[confluence]
url = "https://acme.atlassian.net"
user = "bot@acme.example"

[audit.soc2]
name = "SOC 2"
period_start = 2026-01-01
period_end = 2026-12-31
project = "AUD"
space = "SOC2"
coordinator = "cora@acme.example"
auditors = ["ada@firm.example"]

[[audit.soc2.routes]]
team = "platform"
project = "PLAT"

[[people]]
name = "Olga"
email = "olga@acme.example"
manager = "mia@acme.example"

[status.PLAT.task]
in_progress = "Doing"
"""
