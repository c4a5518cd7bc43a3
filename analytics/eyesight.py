"""Whether a view shows enough to look for what does not move: light, and pixels on the thing."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.background import Background
from analytics.detections import BoolArray
from analytics.likeness import thumbs
from analytics.messages import Quality, QualityLevel, QualityReason

NIGHT_LEVEL: Final = 45.0
"""Median grey level of the ground under which nothing is looked for."""
DUSK_LEVEL: Final = 70.0
"""Under this, what is found waits for an operator."""
STEADY_NOISE: Final = 3.2
"""Grey levels from which on the same. Measured: 3.5 by night under street lamps and 4.4 with rain,
both simulated; 1.2 to 2.8 by day on six real and eight simulated films, rain among them."""
LEAST_PX: Final = 14.0
"""Width under which a box is not believed."""
CLEAR_PX: Final = 25.0
"""Width from which on a thing is found as a rule."""
READY_SHARE: Final = 0.6
"""Share of a zone's ground that must be known for an inspection to begin."""


@dataclass(frozen=True, slots=True)
class Eyesight:
    """How well a zone can be seen.

    Attributes
    ----------
    level
        Median grey level of its ground, 0 to 255; 0 while too little of it is known.
    known
        Share of its ground that is known, 0 to 1.
    noise
        Grey levels that a pixel of it is off from look to look.
    """

    level: float
    known: float
    noise: float

    @classmethod
    def of(cls, background: Background) -> "Eyesight":
        """Return how well a background can be seen."""
        known = background.known
        share = float(known.mean()) if len(known) else 0.0
        # Asked at every look until enough is known: no more work than that.
        level = brightness(background, known) if share >= READY_SHARE else 0.0
        return cls(level, share, background.noise)

    @property
    def is_known(self) -> bool:
        """Whether enough of the ground is known to tell."""
        return self.known >= READY_SHARE

    @property
    def is_dark(self) -> bool:
        """Whether it is known to be too dark to look for anything."""
        return self.is_known and self.level < NIGHT_LEVEL

    @property
    def is_enough(self) -> bool:
        """Whether anything is worth looking for."""
        return self.is_known and self.level >= NIGHT_LEVEL

    def quality(self, width_px: float) -> Quality:
        """Return how far a thing that is so many pixels wide can be trusted."""
        reasons = []
        if self.level < DUSK_LEVEL:
            reasons.append(QualityReason.NIGHT)
        if self.noise > STEADY_NOISE:
            reasons.append(QualityReason.UNSTEADY_VIEW)
        if width_px < CLEAR_PX:
            reasons.append(QualityReason.LOW_RESOLUTION)
        if not reasons:
            return Quality()
        return Quality(level=QualityLevel.DEGRADED, reasons=tuple(reasons))


def brightness(background: Background, blocks: BoolArray) -> float:
    """Return the median grey level of some blocks of a background, 0 where there are none."""
    if not blocks.any():
        return 0.0
    return float(np.median(thumbs(background.ground[blocks]).mean(axis=(1, 2, 3))))
