"""Which headings mean which column: the words seen on request lists, as data.

Sources: the templates and exports condensed in the audit practice notes, section 5.1. Ranks say how surely a heading
means its column: where two headings of one list mean the same, the better rank (the lower number) has it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Column(StrEnum):
    """What a column can mean, in the register's words."""

    NUMBER = "number"
    TITLE = "title"
    DESCRIPTION = "description"
    CRITERIA = "criteria"
    CONTROLS = "controls"
    CATEGORY = "category"
    REQUEST_TYPE = "request_type"
    PERIOD = "period"
    PERIOD_START = "period_start"
    PERIOD_END = "period_end"
    SAMPLE = "sample"
    PARENT_REQUEST = "parent_request"
    TEAM = "team"
    OWNER = "owner"
    REVIEWER = "reviewer"
    AUDITOR_CONTACT = "auditor_contact"
    REQUESTED_ON = "requested_on"
    AUDITOR_DUE_ON = "auditor_due_on"
    PRIORITY = "priority"
    STATUS = "status"
    INTERNAL_STATUS = "internal_status"
    AUDITOR_STATUS = "auditor_status"
    EVIDENCE_ID = "evidence_id"
    EVIDENCE_LINK = "evidence_link"
    SYSTEM = "system"
    FREQUENCY = "frequency"
    FORMAT = "format"
    SUBMITTED_ON = "submitted_on"
    ACCEPTED_ON = "accepted_on"
    RETURN_REASON = "return_reason"
    NOTES = "notes"
    RESPONSE = "response"
    NA_REASON = "na_reason"
    ROUND = "round"
    JIRA_KEY = "jira_key"


class Meaning(NamedTuple):
    column: Column
    rank: int
    """1: surely; 2: usually; 3: only where nothing better is there."""


_SYNONYMS: Mapping[Column, tuple[str, ...]] = {
    # One line of words for each rank, best first.
    Column.NUMBER: (
        "Request ID|Request #|Request No|Request Number|PBC ID|PBC #|PBC No|IRL #|IRL ID|DRL #|DRL ID|RFI #|Unique ID",
        "ID|#|No.|Nr|Number|Req ID|Req #|Item #|Item No|Item Number|Auditor Ref|Auditor Reference|Auditor Reference ID",
        "Ref|Ref #|Ref No|Reference|Reference ID|Reference #|Item",
    ),
    Column.TITLE: (
        "Title|Summary|Request|Request title|Request name|Subject",
        (
            "PBC Item|Item description (short)|Short description|Artifact|Artifact Description|Evidence requested"
            "|Information requested|Document requested|Documents requested|Evidence name"
        ),
        "Item|Item description|Document|Name|Evidence",
    ),
    Column.DESCRIPTION: (
        (
            "Description|Details|Detail|Request description|Request detail|Request details|Evidence description"
            "|Additional details|What is needed"
        ),
        "Instructions|Information requested|Evidence requested|Item description|Guidance",
        "",
    ),
    Column.CRITERIA: (
        "Criteria|TSC|TSC Ref|TSC Reference|TSC Criteria|TSP|Trust Services Criteria|Common criteria|Criteria ref",
        "CC|SOC 2 criteria|Framework codes|Requirement|Requirements",
        "Framework",
    ),
    Column.CONTROLS: (
        "Control ID|Control IDs|Control #|Control ref|Control reference|Control number",
        "Control|Controls|Related control|Related controls",
        "Control or topic|Control activity",
    ),
    Column.CATEGORY: ("Category", "Area|Domain|Section|Topic|Process", "Workstream"),
    Column.REQUEST_TYPE: ("Request type|Population/Sample|Pop/Sample|P/S", "Type|Evidence type", "Kind"),
    Column.PERIOD: ("Period|Audit period|Testing period|Period covered|Date range|Timeframe", "As of|As-of date", ""),
    Column.PERIOD_START: ("Period start|Period from|Start of period", "From|Start date", ""),
    Column.PERIOD_END: ("Period end|Period to|End of period", "To|End date", ""),
    Column.SAMPLE: ("Sample|Sample size|Samples requested", "Selections|Sample ID|Selection #", ""),
    Column.PARENT_REQUEST: ("Parent|Parent request|Population ref", "Related request|Follow-up to", ""),
    Column.TEAM: ("Team|Owner team|Responsible team", "Department|Group", "Function"),
    Column.OWNER: (
        "Owner|Assignee|Assigned to|Client owner|Request owner|Responsible|Responsible party|Responsible person",
        "Client user|POC|Contact|Custodian|Preparer|Provided by|Client contact",
        "Control owner",
    ),
    Column.REVIEWER: ("Reviewer|Internal reviewer", "Approver|Second reviewer", ""),
    Column.AUDITOR_CONTACT: ("Auditor|Audit contact", "Requested by|Requestor|Requester|Firm user", ""),
    Column.REQUESTED_ON: ("Date requested|Request date|Requested on", "Issued|Created", ""),
    Column.AUDITOR_DUE_ON: (
        "Due|Due date|Due by|Due on|Needed by|Date needed|Date due|Auditor due date",
        "Deadline|Target date",
        "",
    ),
    Column.PRIORITY: ("Priority|Prio", "Urgency|Criticality|Importance", "Tier"),
    Column.STATUS: ("Status|State|Request status", "Delivered?|Received?|Complete?|Provided?", ""),
    Column.INTERNAL_STATUS: ("Internal status|Client status|Our status", "", ""),
    Column.AUDITOR_STATUS: ("Auditor status|Audit status|Firm status", "Review status", ""),
    Column.EVIDENCE_ID: ("Evidence ID|EVD", "", ""),
    Column.EVIDENCE_LINK: ("Evidence link|Link to evidence", "Link|URL|Location|Folder|Path|File name", ""),
    Column.SYSTEM: ("System|System/Tool|Source system|Application", "Source", ""),
    Column.FREQUENCY: ("Frequency|Cadence|Recurrence", "Collection interval|Review frequency", ""),
    Column.FORMAT: ("Format|File type|Expected format", "", ""),
    Column.SUBMITTED_ON: ("Submitted|Date submitted|Submitted date|Submitted on", "Date provided|Date received", ""),
    Column.ACCEPTED_ON: ("Accepted|Date accepted|Accepted date|Accepted on", "Closed date", ""),
    Column.RETURN_REASON: (
        "Auditor comments|Auditor notes|Auditor comment|Return reason",
        "Follow-up|Follow-up notes|Feedback|Reviewer notes",
        "",
    ),
    Column.NOTES: ("Notes|Comments|Comment|Remarks", "Client comments", ""),
    Column.RESPONSE: ("Response|Client response|Our response", "", ""),
    Column.NA_REASON: ("N/A reason|Reason not applicable", "", ""),
    Column.ROUND: ("Round|Wave|Batch|Tranche", "", ""),
    Column.JIRA_KEY: ("Jira|Jira key|Jira issue|Issue key", "Ticket|Issue", ""),
}


