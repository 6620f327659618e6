"""The fields every Jira has, in the form the site keeps them."""

from typing import Any

from connector.sandbox.jira.model import Field

USER = {"type": "user"}
NUMBER = {"type": "number"}
CUSTOM_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"


def _field(field_id: str, name: str, kind: str, schema: dict[str, Any], *clauses: str, navigable: bool = True) -> Field:
    full = {**schema, "system": field_id}
    return Field(field_id, name, kind, full, clause_names=clauses or (field_id,), navigable=navigable)


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": of}


SYSTEM_FIELDS: tuple[Field, ...] = (
    _field("summary", "Summary", "summary", {"type": "string"}),
    _field("issuetype", "Issue Type", "issuetype", {"type": "issuetype"}, "issuetype", "type"),
    _field("project", "Project", "project", {"type": "project"}),
    _field("parent", "Parent", "parent", {"type": "issuelink"}),
    _field("status", "Status", "status", {"type": "status"}),
    _field("statusCategory", "Status Category", "computed", {"type": "statusCategory"}),
    _field("resolution", "Resolution", "resolution", {"type": "resolution"}),
    _field("resolutiondate", "Resolved", "moment", {"type": "datetime"}, "resolutiondate", "resolved"),
    _field("priority", "Priority", "priority", {"type": "priority"}),
    _field("assignee", "Assignee", "assignee", USER),
    _field("reporter", "Reporter", "user", USER),
    _field("creator", "Creator", "creator", USER),
    _field("labels", "Labels", "labels", _list("string")),
    _field("duedate", "Due date", "date", {"type": "date"}, "due", "duedate"),
    _field("description", "Description", "document", {"type": "string"}),
    _field("environment", "Environment", "document", {"type": "string"}),
    _field("created", "Created", "computed", {"type": "datetime"}, "created", "createdDate"),
    _field("updated", "Updated", "computed", {"type": "datetime"}, "updated", "updatedDate"),
    _field(
        "statuscategorychangedate",
        "Status Category Changed",
        "computed",
        {"type": "datetime"},
        "statusCategoryChangedDate",
    ),
    _field("lastViewed", "Last Viewed", "computed", {"type": "datetime"}),
    _field("issuelinks", "Linked Issues", "computed", _list("issuelinks")),
    _field("subtasks", "Sub-tasks", "computed", _list("issuelinks"), "subtasks"),
    _field("attachment", "Attachment", "computed", _list("attachment"), "attachments", navigable=False),
    _field("comment", "Comment", "computed", {"type": "comments-page"}, navigable=False),
    _field("worklog", "Log Work", "computed", {"type": "array", "items": "worklog"}, navigable=False),
    _field("watches", "Watchers", "computed", {"type": "watches"}, "watchers"),
    _field("votes", "Votes", "computed", {"type": "votes"}),
    _field("progress", "Progress", "computed", {"type": "progress"}),
    _field("aggregateprogress", "Σ Progress", "computed", {"type": "progress"}),
    _field("timetracking", "Time tracking", "computed", {"type": "timetracking"}, navigable=False),
    _field("timespent", "Time Spent", "computed", NUMBER),
    _field("timeestimate", "Remaining Estimate", "computed", NUMBER),
    _field("timeoriginalestimate", "Original estimate", "computed", NUMBER),
    _field("aggregatetimespent", "Σ Time Spent", "computed", NUMBER),
    _field("aggregatetimeestimate", "Σ Remaining Estimate", "computed", NUMBER),
    _field("aggregatetimeoriginalestimate", "Σ Original Estimate", "computed", NUMBER),
    _field("workratio", "Work Ratio", "computed", NUMBER),
    _field("fixVersions", "Fix versions", "computed", _list("version")),
    _field("versions", "Affects versions", "computed", _list("version")),
    _field("components", "Components", "computed", _list("component")),
    _field("security", "Security Level", "computed", {"type": "securitylevel"}),
)

KIND_OF_CUSTOM_TYPE: dict[str, tuple[str, dict[str, Any]]] = {
    "textfield": ("text", {"type": "string"}),
    "url": ("text", {"type": "string"}),
    "textarea": ("document", {"type": "string"}),
    "datepicker": ("date", {"type": "date"}),
    "datetime": ("moment", {"type": "datetime"}),
    "float": ("number", {"type": "number"}),
    "userpicker": ("user", USER),
    "labels": ("labels", _list("string")),
    "select": ("option", {"type": "option"}),
    "radiobuttons": ("option", {"type": "option"}),
    "multiselect": ("options", _list("option")),
    "multicheckboxes": ("options", _list("option")),
}
