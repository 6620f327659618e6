"""Which nodes an ADF document may hold where, how many, and with which marks: Atlassian's JSON schema as a table.

A test makes the table from the schema of the full document (@atlaskit/adf-schema) and holds it against this one. A row
is a shape of a node: its kind, whether it has attributes (`!`: it must), the marks it may carry (`^none`: an empty
list, none named: not even that), the shapes it may hold (with a comma: one after the other) and how many of them (`?`:
the list may be left out). Several shapes may be of one kind. A row with `=` names several shapes.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

SHAPES = """
blockCard: blockCard attrs!
blockTaskItem: blockTaskItem attrs! [extension_with_marks paragraph_with_font_size paragraph_with_no_marks] 1..
block_content = blockCard blockquote bodiedExtension_with_marks bulletList codeBlock decisionList embedCard expand
    extension_with_marks heading_with_alignment heading_with_indentation heading_with_no_marks mediaGroup
    mediaSingle_caption mediaSingle_full orderedList panel paragraph_with_alignment paragraph_with_indentation
    paragraph_with_no_marks rule table taskList
blockquote: blockquote attrs [bulletList codeBlock extension_with_marks mediaGroup mediaSingle_caption
    mediaSingle_full orderedList paragraph_with_no_marks] 1..
bodiedExtension_with_marks: bodiedExtension attrs! ^dataConsumer ^fragment [non_nestable_block_content] 1..
bodiedSyncBlock: bodiedSyncBlock attrs! ^breakout [blockCard blockquote bulletList codeBlock decisionList embedCard
    expand heading heading_with_alignment heading_with_indentation heading_with_no_marks layoutSection
    layoutSection_full mediaGroup mediaSingle mediaSingle_caption mediaSingle_full orderedList panel paragraph
    paragraph_with_alignment paragraph_with_indentation paragraph_with_no_marks rule table taskList] 1..
bulletList: bulletList attrs [listItem] 1..
caption: caption attrs [code_inline date emoji formatted_text_inline hardBreak inlineCard mention placeholder
    status] 0..?
codeBlock: codeBlock attrs ^none [text_with_no_marks] 0..?
codeBlock_root_only: codeBlock attrs ^breakout [text_with_no_marks] 0..?
code_inline: text ^annotation ^code ^link
date: date attrs!
decisionItem: decisionItem attrs! [inline] 0..?
decisionList: decisionList attrs! [decisionItem] 1..
doc: doc [blockCard blockquote bodiedExtension_with_marks bodiedSyncBlock bulletList codeBlock codeBlock_root_only
    decisionList embedCard expand expand_root_only extension_with_marks heading_with_alignment
    heading_with_indentation heading_with_no_marks layoutSection_full mediaGroup mediaSingle_caption
    mediaSingle_full orderedList panel paragraph_with_alignment paragraph_with_indentation paragraph_with_no_marks
    rule syncBlock table taskList] 0..
embedCard: embedCard attrs!
emoji: emoji attrs!
expand: expand attrs ^none [nestedExpand_with_no_marks non_nestable_block_content] 1..
expand_root_only: expand attrs ^breakout [nestedExpand_with_no_marks non_nestable_block_content] 1..
extension_with_marks: extension attrs! ^dataConsumer ^fragment
formatted_text_inline: text ^annotation ^backgroundColor ^em ^link ^strike ^strong ^subsup ^textColor ^underline
hardBreak: hardBreak attrs
heading: heading attrs! ^any [inline] 0..?
heading_with_alignment: heading attrs! ^alignment [inline] 0..?
heading_with_indentation: heading attrs! ^indentation [inline] 0..?
heading_with_no_marks: heading attrs! ^none [inline] 0..?
inline = code_inline date emoji formatted_text_inline hardBreak inlineCard inlineExtension_with_marks mediaInline
    mention placeholder status
inlineCard: inlineCard attrs!
inlineExtension_with_marks: inlineExtension attrs! ^dataConsumer ^fragment
layoutColumn: layoutColumn attrs! [block_content] 1..
layoutSection: layoutSection attrs ^breakout [layoutColumn] 0..
layoutSection_full: layoutSection attrs ^breakout [layoutColumn] 2..3
listItem: listItem attrs [bulletList codeBlock extension_with_marks mediaSingle_caption mediaSingle_full orderedList
    paragraph_with_font_size paragraph_with_no_marks taskList] 1..
