"""Recorded data that lies beside the repository; what needs it is skipped where it is not."""

from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
GOLDEN = Path(__file__).parent / "golden"


def recorded(folder: str, pattern: str = "*") -> list[object]:
    """One parameter for each recorded file; a single skipped one when there are none."""
    files = sorted((CORPUS / folder).glob(pattern))
    if not files:
        reason = f"../shared is not here: no {folder}/{pattern} in {CORPUS}"
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(path, id=path.name) for path in files]
