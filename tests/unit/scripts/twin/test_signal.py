"""The signal's programmes against what the demo's cameras are told about them."""

from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

import scripts.twin.traffic
from scripts.twin.world import SIGNAL_CYCLE_S

PROGRAMMES = sorted((Path(scripts.twin.traffic.__file__).parent / "network").glob("*.tll.xml"))


@pytest.mark.parametrize("programme", PROGRAMMES, ids=lambda file: file.name)
def test_no_cycle_is_longer_than_what_a_jam_must_outlast(programme: Path) -> None:
    phases = [float(phase.attrib["duration"]) for phase in parse(programme).iter("phase")]

    assert 0 < sum(phases) <= SIGNAL_CYCLE_S
