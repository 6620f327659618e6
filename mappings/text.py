"""Rich text that no product owns: what Tieout writes into issues, pages and comments, before their formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """A run of plain characters, strong or linked where asked."""

    text: str
    strong: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, notified by the product when it is written."""

    account_id: str
    name: str


Run: TypeAlias = Text | Mention


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[tuple[Run, ...], ...]


Block: TypeAlias = Paragraph | Heading | Bullets
Document: TypeAlias = tuple[Block, ...]


def paragraphs(text: str) -> Document:
    """`text` as paragraphs, one for each block of lines; line breaks within a block stay in its run."""
    blocks = [block.strip("\n") for block in text.replace("\r\n", "\n").split("\n\n")]
    return tuple(Paragraph((Text(block),)) for block in blocks if block.strip())


def plain(document: Document) -> str:
    """The document as plain text, blocks a blank line apart, bullets with a dash."""
    return "\n\n".join(_plain_block(block) for block in document)


def _plain_block(block: Block) -> str:
    match block:
        case Paragraph(runs):
            return _plain_runs(runs)
        case Heading(_, text):
            return text
        case Bullets(items):
            return "\n".join(f"- {_plain_runs(item)}" for item in items)


def _plain_runs(runs: tuple[Run, ...]) -> str:
    return "".join(f"@{run.name}" if isinstance(run, Mention) else run.text for run in runs)
