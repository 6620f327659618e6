"""Pages other programs write: each is taken, and comes back byte for byte."""

from pathlib import Path

import pytest

from connector.sandbox.confluence import editor, storage
from connector.sandbox.confluence.state import Space
from tests.connector.sandbox.confluence.conftest import Visitor

# Files that are not well-formed storage format, with the reason.
NOT_STORAGE: dict[str, str] = {}


@pytest.fixture
def recorded() -> list[Path]:
    folder = Path(__file__).parents[4] / ".." / "shared" / "corpus" / "confluence_pages"
    if not folder.is_dir():
        pytest.skip("../shared is not here: no recorded pages to send")
    return sorted(folder.iterdir())


def test_every_recorded_page_comes_back_byte_for_byte(dana: Visitor, space: Space, recorded: list[Path]) -> None:
    taken = [path for path in recorded if path.name not in NOT_STORAGE]
    assert len(taken) > 50
    for path in taken:
        body = path.read_bytes().decode()
        page = dana.create(space, path.name, body)
        assert dana.body_of(page["id"]).encode() == path.read_bytes(), path.name


def test_every_recorded_page_survives_the_editor_with_its_words(recorded: list[Path]) -> None:
    for path in recorded:
        body = path.read_bytes().decode()
        saved = editor.saved_by_editor(body, lambda: "id")
        assert storage.plain_text(saved).split() == storage.plain_text(body).split(), path.name
        assert editor.saved_by_editor(saved, lambda: "id") == saved, path.name
