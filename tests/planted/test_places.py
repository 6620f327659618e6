"""The faults that can be planted are about the source as it is."""

from __future__ import annotations

import pytest

from tests.planted.__main__ import ROOT
from tests.planted.faults import FAULTS, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_place_of_each_fault_stands_once_in_its_file_and_its_tests_exist(fault: Fault) -> None:
    assert (ROOT / fault.file).read_text("utf-8").count(fault.before) == 1
    assert (ROOT / fault.found_by.split()[0].partition("::")[0]).exists()
