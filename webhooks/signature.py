"""Whether a webhook was sent by somebody who knows one of our secrets.

Every secret is tried, each in constant time: how long it takes does not say how near a guess was.

Atlassian signs the raw bytes of the body: `X-Hub-Signature: sha256=<hex>`, as WebSub has it
(https://developer.atlassian.com/cloud/jira/platform/webhooks/). "Jira might start using another method", so the method
is read, and taken only from those that are sound.
"""

import hashlib
import hmac
from collections.abc import Sequence

METHODS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def is_signed(body: bytes, header: str, secrets: Sequence[bytes]) -> bool:
    """Whether `header` (the value of X-Hub-Signature) is `body` signed with one of `secrets`."""
    method, _, given = header.partition("=")
    digest = METHODS.get(method)
    if digest is None:
        return False
    claimed = given.encode("utf-8", "replace")
    matches = [hmac.compare_digest(hmac.new(s, body, digest).hexdigest().encode(), claimed) for s in secrets]
    return any(matches)


def knows_secret(header: str, secrets: Sequence[bytes]) -> bool:
    """Whether `header` is one of `secrets`. Compared as digests, so that not even their lengths can be found out."""
    claimed = hashlib.sha256(header.encode("utf-8", "replace")).digest()
    matches = [hmac.compare_digest(hashlib.sha256(secret).digest(), claimed) for secret in secrets]
    return any(matches)
