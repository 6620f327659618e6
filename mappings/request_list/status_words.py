"""What the status columns of a list are worth: where a new request begins, and what is kept as a remark.

Only an auditor accepts. So the word counts from a column that can be the auditor's, and only when the importer says
that the list comes from the auditor's hands; a column of the company's own never yields it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mappings.records import RequestStatus

from .findings import Level
from .options import ImportOptions
from .row_reader import RowReader
from .rows import StatusWord
from .synonyms import Column
from .words import STATUSES_BY_COLUMN, meaning

_BEGINS = (RequestStatus.DRAFT, RequestStatus.ACCEPTED, RequestStatus.NOT_APPLICABLE, RequestStatus.WITHDRAWN)
"""Words of a list in which a request may begin; everything between needs evidence that Tieout has not seen."""


def first_status(reader: RowReader, options: ImportOptions) -> tuple[str, bool, tuple[StatusWord, ...]]:
    """Where a new request begins, whether that is the list's word alone, and all words on its progress.

    The auditor's column speaks first, then the one that says not whose it is, then the company's own.
    """
    words: list[StatusWord] = []
    begins = ""
    for column in (Column.AUDITOR_STATUS, Column.STATUS, Column.INTERNAL_STATUS):
        word = _status_word(reader, column, options)
        if word:
            words.append(word)
        if word and not word.why_left_out:
            is_own_na = column == Column.INTERNAL_STATUS and word.status == RequestStatus.NOT_APPLICABLE
            begins = begins or (RequestStatus.OPEN if is_own_na else word.status)
    status = RequestStatus(begins) if begins in _BEGINS else RequestStatus.OPEN
    return status, status not in (RequestStatus.OPEN, RequestStatus.DRAFT), tuple(words)


def _status_word(reader: RowReader, column: Column, options: ImportOptions) -> StatusWord | None:
    heading = reader.layout.heading(column)
    text = reader.raw(column)
    if heading is None or not isinstance(text, str):
        return None
    status = meaning(STATUSES_BY_COLUMN[column], text)
    if status is None:
        reader.tell(Level.WARNING, heading, "The word for the state is not known; it is left out", came=text)
        return None
    return StatusWord(heading.header, heading.letter, text, status, _why_left_out(column, status, options))


def _why_left_out(column: Column, status: str, options: ImportOptions) -> str:
    if status != RequestStatus.ACCEPTED:
        return ""
    if column == Column.INTERNAL_STATUS:
        return "only an auditor accepts, and this column is the company's own"
    if not options.source_is_auditor:
        return "only an auditor accepts, and it was not said that this list comes from the auditor"
    return ""


def remarks(reader: RowReader, words: Sequence[StatusWord]) -> tuple[str, ...]:
    """What the list says of progress made before Tieout: kept as text, never taken for a state."""
    plain = (RequestStatus.OPEN, RequestStatus.DRAFT)
    states = [f"{w.header}: {w.word}" for w in words if w.status not in plain and not w.why_left_out]
    progress = (Column.SUBMITTED_ON, Column.ACCEPTED_ON, Column.EVIDENCE_LINK, Column.RESPONSE)
    return (*states, *(f"{header}: {text}" for header, text in reader.kept(progress).items()))
