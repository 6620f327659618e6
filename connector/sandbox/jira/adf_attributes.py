"""What the nodes and marks of a document may say of themselves, and must (`!`): Atlassian's JSON schema as a table.

A test holds the table against the schema. Not in it, and taken as it comes: media, mediaSingle, inlineCard, blockCard.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

NODES = """
blockTaskItem: localId!:string state!:TODO|DONE
blockquote: localId:string
bodiedExtension: extensionKey!:string extensionType!:string parameters:any text:string
    layout:wide|full-width|default localId:string
bodiedSyncBlock: resourceId!:string localId!:string
bulletList: localId:string
caption: localId:string
codeBlock: language:string uniqueId:string localId:string wrap:boolean hideLineNumbers:boolean
date: timestamp!:string localId:string
decisionItem: localId!:string state!:string
decisionList: localId!:string
embedCard: url!:string layout!:wide|full-width|center|wrap-right|wrap-left|align-end|align-start width:0..100
    originalHeight:number originalWidth:number localId:string
emoji: shortName!:string id:string text:string localId:string
expand: title:string localId:string
extension: extensionKey!:string extensionType!:string parameters:any text:string layout:wide|full-width|default
    localId:string
hardBreak: text:string localId:string
heading: level!:1..6 localId:string
inlineExtension: extensionKey!:string extensionType!:string parameters:any text:string localId:string
layoutColumn: width!:0..100 localId:string valign:top|middle|bottom
layoutSection: localId:string
listItem: localId:string
mediaInline: type:link|file|image localId:string id!:string alt:string collection!:string occurrenceKey:string
    width:number height:number data:any
mention: id!:string localId:string text:string accessLevel:string userType:DEFAULT|SPECIAL|APP
nestedExpand: title:string localId:string
orderedList: order:0.. localId:string
panel: panelType!:info|note|tip|warning|error|success|custom panelIcon:string panelIconId:string
    panelIconText:string panelColor:string localId:string
paragraph: localId:string
placeholder: text!:string localId:string
rule: localId:string
status: text!:string color!:lozenge localId:string style:string
syncBlock: resourceId!:string localId!:string
table: displayMode:default|fixed isNumberColumnEnabled:boolean
    layout:wide|full-width|center|align-end|align-start|default localId:string width:number
tableCell: colspan:number rowspan:number colwidth:array background:string localId:string
    valign:top|middle|bottom
tableHeader: colspan:number rowspan:number colwidth:array background:string localId:string
    valign:top|middle|bottom
tableRow: localId:string
taskItem: localId!:string state!:TODO|DONE
taskList: localId!:string
"""
MARKS = """
alignment: align!:center|end
annotation: id!:string annotationType!:inlineComment
backgroundColor: color!:colour
border: size!:1..3 color!:colours
breakout: mode!:wide|full-width width:number
dataConsumer: sources!:array
fontSize: fontSize!:small
fragment: localId!:string name:string
indentation: level!:1..6
link: href!:string title:string id:string collection:string occurrenceKey:string
subsup: type!:sub|sup
textColor: color!:colour
"""
PLAIN_MARKS = frozenset({"code", "em", "strike", "strong", "underline"})
AT_LEAST = {"media": frozenset({"type"})}
"""What kinds outside the table must at least say."""
LOZENGES = frozenset({"neutral", "purple", "blue", "red", "yellow", "green"})
COLOUR = re.compile("#[0-9a-fA-F]{6}")
WITH_ALPHA = re.compile("#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?")
Test = Callable[[Any], bool]


@dataclass(frozen=True)
class Attributes:
    """Of one kind: those that must be there, and what each that may be has to be."""

    needed: frozenset[str]
    tests: dict[str, Test]

    def admit(self, attrs: dict[str, Any]) -> bool:
        return self.needed <= attrs.keys() <= self.tests.keys() and all(self.tests[n](v) for n, v in attrs.items())


def node_may_say(kind: str, attrs: dict[str, Any]) -> bool:
    """Whether a node of this kind can have these attributes."""
    known = _attributes(NODES).get(kind)
    return known.admit(attrs) if known else AT_LEAST.get(kind, frozenset()) <= attrs.keys()


def mark_may_say(kind: str, attrs: dict[str, Any]) -> bool:
    known = _attributes(MARKS).get(kind)
    return known.admit(attrs) if known else kind not in PLAIN_MARKS or not attrs


def table(text: str) -> dict[str, dict[str, str]]:
    """By kind the attributes, each with its type; the names of those that must be there end in `!`."""
    kinds: dict[str, dict[str, str]] = {}
    for row in text.replace("\n    ", " ").split("\n"):
        kind, _, words = row.partition(": ")
        if words:
            kinds[kind] = {name: what for name, _, what in (word.partition(":") for word in words.split())}
    return kinds


@lru_cache(maxsize=2)
def _attributes(text: str) -> dict[str, Attributes]:
    return {
        kind: Attributes(
            frozenset(name[:-1] for name in known if name.endswith("!")),
            {name.rstrip("!"): _test(what) for name, what in known.items()},
        )
        for kind, known in table(text).items()
    }


def _test(what: str) -> Test:
    """A type by its name, a range `1..6`, or words with bars between."""
    if what in _TYPES:
        return _TYPES[what]
    if ".." in what:
        least, most = (float(end) if end else None for end in what.split(".."))
        return lambda value: _is_number(value) and (least or 0) <= value and (most is None or value <= most)
    words = frozenset(what.split("|"))
    return lambda value: isinstance(value, str) and value in words


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: dict[str, Test] = {
    "any": lambda _value: True,
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "colour": lambda value: isinstance(value, str) and bool(COLOUR.fullmatch(value)),
    "colours": lambda value: isinstance(value, str) and bool(WITH_ALPHA.fullmatch(value)),
    "lozenge": lambda value: isinstance(value, str) and (value in LOZENGES or bool(COLOUR.fullmatch(value))),
}
