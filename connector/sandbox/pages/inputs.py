"""Jira's fields as inputs of a form: which control, with what choices, and what a filled-in one means on the wire."""

from dataclasses import dataclass
from typing import Any, Literal

from werkzeug.datastructures import ImmutableMultiDict

from connector.sandbox.jira import adf
from connector.sandbox.jira.model import Field, Project
from connector.sandbox.jira.permissions import is_assignable
from connector.sandbox.site import Site

Control = Literal["text", "words", "textarea", "date", "number", "select", "checkboxes"]
CONTROLS: dict[str, Control] = {
    "summary": "text",
    "text": "text",
    "document": "textarea",
    "labels": "words",
    "parent": "text",
    "date": "date",
    "number": "number",
    "user": "select",
    "assignee": "select",
    "priority": "select",
    "resolution": "select",
    "option": "select",
    "options": "checkboxes",
}


@dataclass(frozen=True)
class Input:
    """One labelled control. `value` is what it holds as text; checkboxes hold option ids with spaces between."""

    field_id: str
    label: str
    control: Control
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    hint: str = ""


def input_for(site: Site, project: Project, field: Field, stored: Any, *, required: bool = False) -> Input | None:
    """The control for a field with its stored value; None for a kind that no form sets."""
    control = CONTROLS.get(field.kind)
    if control is None:
        return None
    hint = "Words with spaces between" if field.kind == "labels" else ""
    choices = _choices(site, project, field)
    return Input(field.field_id, field.name, control, _text(site, field, stored), choices, required, hint)


def changed(site: Site, form: ImmutableMultiDict[str, str], inputs: list[Input]) -> dict[str, Any]:
    """The fields a person changed, as the wire wants them; each input came with its old value as `was-<field>`."""
    return {
        one.field_id: to_wire(site.jira.fields[one.field_id], given(form, one))
        for one in inputs
        if given(form, one) != form.get(f"was-{one.field_id}", "")
    }


def filled_in(site: Site, form: ImmutableMultiDict[str, str], inputs: list[Input]) -> dict[str, Any]:
    """Every field that was given a value."""
    return {
        one.field_id: to_wire(site.jira.fields[one.field_id], given(form, one)) for one in inputs if given(form, one)
    }


def given(form: ImmutableMultiDict[str, str], one: Input) -> str:
    """What a form says for an input, in the form of `Input.value`."""
    if one.control == "checkboxes":
        return " ".join(form.getlist(one.field_id))
    return form.get(one.field_id, "").replace("\r\n", "\n").strip()


def to_wire(field: Field, text: str) -> Any:
    """A control's text as REST wants the field's value."""
    match field.kind:
        case "labels":
            return text.split()
        case "options":
            return [{"id": one} for one in text.split()]
        case "number":
            return float(text) if text else None
        case "document":
            return adf.from_text(text) if text else None
        case "user" | "assignee":
            return {"accountId": text} if text else None
        case "priority" | "resolution" | "option":
            return {"id": text} if text else None
        case "parent":
            return {"key": text} if text else None
    return text or None


def _text(site: Site, field: Field, stored: Any) -> str:
    if not stored:
        return ""
    if field.kind in ("labels", "options"):
        return " ".join(stored)
    if field.kind == "document":
        return adf.to_text(stored)
    if field.kind == "number":
        return f"{stored:g}"
    if field.kind == "parent":
        return site.jira.issues[stored].key if stored in site.jira.issues else ""
    return str(stored)


def _choices(site: Site, project: Project, field: Field) -> tuple[tuple[str, str], ...]:
    jira = site.jira
    if field.kind in ("user", "assignee"):
        people = [a for a in site.accounts.values() if a.active and (field.kind == "user" or is_assignable(project, a))]
        named = [(a.account_id, a.display_name) for a in sorted(people, key=lambda a: a.display_name)]
        return (("", "Unassigned" if field.kind == "assignee" else "Nobody"), *named)
    if field.kind == "priority":
        return tuple((one.named_id, one.name) for one in jira.priorities.values())
    if field.kind == "resolution":
        return (("", "Choose one"), *((one.named_id, one.name) for one in jira.resolutions.values()))
    if field.kind == "option":
        return (("", "None"), *((one.option_id, one.value) for one in field.options))
    return tuple((one.option_id, one.value) for one in field.options)
