"""The findings on people, spaces, webhooks and what was provisioned: the second half of the table in `catalogue`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connector.checks.findings import Kind, Severity

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

OF_PEOPLE_AND_PLACES: Final[Mapping[str, Mapping[str, Kind]]] = {
    "People": {
        "people-not-searchable": Kind(
            WARNING,
            "the permission Browse users and groups",
            "without it Jira finds nobody by e-mail and calls that success: owners are not assigned",
            "grant it to Tieout's account under global permissions, or give each person's `account_id` under `people`",
        ),
        "auditor-not-found": Kind(
            ERROR,
            "the account of {email}, auditor of {audit}",
            "no account shows this address (people may hide theirs); only a known account can accept or return",
            "correct the address, or give the person's `account_id` under `people` in the mapping file (it ends their "
            "profile's address)",
        ),
        "coordinator-not-found": Kind(
            ERROR,
            "the account of {email}, coordinator of {audit}",
            "no account shows this address (people may hide theirs); what the coordinator does would be nobody's",
            "correct the address, or give the person's `account_id` under `people` in the mapping file (it ends their "
            "profile's address)",
        ),
        "person-not-found": Kind(
            WARNING,
            "the account of {email}, {part}",
            "no account shows this address (people may hide theirs): nothing is assigned to them, nothing they do "
            "counts as theirs",
            "correct the address, or give the person's `account_id` under `people` in the mapping file (it ends their "
            "profile's address)",
        ),
        "person-ambiguous": Kind(
            ERROR,
            "the account of {email}, {part}",
            "{count} accounts show this address; Tieout does not guess which is meant",
            "give the right one's `account_id` under `people` in the mapping file",
        ),
        "person-inactive": Kind(
            WARNING,
            "the account of {email}, {part}",
            "it is deactivated: they cannot be assigned work, nor do it",
            "name somebody else, or activate the account",
        ),
        "account-id-unknown": Kind(
            ERROR,
            "the account id {account_id} of {email}",
            "the site knows no such account",
            "correct `account_id` under `people` in the mapping file (it ends the profile's address)",
        ),
        "owner-not-assignable": Kind(
            WARNING,
            "{email}, {part}",
            "they cannot be assigned issues of this project: theirs are made without an assignee, or refused",
            "add them to the project, or grant them the permission Assignable user",
        ),
        "auditor-not-in-space": Kind(
            ERROR,
            "{email}, auditor of {audit}",
            "they may not view the space, so they see no evidence and decide nothing",
            "invite them to the space, as a guest if they are from outside",
        ),
        "auditor-cannot-comment": Kind(
            ERROR,
            "{email}, auditor of {audit}",
            "they may not comment in the space; an auditor decides by comment",
            "grant them Add comments in the space's permissions",
        ),
        "guest-in-two-spaces": Kind(
            WARNING,
            "{email}",
            "they are a guest and auditor of {audits}, with spaces {spaces}; Confluence lets a guest into one only",
            "make them a full user, or let another of the firm do the other audit",
        ),
    },
    "Spaces": {
        "space-not-visible": Kind(
            ERROR,
            "the space",
            "Tieout's account does not see it: {said}",
            "create it, correct its key, or let Tieout's account see it",
        ),
        "space-archived": Kind(
            ERROR, "the space", "it is archived: its pages cannot be written", "restore it in the space's settings"
        ),
        "space-permission-missing": Kind(
            ERROR,
            "the permission to {operation} {target}s",
            "without it Tieout cannot keep pages in step",
            "let Tieout's account {operation} {target}s in the space's permissions",
        ),
        "space-without-home-page": Kind(
            NOTE, "the space's home page", "evidence pages are placed below it", "choose one in the space's settings"
        ),
    },
    "Webhooks": {
        "webhook-missing": Kind(
            WARNING,
            "Jira's webhook",
            "a secret for it is set, and none leads to {address}: Tieout hears of changes by asking only",
            "register it (README, 'Sooner, if you like: webhooks'), or unset the secret if none is wanted",
        ),
        "webhook-elsewhere": Kind(
            WARNING,
            "the webhook {webhook}",
            "it leads to {url}, and this is {address}: nothing arrives here",
            "correct the webhook's address, or TIEOUT_PUBLIC_URL",
        ),
        "webhook-disabled": Kind(
            WARNING, "the webhook {webhook}", "it is switched off: nothing arrives", "enable it under System › WebHooks"
        ),
        "webhook-unsigned": Kind(
            WARNING,
            "the webhook {webhook}",
            "it has no secret: what it brings is refused, for anybody could have sent it",
            "set a secret for it, and the same in TIEOUT_JIRA_WEBHOOK_SECRETS",
        ),
        "webhook-door-closed": Kind(
            WARNING,
            "the webhook {webhook}",
            "it leads here, and no secret is set here: what it brings is refused",
            "put the webhook's secret into TIEOUT_JIRA_WEBHOOK_SECRETS",
        ),
        "webhook-twice": Kind(
            WARNING,
            "the webhooks {webhook}",
            "they lead to the same address: everything arrives {count} times",
            "delete all but one under System › WebHooks",
        ),
        "webhook-events-missing": Kind(
            WARNING,
            "the webhook {webhook}",
            "it does not tell of {events}: Tieout hears of these by asking only",
            "tick these events of the webhook",
        ),
        "webhook-silent": Kind(
            WARNING,
            "Jira's webhook",
            "issues changed in Jira at {changed}, and {delivered}: changes are heard of by asking only",
            "look whether Jira reaches {address} (HTTPS with a public certificate), and whether the secrets agree",
        ),
        "public-address-unknown": Kind(
            NOTE,
            "Tieout's own address",
            "a secret for webhooks is set, and Tieout does not know where it is reached: whether one leads here is not "
            "looked at",
            "set TIEOUT_PUBLIC_URL",
        ),
    },
    "What was provisioned": {
        "provisioned-missing": Kind(
            WARNING,
            "the {kind} {title!r}",
            "somebody took it away: what it showed, or brought here, is missing",
            "`tieout provision --force` makes it again{meant}",
        ),
        "provisioned-altered": Kind(
            WARNING,
            "the {kind} {title!r}",
            "{reason}; it shows, or lets through, something else than it is for",
            "`tieout provision --force` puts it back; a filter or gadget of your own beside it does no harm",
        ),
        "provisioned-drifted": Kind(
            NOTE,
            "the {kind} {title!r}",
            "{reason}",
            "if it is meant, nothing; else `tieout provision --force` puts it back",
        ),
    },
}
