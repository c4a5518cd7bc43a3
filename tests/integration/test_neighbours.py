"""Cameras that misbehave beside others that do not: the short form of `python -m scripts.soak`."""

from pathlib import Path

import pytest

from scripts.soak.neighbours import minutes
from tests.footage import Segment, write_clip

pytestmark = pytest.mark.integration


def test_cameras_that_stall_drop_and_send_garbage_cost_the_others_no_look(tmp_path: Path) -> None:
    film = write_clip(tmp_path / "film.mp4", [Segment(0.5, 4)], fps=25, gop=25)
    seen = list(
        minutes(
            tmp_path / "edge",
            cameras=8,
            faults="stall=1,drop=1,flap=1,garbage=1",
            count=2,
            minute_s=5.0,
            films=[film],
        )
    )

    assert seen[0].looks > 0
    assert seen[1].looks > seen[0].looks
    assert [minute.missed for minute in seen] == [0, 0]
    assert [minute.reconnects for minute in seen] == [0, 0]
