"""A page's source as its editor shows it: the same body with a line for each block, which saving takes out again."""

from itertools import pairwise

from connector.sandbox.confluence import storage


def in_lines(body: str) -> str:
    """The body with a line break between any two blocks that touch; the editor drops such breaks when it saves."""
    breaks = [
        (before.end, before.end, "\n")
        for before, after in pairwise(storage.tokens(body))
        if before.kind == "end" and after.kind == "start" and {before.name, after.name} <= storage.BLOCKS
    ]
    return storage.splice(body, breaks)
