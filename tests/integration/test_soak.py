from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from analytics.detections import Detections
from analytics.frames import Frame, Image
from edge.camera_config import CameraSettings
from edge.pipeline import CameraPipeline
from edge.view_config import ZoneSettings
from edge.views import UncheckedView
from models.manifest import Manifest, find_manifest, load_manifest
from tests.scenes import Box, at, some_detections

pytestmark = pytest.mark.integration

ROAD = ((0.0, 0.2), (1.0, 0.2), (1.0, 1.0), (0.0, 1.0))


class ScriptedDetector:
    """A detector that sees three vehicles in every picture, never where they were before."""

    manifest: Manifest = load_manifest(find_manifest("traffic"))

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def detect(self, image: Image) -> Detections:
        height, width = image.shape[:2]
        places = self._random.uniform((0, 0), (width - 8, height - 5), (3, 2)).tolist()
        boxes: Sequence[Box] = [(x, y, x + 8, y + 5) for x, y in places]
        return some_detections(boxes)


def resident_bytes() -> int:
    """Return the memory of this process that is in use, from the kernel's own account."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
@pytest.mark.timeout(300)
def test_memory_is_flat_over_100_000_frames_of_ever_new_tracks() -> None:
    camera = CameraSettings(
        camera="soak",
        name="Soak",
        zones=(ZoneSettings(zone="road", name="Road", polygon=ROAD),),
    )
    pipeline = CameraPipeline(
        "soak", camera, ScriptedDetector(), lambda _: None, view=UncheckedView(), software="0.1.0"
    )
    image = np.zeros((180, 320, 3), np.uint8)

    def feed(first: int, last: int) -> None:
        for number in range(first, last):
            pipeline.look(Frame(image, at(number / 10), number / 10, number))

    feed(0, 10_000)
    before = resident_bytes()
    feed(10_000, 100_000)
    grown_bytes = resident_bytes() - before
    assert pipeline.looks == 100_000
    assert grown_bytes < 2_000_000
