"""A storage body as a tree to draw from, and the page properties in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from connector.sandbox.confluence import storage

EDIT = "sandbox:field"
"""No element of a body: a field of the editor, which it puts into a tree."""


@dataclass(frozen=True, eq=False)
class Node:
    """An element: its name with prefix, its attributes, and elements and texts inside; where its tag begins (bytes)."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Node | str]" = field(default_factory=list)
    begin: int = -1

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def nodes(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]

    def get(self, name: str) -> str:
        """An attribute, empty when it is not there."""
        return self.attributes.get(name, "")

    def child(self, name: str) -> "Node | None":
        """The first element of this name right inside."""
        return next((node for node in self.nodes if node.name == name), None)

    def all(self, name: str) -> "Iterator[Node]":
        """Every element of this name inside, at any depth, in order."""
        waiting = self.nodes[::-1]
        while waiting:
            node = waiting.pop()
            if node.name == name:
                yield node
            waiting.extend(node.nodes[::-1])

    def parameter(self, name: str) -> str:
        """A macro's parameter."""
        found = (one.text for one in self.nodes if one.name == "ac:parameter" and one.get("ac:name") == name)
        return next(found, "").strip()


def tree(body: str) -> Node:
    """The body under one nameless root; StorageInvalidError when it is not well formed."""
    root = Node("")
    open_nodes = [root]
    for token in storage.tokens(body):
        if token.kind == "start":
            node = Node(token.name, dict(token.attributes), begin=token.begin)
            open_nodes[-1].children.append(node)
            open_nodes.append(node)
        elif token.kind == "end":
            open_nodes.pop()
        elif token.kind == "text":
            open_nodes[-1].children.append(token.text)
    return root


@lru_cache(maxsize=1024)
def page_properties(body: str, details_id: str) -> tuple[tuple[str, Node], ...]:
    """Heading and cell of each row of the page-properties macros with this id; of all of them for an empty id."""
    rows = []
    for macro in tree(body).all("ac:structured-macro"):
        if macro.get("ac:name") != "details" or details_id not in ("", macro.parameter("id")):
            continue
        for row in macro.all("tr"):
            head, cell = row.child("th"), row.child("td")
            if head is not None and cell is not None:
                rows.append((head.text.strip(), cell))
    return tuple(rows)