media: media attrs! ^annotation ^border ^dataConsumer ^link
mediaGroup: mediaGroup [media] 1..
mediaInline: mediaInline attrs! ^annotation ^border ^dataConsumer ^link
mediaSingle: mediaSingle attrs ^link
mediaSingle_caption: mediaSingle attrs ^link [media, caption] 1..2
mediaSingle_full: mediaSingle attrs ^link [media] 1..1
mention: mention attrs!
nestedExpand_with_no_marks: nestedExpand attrs! ^none [blockquote bulletList codeBlock decisionList
    extension_with_marks heading_with_no_marks mediaGroup mediaSingle_caption mediaSingle_full orderedList panel
    paragraph_with_font_size paragraph_with_no_marks rule taskList] 1..
non_nestable_block_content = blockCard blockquote bulletList codeBlock decisionList embedCard extension_with_marks
    heading_with_no_marks mediaGroup mediaSingle_caption mediaSingle_full orderedList panel paragraph_with_font_size
    paragraph_with_no_marks rule table taskList
orderedList: orderedList attrs [listItem] 1..
panel: panel attrs! [blockCard bulletList codeBlock decisionList extension_with_marks heading_with_no_marks
    mediaGroup mediaSingle_caption mediaSingle_full orderedList paragraph_with_font_size paragraph_with_no_marks
    rule taskList] 1..
paragraph: paragraph attrs ^any [inline] 0..?
paragraph_with_alignment: paragraph attrs ^alignment ^fontSize [inline] 0..?
paragraph_with_font_size: paragraph attrs ^fontSize [inline] 0..?
paragraph_with_indentation: paragraph attrs ^fontSize ^indentation [inline] 0..?
paragraph_with_no_marks: paragraph attrs ^none [inline] 0..?
placeholder: placeholder attrs!
rule: rule attrs
status: status attrs!
syncBlock: syncBlock attrs! ^breakout
table: table attrs ^fragment [table_row] 1..
table_cell: tableCell attrs [blockCard blockquote bulletList codeBlock decisionList embedCard extension_with_marks
    heading_with_alignment heading_with_indentation heading_with_no_marks mediaGroup mediaSingle_caption
    mediaSingle_full nestedExpand_with_no_marks orderedList panel paragraph_with_alignment paragraph_with_no_marks
    rule taskList] 1..
table_header: tableHeader attrs [blockCard blockquote bulletList codeBlock decisionList embedCard
    extension_with_marks heading_with_alignment heading_with_indentation heading_with_no_marks mediaGroup
    mediaSingle_caption mediaSingle_full nestedExpand_with_no_marks orderedList panel paragraph_with_alignment
    paragraph_with_no_marks rule taskList] 1..
table_row: tableRow attrs [table_cell table_header] 0..
taskItem: taskItem attrs! [inline] 0..?
taskList: taskList attrs! [blockTaskItem taskItem taskList] 1..
text_with_no_marks: text ^none
"""
_ROW = re.compile(r"(\w+): (\w+)( attrs!?)?((?: \^\w+)*)(?: \[(.*)\] (\d+)\.\.(\d*)(\??))?")


@dataclass(frozen=True)
class Shape:
    """What a node of one kind has to look like in the places that take this shape.

    `marks` None is any marks at all; `slots` hold the names of shapes by position, the last one for all that follow.
    """

    kind: str
    parts: frozenset[str]
    needed: frozenset[str]
    marks: frozenset[str] | None
    slots: tuple[tuple[str, ...], ...]
    least: int
    most: int | None


@lru_cache(maxsize=1)
def shapes() -> dict[str, Shape]:
    """All shapes by name."""
    rows = SHAPES.replace("\n    ", " ").strip().split("\n")
    groups = dict(row.split(" = ") for row in rows if " = " in row)
    return {row.partition(":")[0]: _shape(row, groups) for row in rows if " = " not in row}


def _shape(row: str, groups: dict[str, str]) -> Shape:
    match = _ROW.fullmatch(row)
    if match is None:
        raise ValueError(f"no row of the table: {row}")
    _, kind, attrs, marked, held, least, most, optional = match.groups()
    marks = frozenset(marked.replace("^", "").split())
    parts = {"type"} | ({"attrs"} if attrs else set()) | ({"marks"} if marks else set())
    needed = {"type"} | ({"attrs"} if attrs == " attrs!" else set())
    if held is not None:
        parts.add("content")
        needed |= set() if optional else {"content"}
    own = {"doc": {"version"}, "text": {"text"}}.get(kind, set())
    slots = tuple(_members(slot, groups) for slot in (held or "").split(", ") if slot)
    allowed = None if "any" in marks else marks - {"none"}
    return Shape(
        kind,
        frozenset(parts | own),
        frozenset(needed | own),
        allowed,
        slots,
        int(least or 0),
        int(most) if most else None,
    )


def _members(slot: str, groups: dict[str, str]) -> tuple[str, ...]:
    """The shapes a slot names, groups taken apart."""
    names: list[str] = []
    for name in slot.split():
        names += _members(groups[name], groups) if name in groups else [name]
    return tuple(names)
