"""Tracks to a zone's figures: how much of it is covered, by what, and how much of that stands."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from analytics.detections import BoolArray, ObjectClass
from analytics.messages import VehicleClass
from analytics.tracking import Tracks
from analytics.zones import GRID_HEIGHT, GRID_WIDTH, Zone, cells_under

STOPPED_BELOW = 0.25
"""Speed in box heights a second under which a vehicle stands or creeps.

Measured on hand-checked toll-road footage: 0.0 to 0.3 in a jam, 0.7 to 1.5 in free flow. Driving
along the view foreshortens: on the simulated junction, vehicles 30 to 48 m from the pole that drive
off at 3 to 5 m/s measure 0.16 to 0.5.
"""

VEHICLE_CLASSES = {
    ObjectClass.CAR: VehicleClass.CAR,
    ObjectClass.MOTORCYCLE: VehicleClass.MOTORCYCLE,
    ObjectClass.BUS: VehicleClass.BUS,
    ObjectClass.TRUCK: VehicleClass.TRUCK,
    ObjectClass.BICYCLE: VehicleClass.BICYCLE,
}


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """One zone in one look; parked vehicles count for nothing in it.

    Attributes
    ----------
    at
        Captured time of the frame.
    occupancy
        Share of the zone's area in the view that lies under vehicles, 0 to 1.
    stopped_share
        Share of the vehicles that stand or creep, 0 to 1; 0 where there are none.
    vehicles
        How many, by class; classes without any are left out.
    parked
        Vehicles in the zone that were left out as parked.
    """

    at: datetime
    occupancy: float
    stopped_share: float
    vehicles: dict[VehicleClass, int]
    parked: int

    @property
    def vehicle_count(self) -> int:
        """Vehicles of all classes, without the parked ones."""
        return sum(self.vehicles.values())


class ZoneMeter:
    """Measures one zone, look by look.

    It remembers where in the zone traffic has ever moved. A vehicle that has not moved since it was
    first seen, at a place where none was seen moving either, is *parked* and is left out: a row of
    parked cars is dense and does not move, and is no jam. A jam that stands when the watch begins
    counts from its first creeping on.

    Parameters
    ----------
    traffic_is_known
        Whether traffic is known to stand or move all over the zone, as where a jam was found before
        a restart: nothing in it is then parked.
    """

    def __init__(self, zone: Zone, *, traffic_is_known: bool = False) -> None:
        self.zone = zone
        self._carriageway = np.full((GRID_HEIGHT, GRID_WIDTH), traffic_is_known)

    def measure(self, tracks: Tracks, size_px: tuple[int, int], at: datetime) -> ZoneFigures:
        """Return the zone's figures for one frame.

        Parameters
        ----------
        tracks
            Vehicles and others of the whole frame; only vehicles count.
        size_px
            Width and height of the frame.
        at
            Captured time of the frame.
        """
        of_zone = np.isin(tracks.class_id, list(VEHICLE_CLASSES))
        vehicles = tracks.where(of_zone & self.zone.holds(tracks.xyxy, size_px))
        # NaN, too young to tell, compares as moving: a track that breaks all the time is fast.
        stopped = vehicles.speed < STOPPED_BELOW
        self._learn(vehicles.where(vehicles.has_moved & ~stopped), size_px)
        counted = vehicles.has_moved | ~stopped | self._on_carriageway(vehicles, size_px)
        present = vehicles.where(counted)
        n = len(present)
        return ZoneFigures(
            at=at,
            occupancy=self.zone.covered(present.xyxy, size_px),
            stopped_share=float(stopped[counted].sum() / n) if n else 0.0,
            vehicles={
                name: count
                for class_id, name in VEHICLE_CLASSES.items()
                if (count := int((present.class_id == class_id).sum()))
            },
            parked=len(vehicles) - n,
        )

    def _learn(self, moving: Tracks, size_px: tuple[int, int]) -> None:
        feet = moving.xyxy.copy()
        feet[:, 1] += 0.7 * (feet[:, 3] - feet[:, 1])
        self._carriageway |= cells_under(feet, size_px)

    def _on_carriageway(self, vehicles: Tracks, size_px: tuple[int, int]) -> BoolArray:
        xyxy = vehicles.xyxy
        x = (xyxy[:, 0] + xyxy[:, 2]) / 2 / size_px[0] * GRID_WIDTH
        # A little above the lower edge of the box: the tyres, not the road in front of them.
        y = (0.1 * xyxy[:, 1] + 0.9 * xyxy[:, 3]) / size_px[1] * GRID_HEIGHT
        is_carriageway: BoolArray = self._carriageway[
            np.clip(y.astype(int), 0, GRID_HEIGHT - 1), np.clip(x.astype(int), 0, GRID_WIDTH - 1)
        ]
        return is_carriageway
