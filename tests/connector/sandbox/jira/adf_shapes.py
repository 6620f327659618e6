"""The table of shapes in `connector/sandbox/jira/adf_model.py`, made from Atlassian's JSON schema of ADF.

`python -m tests.connector.sandbox.jira.adf_shapes SCHEMA` prints it, for a newer schema.
"""

import json
import re
import sys
from pathlib import Path
from textwrap import wrap
from typing import Any

Json = dict[str, Any]
WIDTH = 116


def rows(schema: Json) -> list[str]:
    """A row for each shape that can stand in a document, by name."""
    definitions = {name.removesuffix("_node"): one for name, one in schema["definitions"].items()}
    made = {name: _row(name, one, definitions) for name, one in definitions.items() if one.get("type") != "array"}
    reached: set[str] = set()
    ahead = ["doc"]
    while ahead:
        name = ahead.pop()
        if name in made and name not in reached:
            reached.add(name)
            ahead += re.findall(r"\w+", "".join(re.split(r"[=\[]", made[name])[1:]))
    return sorted(made[name] for name in reached)


def _row(name: str, defined: Json, definitions: Json) -> str:
    if "anyOf" in defined:
        return f"{name} = {_names(defined)}"
    parts, required = _resolved(defined, definitions)
    if "type" not in parts or "enum" not in parts["type"]:
        return name
    words = [parts["type"]["enum"][0]]
    if "attrs" in parts:
        words.append("attrs!" if "attrs" in required else "attrs")
    if "marks" in parts:
        listed = parts["marks"].get("items")
        unlisted = "none" if parts["marks"].get("maxItems") == 0 else "any"
        words += [f"^{mark}" for mark in (_names(listed) if listed else unlisted).split()]
    if "content" in parts:
        content = _target(parts["content"], definitions)
        slots = content["items"] if isinstance(content["items"], list) else [content["items"]]
        words.append(f"[{', '.join(dict.fromkeys(_names(slot) for slot in slots))}]")
        optional = "" if "content" in required else "?"
        words.append(f"{content.get('minItems', 0)}..{content.get('maxItems', '')}{optional}")
    return f"{name}: {' '.join(words)}"


def _resolved(defined: Json, definitions: Json) -> tuple[Json, set[str]]:
    """The properties of a definition and which it requires, with those of what it is built on."""
    defined = _target(defined, definitions)
    parts, required = dict(defined.get("properties", {})), set(defined.get("required", ()))
    for base in defined.get("allOf", ()):
        more, needed = _resolved(base, definitions)
        parts.update(more)
        required |= needed
    return parts, required


def _target(defined: Json, definitions: Json) -> Json:
    found: Json = definitions[_name(defined)] if "$ref" in defined else defined
    return found


def _names(defined: Json) -> str:
    return " ".join(sorted(_name(one) for one in defined.get("anyOf", [defined])))


def _name(reference: Json) -> str:
    name: str = reference["$ref"].rpartition("/")[2]
    return name.removesuffix("_node").removesuffix("_mark")


if __name__ == "__main__":
    for row in rows(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))):
        sys.stdout.write("\n".join(wrap(row, WIDTH, subsequent_indent="    ")) + "\n")