DATES = (Column.AUDITOR_DUE_ON, Column.PERIOD, Column.PERIOD_START, Column.PERIOD_END)
"""Columns whose dates are read; those of other columns are kept as they came."""

WRITTEN_BACK = (
    Column.STATUS,
    Column.INTERNAL_STATUS,
    Column.AUDITOR_STATUS,
    Column.SUBMITTED_ON,
    Column.ACCEPTED_ON,
    Column.EVIDENCE_LINK,
    Column.RESPONSE,
)
"""Columns that Tieout fills when the list goes back: what they say of a known request changes nothing."""

KEPT = (
    Column.PARENT_REQUEST,
    Column.AUDITOR_CONTACT,
    Column.REQUESTED_ON,
    Column.EVIDENCE_ID,
    Column.FORMAT,
    Column.RETURN_REASON,
    Column.NOTES,
    Column.NA_REASON,
    Column.ROUND,
)
"""Columns that are known but have no place of their own in the register: kept word for word, like unknown ones."""


def header_key(header: str) -> str:
    """A heading as it is compared: letters, digits and # alone, so case, blanks and punctuation do not matter."""
    return "".join(c for c in unicodedata.normalize("NFKC", header).casefold() if c.isalnum() or c == "#")


def _by_key() -> Mapping[str, tuple[Meaning, ...]]:
    found: dict[str, list[Meaning]] = {}
    for column, ranks in _SYNONYMS.items():
        for rank, words in enumerate(ranks, 1):
            for word in filter(None, words.split("|")):
                found.setdefault(header_key(word), []).append(Meaning(column, rank))
    return MappingProxyType({key: tuple(sorted(meanings, key=lambda m: m.rank)) for key, meanings in found.items()})


MEANINGS: Mapping[str, tuple[Meaning, ...]] = _by_key()
"""Every known heading, by `header_key`, to what it may mean, likeliest first."""
