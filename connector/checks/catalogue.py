"""Every finding there is, as data: the one table that checks, alerts, tests and docs/when-check-says.md read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connector.checks.catalogue_people import OF_PEOPLE_AND_PLACES
from connector.checks.findings import Finding, Kind, Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

SUBJECTS: Final[Mapping[str, Mapping[str, Kind]]] = {
    "The site and signing in": {
        "site-unreachable": Kind(
            ERROR,
            "the site",
            "it does not answer: {said}",
            "look whether `url` in the mapping file is right and the site is up, then check again",
        ),
        "sign-in-failed": Kind(
            ERROR,
            "signing in",
            "{said}",
            "make a new API token for Tieout's account and put it where the old one is; a token with scopes needs "
            '`auth = "scoped"` and the site\'s `cloud_id`, one without `auth = "token"`; Data Center needs '
            '`flavour = "dc"`, `auth = "pat"` and a personal access token',
        ),
        "product-closed": Kind(
            ERROR,
            "access to the product",
            "Tieout's account is known and not let in: {said}",
            "give Tieout's account access to the product (a licence) in the site's user administration",
        ),
        "insecure-address": Kind(
            WARNING, "https", "the token travels unencrypted to {url}", "give the address with https"
        ),
        "site-is-another": Kind(
            WARNING,
            "the address of the site",
            "the mapping file says {url}, and the site itself says that it is {base_url}",
            "correct `url`, or `cloud_id` where that is another site's; links people click lead to `url`",
        ),
        "token-expired": Kind(
            ERROR,
            "the token",
            "by the mapping file it expired on {day}; once it does, nothing is synced",
            "make a new token and put it where the old one is; if that was done, correct `token_expires_on`",
        ),
        "token-expires-this-week": Kind(
            WARNING,
            "the token",
            "it expires on {day}, in {days} days; from then on nothing is synced",
            "make a new token now, put it where the old one is and correct `token_expires_on`",
        ),
        "token-expires-soon": Kind(
            WARNING,
            "the token",
            "it expires on {day}, in {days} days; from then on nothing is synced",
            "plan a new token, put it where the old one is and correct `token_expires_on`",
        ),
        "token-expiry-unknown": Kind(
            NOTE,
            "the token's last day",
            "an API token ends after a year at most, and no call tells when",
            "set `token_expires_on` for this connection in the mapping file: Tieout warns 30 and 7 days before",
        ),
        "account-has-another-role": Kind(
            ERROR,
            "Tieout's own account {account}",
            "it is the {part} of audit {audit} too: what that person does would be taken for Tieout's own writing",
            "give Tieout an account of its own, best a service account",
        ),
        "account-is-a-customer": Kind(
            ERROR,
            "Tieout's own account {account}",
            "it is a service desk customer's account, which cannot work on issues",
            "use an Atlassian account or a service account with a Jira licence",
        ),
        "clock-skew": Kind(
            WARNING,
            "the clock",
            "this machine's clock is {seconds} s {way} the site's: due dates and escalations fall on the wrong moment",
            "let this machine's clock be set by NTP",
        ),
        "rate-limit-near": Kind(
            WARNING,
            "the site's rate limit",
            "the site says that less than a fifth of it is left: {said}",
            "look what else uses this account or site; Tieout itself leaves out all but live work meanwhile",
        ),
        "rate-limit-reached": Kind(
            WARNING,
            "the site's rate limit",
            "the site refused to be asked more: {said}",
            "wait, then check again; if it stays so, look what else uses this account",
        ),
        "not-asked": Kind(
            NOTE,
            "{subject}",
            "the site does not answer this to Tieout's account: {said}",
            "{mend}",
        ),
    },
    "Projects and issue types": {
        "project-not-visible": Kind(
            ERROR,
            "the project",
            "Tieout's account does not see it: {said}",
            "create it, correct its key, or give Tieout's account the permission Browse projects",
        ),
        "project-permission-missing": Kind(
            ERROR,
            "the permission {permission}",
            "without it Tieout cannot keep issues in step",
            "grant {permission} to Tieout's account in the project's permission scheme",
        ),
        "issue-type-missing": Kind(
            ERROR,
            "the issue type {issue_type}",
            "the project has {there}",
            "name one of these as {place} in the mapping file, or add the type to the project",
        ),
        "sub-task-misplaced": Kind(
            ERROR,
            "the issue type {issue_type}",
            "it is a sub-task's, which only tasks in the audit's own project can be",
            "name another type as {place} in the mapping file",
        ),
        "parent-not-found": Kind(
            ERROR,
            "the issue {parent}",
            "new issues of type {issue_type} are to be made under it, and Tieout's account does not see it",
            "correct `parent` in the mapping file, or let Tieout's account see the issue",
        ),
        "flag-field-missing": Kind(
            NOTE,
            "the field Flagged",
            "this site has none: escalations show as a label and a priority only",
            "nothing, or install a Jira Software project",
        ),
        "link-type-missing": Kind(
            WARNING,
            "the link types",
            "there is neither a type Tieout nor Relates, so tasks are not linked to their request's issue",
            "an administrator makes a link type named Tieout under Issues › Issue linking",
        ),
    },
    "Fields and screens": {
        "required-field-unfilled": Kind(
            ERROR,
            "the required field {field} ({id})",
            "Jira asks for it when an issue of type {issue_type} is made, and nothing fills it: none can be made",
            "give it a value under {place} in the mapping file, or make it optional in the project's field "
            "configuration",
        ),
        "required-field-may-be-empty": Kind(
            WARNING,
            "the required field {field} ({id})",
            "Jira asks for it when an issue of type {issue_type} is made, and records without one exist: these cannot",
            "give a value for want of a better under {place} in the mapping file, or make the field optional",
        ),
        "field-off-create-screen": Kind(
            ERROR,
            "the field {field}",
            "it is not on the create screen of {issue_type}: Jira refuses issues that carry it",
            "put {field} on the project's create screen",
        ),
        "field-off-edit-screen": Kind(
            ERROR,
            "the field {field}",
            "it cannot be edited on issues of type {issue_type} (looked at {issue}): changes to it do not arrive",
            "put {field} on the project's edit screen",
        ),
        "constant-off-screen": Kind(
            ERROR,
            "the constant for {id}",
            "the mapping file fills it under {place}, and it is not on the create screen of {issue_type}: Jira refuses "
            "issues that carry it",
            "put the field on the create screen, correct its id, or take it out of the mapping file",
        ),
        "constant-not-allowed": Kind(
            ERROR,
            "the constant for {field} ({id})",
            "{value} is not among its choices: {allowed}",
            "give one of these under {place} in the mapping file",
        ),
    },
    "Statuses and workflows": {
        "status-map-broken": Kind(
            ERROR,
            "a status for each state of a {kind}",
            "{said}",
            "say which status it is under `[status.{project}.{kind}]` in the mapping file",
        ),
        "status-renamed": Kind(
            ERROR,
            "the status {status}",
            "the mapping file names it under {places} for {states}, and the project has no status of that name{told}; "
            "until then the project's issues of that kind wait, and all else goes on",
            "{mend}",
        ),
        "transition-status-unknown": Kind(
            WARNING,
            "the status {status}",
            "the mapping file gives fields for the way into it, and the project has no such status; it has {there}",
            "correct the name under `[status.{project}.transition_fields]`",
        ),
        "status-unreachable": Kind(
            ERROR,
            "a way to {status}",
            "from {start}, where issues of type {issue_type} begin, no way leads there that avoids a done status: "
            "nothing can ever be shown as {states}",
            "add a transition to the workflow, or show {states} as another status under `[status.{project}.{kind}]`",
        ),
        "transition-unreachable": Kind(
            WARNING,
            "a way to {status}",
            "no way leads there from {sources} that avoids a done status: a card that is to go back there stays and "
            "its record is told as out of step",
            "add a transition from there to the workflow, or show {states} as another status under "
            "`[status.{project}.{kind}]`",
        ),
        "transition-field-unfilled": Kind(
            ERROR,
            "the field {field} ({id}) on the way to {status}",
            "the step {step} asks for it ({path}), and nothing fills it: the move is refused",
            'give it a value under `[status.{project}.transition_fields]`: "{status}" = {{ {id} = … }}, or take it '
            "off that screen",
        ),
        "workflow-not-known": Kind(
            NOTE,
            "the workflow of {issue_type}",
            "{said}, and no issue stands in {statuses} yet: whether all ways are there shows when issues move",
            "{mend}",
        ),
    },
    **OF_PEOPLE_AND_PLACES,
}

KINDS: Final[Mapping[str, Kind]] = {name: kind for kinds in SUBJECTS.values() for name, kind in kinds.items()}


def found(name: str, where: str, **words: object) -> Finding:
    """A finding of a kind, with its words filled in."""
    kind = KINDS[name]
    what, why, mend = (text.format(**words) for text in (kind.what, kind.why, kind.mend))
    return Finding(name, kind.severity, what, where, why, mend)
