"""Creating issues, whatever the flavour of Jira: what is sent, what became of each, and what is found later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connector import jira_links
from connector.jira_memory import JiraMemory
from connector.jira_shapes import MARKER_PREFIX, Bean
from connector.refusals import Reply, SiteRefused, words
from connector.understood import MisuseError
from mappings.errors import FarSideError, Refused, Unclear
from mappings.far import Created, IssueDraft, NotCreated

TRANSIENT = (408, 429)
MOST_DRAFTS = 50


@dataclass(frozen=True)
class Making:
    """The calls that creating takes, in the words of one flavour: `send` a bulk create, `link` two issues; `element` is
    a draft without its link."""

    send: Callable[[list[dict[str, Any]]], Any]
    link: Callable[[dict[str, Any]], object]
    element: Callable[[IssueDraft], dict[str, Any]]
    memory: JiraMemory
    browse_url: str
    link_type: str | None

    def of(self, drafts: Sequence[IssueDraft]) -> list[Created | NotCreated]:
        """One call for at most 50 drafts, and a second for those of which only the link was refused.

        Refused for the whole call means that none was created.
        """
        if not 1 <= len(drafts) <= MOST_DRAFTS:
            raise MisuseError(f"expected 1 to {MOST_DRAFTS} drafts in a call, got {len(drafts)}; cut them into blocks")
        body = self._sent([self._element(draft) for draft in drafts])
        if isinstance(body, Refused):
            return [NotCreated(drafts[0].marker, str(body))]
        answers = outcomes(drafts, body, self.browse_url)
        linked = [self._linked(draft, answer) for draft, answer in zip(drafts, answers, strict=True)]
        return self._without_links(drafts, body, linked)

    def _linked(self, draft: IssueDraft, answer: Created | NotCreated) -> Created | NotCreated:
        """The same answer, with whether the link is there that its draft names."""
        if draft.link_to is None or isinstance(answer, NotCreated):
            return answer
        if self.link_type is None:
            return replace(answer, is_linked=False)
        is_given = self.memory.takes_links(draft)
        return replace(answer, is_linked=is_given or jira_links.was_drawn(self.link, self.link_type, draft, answer))

    def _element(self, draft: IssueDraft) -> dict[str, Any]:
        element = self.element(draft)
        if draft.link_to and self.link_type and self.memory.takes_links(draft):
            element["update"] = jira_links.given(self.link_type, draft.link_to)
        return element

    def _sent(self, elements: list[dict[str, Any]]) -> Any:
        """The answer to a bulk create: its body, also where all of it failed, or the refusal of a single element."""
        try:
            return self.send(elements)
        except SiteRefused as refused:
            if failed_elements(refused.body):
                return refused.body
            if len(elements) > 1:
                raise
            return refused

    def _without_links(
        self, drafts: Sequence[IssueDraft], body: Any, answers: list[Created | NotCreated]
    ) -> list[Created | NotCreated]:
        """The answers, with those created after all whose screen takes no links. Unclear when that stops half way."""
        refused = [drafts[n] for n, error in failed_elements(body).items() if jira_links.is_all_that_was_refused(error)]
        if not refused:
            return answers
        for draft in refused:
            self.memory.note_no_links(draft)
        try:
            again = {answer.marker: answer for answer in self.of(refused)}
        except FarSideError as error:
            raise Unclear(
                f"of {len(drafts)} issues {len(refused)} were to be created without their link: {error}"
            ) from error
        return [again.get(answer.marker, answer) for answer in answers]


class Sightings:
    """Issues seen with a wanted marker: those that own it (`made_for` tells the uid it was made
    for), and those that only have the label."""

    def __init__(self, markers: Collection[str], made_for: Callable[[Bean], str]) -> None:
        self._made_for = made_for
        self._owning: dict[str, set[str]] = {marker: set() for marker in markers}
        self._labelled: dict[str, set[str]] = {marker: set() for marker in markers}
        self.any = False

    def add(self, beans: Iterator[Bean] | list[Bean]) -> None:
        for bean in beans:
            self.any = True
            uid = self._made_for(bean)
            for marker in self._labelled.keys() & set(bean["fields"].get("labels") or ()):
                self._labelled[marker].add(bean["id"])
                if f"{MARKER_PREFIX}{uid}" == marker:
                    self._owning[marker].add(bean["id"])

    def unseen(self) -> set[str]:
        """Markers that no owner has been seen of."""
        return {marker for marker, ids in self._owning.items() if not ids}

    def by_marker(self) -> dict[str, tuple[str, ...]]:
        chosen = {marker: self._owning[marker] or ids for marker, ids in self._labelled.items()}
        return {marker: tuple(sorted(ids, key=int)) for marker, ids in chosen.items() if ids}


def failed_elements(body: object) -> dict[int, Bean]:
    """The failed elements of a bulk answer by their number."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return {}
    return {int(error["failedElementNumber"]): error for error in errors if "failedElementNumber" in error}


def outcomes(drafts: Sequence[IssueDraft], body: Any, browse_url: str) -> list[Created | NotCreated]:
    """Answers in the order of the drafts: issues come in that order with the failed ones left out."""
    failed = failed_elements(body)
    issues: list[Bean] = body.get("issues") or []
    if len(issues) + len(failed) != len(drafts) or any(_is_transient(error) for error in failed.values()):
        raise Unclear(
            f"Jira answered a bulk create of {len(drafts)} issues with {len(issues)} issues and {len(failed)} errors, "
            "some of them passing troubles or not told: look which exist"
        )
    created = iter(issues)
    return [
        NotCreated(draft.marker, _reason(failed[number]))
        if number in failed
        else _created(draft, next(created), browse_url)
        for number, draft in enumerate(drafts)
    ]


def _is_transient(error: Mapping[str, Any]) -> bool:
    status = int(error.get("status") or 400)
    return status >= 500 or status in TRANSIENT


def _reason(error: Bean) -> str:
    said = words(Reply(int(error.get("status") or 400), {}, error.get("elementErrors")))
    return said or "Jira refused it and did not say why"


def _created(draft: IssueDraft, bean: Bean, browse_url: str) -> Created:
    url = f"{browse_url}/browse/{bean['key']}" if browse_url else ""
    return Created(draft.marker, str(bean["id"]), bean["key"], url)
