"""What is known of a view, and what is forgotten when it was turned."""

import numpy as np

from analytics.detections import Detections
from analytics.messages import IncidentKind
from analytics.zones import Zone
from edge.sight import Sight
from tests.lamp_camera import a_camera
from tests.scenes import NO_BOXES, START, at, some_detections

SIZE = (640, 384)
ROAD = Zone.of("road", [(0, 0), (1, 0), (1, 1), (0, 1)])


def test_of_a_view_that_is_learnt_anew_each_tile_is_looked_at() -> None:
    sight = Sight.of(a_camera(), [ROAD], SIZE)
    tile = (IncidentKind.POTHOLE, (0, 0, *SIZE))
    sight.quiet.note(tile, Detections.none(), sight.background, START)
    assert sight.quiet.found(tile, sight.background, START) is not None

    sight.learn_anew()

    assert sight.quiet.found(tile, sight.background, START) is None


def test_what_stood_for_hours_before_the_view_was_turned_hides_its_ground_no_more() -> None:
    sight = Sight.of(a_camera(), [ROAD], SIZE)
    box = (100.0, 100.0, 200.0, 180.0)
    standing = some_detections([box])

    def is_hidden(minute: float, *, is_open: bool = False) -> bool:
        there = np.array([box], np.float32) if is_open else NO_BOXES
        hidden = sight.hidden.look(standing, at(60 * minute), open_boxes=there, near_boxes=there)
        return bool(hidden.any())

    assert is_hidden(0)
    assert not [is_hidden(number / 4) for number in range(8 * 61)][-1]

    sight.learn_anew()

    assert not is_hidden(300, is_open=True), "it would be as long as it is open"
