"""How far a zone shows what does not move, before anything is looked for in it.

How much the view flickers, by which what is found is judged as well, no single picture tells.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.eyesight import CLEAR_PX, DUSK_LEVEL, LEAST_PX, NIGHT_LEVEL
from analytics.frames import Image
from analytics.ground_plane import GroundPlane
from analytics.zones import Zone

THING_M: Final = 0.5
"""Width of the smallest thing that a city acts on: a hole that takes a wheel, a full bag."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far from the camera a thing of `THING_M` can be found, in metres over the ground.

    Attributes
    ----------
    good_m
        As far as it is everywhere `CLEAR_PX` wide; 0 where that is nowhere.
    degraded_m
        The same of `LEAST_PX`: what is found between the two waits for an operator.
    zone_m
        Where the zone ends.
    """

    good_m: float
    degraded_m: float
    zone_m: float

    @classmethod
    def of(cls, zone: Zone, plane: GroundPlane, width_px: int) -> "Reach":
        """Return the reach in a view that is so many pixels wide.

        What lies at the horizon or above it is no ground, and counts for nothing; a zone without
        any ground reaches 0 m.
        """
        ground = []
        for x, y in zone.centres.tolist():
            metres, px_per_m = plane.metres(x, y), plane.px_per_m(x, y, width_px)
            if metres is not None and px_per_m is not None:
                ground.append((math.hypot(*metres), px_per_m * THING_M))
        zone_m = max((distance_m for distance_m, _ in ground), default=0.0)

        def as_far_as(least_px: float) -> float:
            if not any(px >= least_px for _, px in ground):
                return 0.0
            return min((distance_m for distance_m, px in ground if px < least_px), default=zone_m)

        return cls(*(round(one, 1) for one in (as_far_as(CLEAR_PX), as_far_as(LEAST_PX), zone_m)))

    def text(self) -> str:
        """Return it as an installer reads it."""
        if not self.zone_m:
            return "shows no ground: its zone or its camera's `ground` is wrong"
        if not self.degraded_m:
            return f"{THING_M:g} m is nowhere wide enough to be found"
        if self.good_m == self.zone_m:
            return f"{THING_M:g} m is seen well to its end at {self.zone_m:.0f} m"
        well = f"well to {self.good_m:.0f} m" if self.good_m else "nowhere well"
        seen = f"{THING_M:g} m is seen {well}, degraded to"
        if self.degraded_m == self.zone_m:
            return f"{seen} its end at {self.zone_m:.0f} m"
        return f"{seen} {self.degraded_m:.0f} m, and it ends at {self.zone_m:.0f} m"


@dataclass(frozen=True, slots=True)
class ZoneSight:
    """How well one picture shows a zone.

    Attributes
    ----------
    reach
        None where the camera's ground was not measured.
    level
        Median grey level of the zone, 0 to 255, with all that stands on it.
    """

    reach: Reach | None
    level: float

    @classmethod
    def of(
        cls, zone: Zone, plane: GroundPlane | None, picture: Image, width_px: int
    ) -> "ZoneSight":
        """Return how well a picture shows a zone.

        Parameters
        ----------
        picture
            BGR uint8, shape ``(h, w, 3)``, of any size.
        width_px
            Of the stream, at which the zone is inspected.
        """
        height, width = picture.shape[:2]
        x, y = (zone.centres * (width, height)).astype(int).T
        level = float(np.median(picture[y, x].mean(axis=1)))
        return cls(None if plane is None else Reach.of(zone, plane, width_px), level)

    def text(self) -> str:
        """Return it as an installer reads it."""
        far = "how far is not known without `ground`" if self.reach is None else self.reach.text()
        if self.level < NIGHT_LEVEL:
            return f"{far}; too dark now, {self.level:.0f} of {NIGHT_LEVEL:.0f} grey levels"
        if self.level < DUSK_LEVEL:
            return f"{far}; degraded by dusk now, {self.level:.0f} of {DUSK_LEVEL:.0f} grey levels"
        return far
