"""Which nodes an ADF document may hold where, and which marks text may carry.

After Atlassian's JSON schema of the full document (@atlaskit/adf-schema), which Jira checks bodies against.
"""

LISTS = frozenset({"bulletList", "orderedList"})
MEDIA = frozenset({"mediaSingle", "mediaGroup"})
CARDS = frozenset({"blockCard", "embedCard", "applicationCard"})
INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "placeholder", "mediaInline"}
)
PHRASE = INLINE | {"inlineExtension"}
SIMPLE = LISTS | MEDIA | {"paragraph", "codeBlock", "extension"}
INNER = SIMPLE | {"heading", "rule", "panel", "blockquote", "taskList", "decisionList"}
OUTER = INNER | CARDS | {"table"}

CHILDREN: dict[str, frozenset[str]] = {
    "doc": OUTER | {"expand", "layoutSection", "bodiedExtension", "syncBlock", "bodiedSyncBlock"},
    "paragraph": PHRASE,
    "heading": PHRASE,
    "codeBlock": frozenset({"text"}),
    "blockquote": SIMPLE,
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": LISTS | {"paragraph", "codeBlock", "mediaSingle", "mediaGroup", "extension", "taskList"},
    "taskList": frozenset({"taskItem", "blockTaskItem", "taskList"}),
    "taskItem": PHRASE,
    "blockTaskItem": frozenset({"paragraph", "extension"}),
    "decisionList": frozenset({"decisionItem"}),
    "decisionItem": PHRASE,
    "panel": (INNER - {"panel", "blockquote"}) | CARDS,
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": INNER | CARDS | {"nestedExpand"},
    "tableHeader": INNER | CARDS | {"nestedExpand"},
    "mediaSingle": frozenset({"media", "caption"}),
    "mediaGroup": frozenset({"media"}),
    "caption": INLINE,
    "expand": OUTER | {"nestedExpand"},
    "nestedExpand": INNER,
    "layoutSection": frozenset({"layoutColumn"}),
    "layoutColumn": OUTER | {"expand", "bodiedExtension"},
    "bodiedExtension": OUTER,
    "bodiedSyncBlock": OUTER | {"expand", "layoutSection"},
}
LEAVES = INLINE | CARDS | {"rule", "media", "extension", "inlineExtension", "syncBlock"}
NEVER_EMPTY = frozenset(
    {
        *LISTS,
        *MEDIA,
        "listItem",
        "blockquote",
        "panel",
        "taskList",
        "decisionList",
        "table",
        "tableRow",
        "bodiedExtension",
    }
)
TEXT_ONLY = frozenset(
    {"strong", "em", "strike", "underline", "code", "subsup", "textColor", "backgroundColor"}
)  # marks that only words can carry
MARKS = TEXT_ONLY | {
    "link",
    "annotation",
    "alignment",
    "indentation",
    "breakout",
    "border",
    "fragment",
    "dataConsumer",
    "fontSize",
    "action",
    "confluenceInlineComment",
}
PARTS = frozenset({"type", "attrs", "content", "marks", "text", "version"})
