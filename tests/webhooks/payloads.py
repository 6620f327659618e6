"""Bodies for the doors' fuzzing: what Atlassian sends, and what becomes of it under a few hundred kinds of damage.

Each damage takes a `Random`, so that Hypothesis can draw it and a seed can repeat it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from webhooks.door import LARGEST_BODY

from .doors import ISSUE, NOW_MS, PAGE

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

OWN: dict[str, list[dict[str, Any]]] = {
    "jira": [
        {
            "timestamp": NOW_MS,
            "webhookEvent": "jira:issue_updated",
            "issue": {"id": ISSUE, "fields": {"labels": ["tieout"], "summary": "é", "duedate": None}},
            "changelog": {"id": 7, "items": [{"field": "status", "from": "1", "to": "3", "toString": "Done"}]},
        },
        {"timestamp": NOW_MS, "webhookEvent": "comment_created",
         "comment": {"self": f"/rest/api/2/issue/{ISSUE}/comment/1"}},
        {"timestamp": NOW_MS, "webhookEvent": "issuelink_created",
         "issueLink": {"sourceIssueId": 10001, "destinationIssueId": 5}},
        {"timestamp": NOW_MS, "webhookEvent": "jira:issue_deleted", "issue": {"id": "424242"}},
    ],
    "confluence": [
        {"timestamp": NOW_MS, "event": "page_updated", "page": {"id": int(PAGE), "spaceKey": "SOC2", "version": 3}},
        {"timestamp": NOW_MS, "comment": {"id": 5, "parent": {"id": int(PAGE)}}},
        {"timestamp": NOW_MS, "event": "attachment_created", "attachments": [{"id": 4, "container": {"id": PAGE}}]},
        {"pageId": PAGE},
    ],
}  # fmt: skip


@cache
def bases(door: str) -> tuple[dict[str, Any], ...]:
    """Payloads as they come, fresh: ours, and the recorded ones where they are at hand."""
    recorded = sorted((CORPUS / f"{door}_webhooks").glob("*.json"))
    payloads = [*OWN[door], *(json.loads(file.read_bytes()) for file in recorded)]
    return tuple(each | {"timestamp": NOW_MS} if "timestamp" in each else each for each in payloads)


RAW = {
    "raw:huge": "9" * 4_000,
    "raw:longer than Python reads": "9" * 5_000,
    "raw:tiny": "-1e-999",
    "raw:infinite": "1e999",
    "raw:nan": "NaN",
    "raw:infinity": "-Infinity",
    "raw:float": "1.7976931348623157e308",
    "raw:leading zero": "007",
    "raw:half a surrogate": '"\\ud800"',
    "raw:half a surrogate as bytes": '"\x00SURROGATE"',
    "raw:nul": '"\\u0000"',
    "raw:bare nul": '"\x00"',
    "raw:twice": '{"id": 1, "id": 2, "id": {"id": [3]}}',
}
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 2**64, 10**19, 1.5, "", "0", "\0", "1; drop table work", "../../etc/passwd", "﷽" * 50,
    "x" * 20_000, [], {}, [[]], [None] * 50, {"": {"": {}}}, list(range(300)), "10001\n", "\u202e", *RAW,
)  # fmt: skip


def dumped(payload: object) -> bytes:
    """As JSON, with what no encoder would write put in its place."""
    text = json.dumps(payload)
    for name, raw in RAW.items():
        text = text.replace(json.dumps(name), raw)
    return text.encode().replace(b"\0SURROGATE", b"\xed\xa0\x80")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder in a payload with every name or number under which it holds something."""
    for name, held in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, name
        yield from _places(held)


def _copied(payload: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(payload))
    return copy


def other_types(payload: dict[str, Any], chance: Random) -> bytes:
    changed = _copied(payload)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(changed))
        if not places:
            break
        holder, name = chance.choice(places)
        holder[name] = deepcopy(chance.choice(ODD))
    return dumped(changed)


def other_shape(payload: dict[str, Any], chance: Random) -> bytes:
    """A part stands where the whole was, the whole where a part was, or not an object at all."""
    holder, name = chance.choice(list(_places(_copied(payload))))
    return dumped(chance.choice([holder[name], [payload], {**payload, "issue": payload, "page": payload}, *ODD]))


def flipped(payload: dict[str, Any], chance: Random) -> bytes:
    body = bytearray(dumped(payload))
    for _ in range(chance.randint(1, 8)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(body)


def cut_or_doubled(payload: dict[str, Any], chance: Random) -> bytes:
    body = dumped(payload)
    at = chance.randrange(len(body))
    junk = chance.choice([b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"]", b"\\", b'"', b"\r\n"])
    return chance.choice(
        [body[:at], body[at:], body[:at] + body, body[:at] + junk + body[at:], body + junk, body + body]
    )


def deep(payload: dict[str, Any], chance: Random) -> bytes:
    opening, closing = chance.choice([(b"[", b"]"), (b'{"issue":', b"}"), (b'{"a":[', b"]}")])
    depth = chance.choice([100, 990, 1_000, 10_000, 100_000])
    nest = opening * depth + b"1" + closing * chance.choice([0, depth])
    return chance.choice([nest, b'{"issue": ' + nest + b", " + dumped(payload)[1:]])


def named_twice(payload: dict[str, Any], chance: Random) -> bytes:
    name, value = chance.choice(list(payload)), chance.choice(ODD)
    pair = dumped({name: value})[1:-1]
    body = dumped(payload)
    return b"{" + pair + b", " + body[1:] if chance.random() < 0.5 else body[:-1] + b", " + pair + b"}"


def other_encoding(payload: dict[str, Any], chance: Random) -> bytes:
    text = json.dumps(payload, ensure_ascii=False)
    name = chance.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp037", "utf-7"])
    return text.encode(name, "replace")


def packed(payload: dict[str, Any], chance: Random) -> bytes:
    """Compressed, at times a few hundred times: a door that unpacks it would be in trouble."""
    plain = dumped(payload) if chance.random() < 0.7 else b"[" * 3_000_000
    ways: list[Callable[[bytes], bytes]] = [gzip.compress, zlib.compress]
    return chance.choice(ways)(plain)


def large(payload: dict[str, Any], chance: Random) -> bytes:
    size = LARGEST_BODY + chance.choice([-1, 0, 1, 2, LARGEST_BODY])
    body = dumped(payload)
    return body + b" " * (size - len(body)) if chance.random() < 0.7 else b"[" + b"[]," * (size // 3)


def many_ids(payload: dict[str, Any], chance: Random) -> bytes:
    """A body that points at thousands of objects, all but one of them strangers."""
    files = [{"container": {"id": number}} for number in (int(PAGE), *range(chance.choice([600, 5_000])))]
    return dumped({**payload, "attachments": files})


DAMAGES: dict[str, Callable[[dict[str, Any], Random], bytes]] = {
    each.__name__: each
    for each in (
        other_types, other_shape, flipped, cut_or_doubled, deep, named_twice, other_encoding, packed, large, many_ids,
    )
}  # fmt: skip
RARE = ("large", "packed", "deep", "many_ids")
"""Those that cost most to make and to send."""


def damaged(door: str, chance: Random) -> tuple[str, bytes]:
    """A payload with one kind of damage, and the name of it."""
    names = [*RARE, *[name for name in DAMAGES if name not in RARE] * 6, *["other_types"] * 12]
    name = chance.choice(names)
    return name, DAMAGES[name](chance.choice(bases(door)), chance)
