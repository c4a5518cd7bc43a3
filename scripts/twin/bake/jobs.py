"""What is baked: for the films, and for pictures to train detectors on."""

from dataclasses import dataclass

from scripts.twin.plates import PLATE_SIZE, light_layers
from scripts.twin.world import TRAINING_CAMERAS

SAMPLES = 8
"""Samples a pixel; more hardly show, because each light is denoised by itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is baked.

    Attributes
    ----------
    camera, wet
        A key of ``world.CAMERAS``, and whether its ground is wet.
    lights
        Layers, all where none is named.
    samples, scale
        Samples a pixel and light, and the plates' size as a share of ``PLATE_SIZE``.
    """

    camera: str
    wet: bool
    lights: tuple[str, ...] = ()
    samples: int = SAMPLES
    scale: float = 1.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the plates, pixels."""
        return round(PLATE_SIZE[0] * self.scale), round(PLATE_SIZE[1] * self.scale)


NEEDED = (
    Job("street", wet=False),
    Job("corner", wet=True, lights=("sky", "lamps", "windows"), scale=0.5),
    Job("corner", wet=False, lights=("sun", "sky"), scale=0.5),
    Job("south-turned", wet=False, lights=("sun", "sky"), scale=0.5),
    Job("south", wet=False),
)
"""What the films need: the lights of their looks, and half the size where all films are small."""

TRAINING = tuple(
    # Under rain clouds there is no sun.
    Job(camera.name, wet=wet, lights=light_layers(camera.street)[wet:], scale=0.5)
    for camera in TRAINING_CAMERAS
    for wet in (False, True)
)
"""What pictures to train detectors on need."""
