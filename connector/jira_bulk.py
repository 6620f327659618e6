"""What became of issues that were created, whatever the flavour: the answer to a bulk call, and what is found later."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from connector.jira_shapes import MARKER_PREFIX, Bean
from connector.refusals import Reply, words
from mappings.errors import Unclear
from mappings.far import Created, IssueDraft, NotCreated

TRANSIENT = (408, 429)


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
