"""What people say on issues and pages: comments that travel, and commands among them.

Each comment is heard once (the register knows its id). Whoever asks for something gets one short answer where it was
asked, whatever the outcome.
"""

from __future__ import annotations

from .commands import Command, Verb, read_command
from .context import AuditContext, Family, Intake
from .far import RemoteComment
from .issue_commands import obey_on_issue
from .lifecycle import is_settled
from .page_commands import obey_on_page
from .records import Comment, LinkRole, Record, Role, Side, Visibility
from .records import uid_for as uid_for
from .standing import roles_in

_FOR_OWNERS = frozenset({Verb.QUESTION, Verb.ANSWER, Verb.NOT_APPLICABLE, Verb.ESCALATE})
"""An auditor's commands whose words the owners need. Of the others what came of them is told: an `accept` that was
refused must not stand on a card as if it had been one."""


def hear_on_issue(record: Record, heard: RemoteComment, family: Family, ctx: AuditContext) -> Intake:
    """A comment on an issue: kept inside the company unless it is marked for the auditor."""
    text, visibility = _as_meant(heard, ctx)
    command = None if heard.is_restricted else read_command(text, today=ctx.today)
    is_question = isinstance(command, Command) and command.verb is Verb.QUESTION
    if is_question and roles_in(family, record, heard.author, ctx):
        visibility = Visibility.AUDITOR
    copies = ((family.request.uid, LinkRole.PAGE),) if visibility is Visibility.AUDITOR else ()
    comment = _comment(record.uid, Side.JIRA, heard, text, visibility)
    intake = Intake(family, comments=((comment, copies),))
    if not isinstance(command, Command):
        return intake
    return intake.then(obey_on_issue(record, comment, command, family, ctx))


def _as_meant(heard: RemoteComment, ctx: AuditContext) -> tuple[str, Visibility]:
    """The words without the mark that is for us, and who may read them. What Jira restricts, or is empty, stays."""
    prefix = ctx.rule.auditor_comment_prefix
    said = heard.text[len(prefix) :].strip()
    if heard.is_restricted or not said or not heard.text.lower().startswith(prefix.lower()):
        return heard.text, Visibility.INTERNAL
    return said, Visibility.AUDITOR


def hear_on_page(
    heard: RemoteComment, family: Family, ctx: AuditContext, page_version: int, *, is_text_same: bool = True
) -> Intake:
    """A comment on an evidence page: carried to the issues, and obeyed when it is an auditor's decision.

    `is_text_same` tells whether people have left the page's text alone since it was said."""
    command = read_command(heard.text, today=ctx.today)
    targets = [family.request, *(task for task in family.tasks if not is_settled(task.kind, task.status))]
    is_auditor = Role.AUDITOR in roles_in(family, family.request, heard.author, ctx)
    travels = not (is_auditor and command is not None and command.verb not in _FOR_OWNERS)
    copies = tuple((target.uid, LinkRole.ISSUE) for target in targets) if travels else ()
    comment = _comment(family.request.uid, Side.CONFLUENCE, heard, heard.text, Visibility.AUDITOR)
    intake = Intake(family, comments=((comment, copies),))
    if command is None:
        return intake
    return intake.then(obey_on_page(heard, command, family, ctx, page_version, is_text_same=is_text_same))


def _comment(record: str, side: Side, heard: RemoteComment, text: str, visibility: Visibility) -> Comment:
    return Comment(
        uid=uid_for("comment", side, heard.id),
        record=record,
        side=side,
        origin_id=heard.id,
        author=heard.author,
        author_name=heard.author_name,
        visibility=visibility,
        text=text,
        said_at=heard.created_at,
    )
