"""Mirror images of actors in the wet ground, smeared up and down as its rough surface does it."""

from collections.abc import Iterable

from scripts.twin.render.device import device
from scripts.twin.render.painter import Lighting, Painter
from scripts.twin.render.placement import Placed

STEPS_PX = (1.0, 4.0)
"""Between the nine samples of the first and the second smear, in a picture 360 pixels high."""


class Reflections:
    """What the wet ground mirrors, at the film's size.

    Attributes
    ----------
    near, far
        Targets with a short and with a long smear: what is close to the ground stays sharper.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.near = device().target(size, 4)
        self.far = device().target(size, 4)
        self._sharp = device().target(size, 4, depth=True)
        self._program = device().program("screen.vert", "smear.frag")

    def draw(
        self, painter: Painter, all_placed: Iterable[Placed], lighting: Lighting, *, most: float
    ) -> None:
        """Draw the mirror images of one frame, no pixel brighter than ``most``."""
        self._sharp.start()
        painter.paint_mirrored(all_placed, lighting)
        device().state()
        passes = ((self._sharp, self.near), (self.near, self.far))
        for (image, smeared), step in zip(passes, STEPS_PX, strict=True):
            smeared.start()
            image.bind(0)
            self._program.set(image=0, step_px=step * smeared.size[1] / 360, most=most)
            self._program.fill()
