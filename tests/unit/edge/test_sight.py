"""What is known of a view, and what is forgotten when it was turned."""

from analytics.detections import Detections
from analytics.messages import IncidentKind
from analytics.zones import Zone
from edge.sight import Sight
from tests.lamp_camera import a_camera
from tests.scenes import START

SIZE = (640, 384)
ROAD = Zone.of("road", [(0, 0), (1, 0), (1, 1), (0, 1)])


def test_of_a_view_that_is_learnt_anew_each_tile_is_looked_at() -> None:
    sight = Sight.of(a_camera(), [ROAD], SIZE)
    tile = (IncidentKind.POTHOLE, (0, 0, *SIZE))
    sight.quiet.note(tile, Detections.none(), sight.background, START)
    assert sight.quiet.found(tile, sight.background, START) is not None

    sight.learn_anew()

    assert sight.quiet.found(tile, sight.background, START) is None
