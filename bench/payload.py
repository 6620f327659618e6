"""Webhooks of the size that Jira sends for a busy issue: some 13 kB."""

import hashlib
import hmac
import json

SECRET = b"the bench signs with this"
ISSUES = 500
FILLER = {f"customfield_{number}": "x" * 120 for number in range(10000, 10090)}


def delivery(sender: int, place: int, now_ms: int, secret: bytes) -> tuple[bytes, dict[str, str]]:
    """One signed delivery, unlike any other, about one of ISSUES issues."""
    issue = 1 + (sender * 7919 + place) % ISSUES
    fields = {**FILLER, "labels": ["tieout"], "summary": f"Request {issue}"}
    payload = {
        "timestamp": now_ms,
        "webhookEvent": "jira:issue_updated",
        "issue": {"id": str(issue), "fields": fields},
        "changelog": {"id": f"{sender}-{place}"},
    }
    body = json.dumps(payload).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Atlassian-Webhook-Identifier": f"{sender}-{place}",
        "X-Hub-Signature": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    return body, headers
