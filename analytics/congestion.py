"""The congestion rule: dense **and** not moving, for longer than a red light lasts.

::

            dense and not moving            ... for min_duration_s
    CLEAR ───────────────────────> FORMING ────────────────────────> CONGESTED
      ^                               │                                  │
      └── thinner or moving ──────────┘                                  │
      └── thinner or moving for clear_duration_s ────────────────────────┘

Two thresholds each for density and standing, the lower ones to leave a state, keep a zone that
wavers from opening and closing again and again.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.incidents import Finding
from analytics.messages import (
    CongestionMeasurement,
    IncidentKind,
    Quality,
    QualityLevel,
    QualityReason,
    Severity,
    VehicleClass,
)
from analytics.traffic import ZoneFigures


@dataclass(frozen=True, slots=True)
class CongestionRule:
    """When a zone is congested, and when no more.

    Attributes
    ----------
    enter_occupancy, leave_occupancy
        Share of the zone under vehicles, 0 to 1: dense from the first on, thin below the second.
    enter_stopped_share, leave_stopped_share
        Share of the vehicles that stand or creep: not moving from the first on, moving below the
        second.
    min_vehicles
        Fewer vehicles than this are no jam, however large they are.
    min_duration_s
        How long it must last; longer than the longest red of the approach: at a signal, its cycle.
    clear_duration_s
        How long it must be thin or moving before an incident closes.
    smoothing_s
        Time constant of the running means that the thresholds are held against.
    """

    enter_occupancy: float = 0.25
    leave_occupancy: float = 0.18
    enter_stopped_share: float = 0.7
    leave_stopped_share: float = 0.5
    min_vehicles: int = 4
    min_duration_s: float = 60.0
    clear_duration_s: float = 30.0
    smoothing_s: float = 5.0


_HIGH_AFTER = timedelta(minutes=10)
_GAP = timedelta(seconds=20)
"""A longer time without a look proves nothing: what was forming or clearing starts again."""
_SPARSE_S = 2.5
"""Mean time between looks above which speeds, and so standing, are only roughly known.

At a look every two seconds the verdicts on six recorded and ten simulated films are those of two
looks a second.
"""


class CongestionWatch:
    """Applies the rule to one zone, look by look. Time is that of the frames.

    Parameters
    ----------
    rule
        The thresholds.
    zone
        The zone's name.
    congested_since
        Start of an incident that is open already, from before a restart; else None.
    """

    def __init__(
        self, rule: CongestionRule, zone: str, congested_since: datetime | None = None
    ) -> None:
        self._rule = rule
        self._zone = zone
        self._since = congested_since
        self._is_open = congested_since is not None
        self._clearing_since: datetime | None = None
        self._means = _Means(rule.smoothing_s)
        self._agreeing = 0
        self._looks = 0

    def look(self, figures: ZoneFigures) -> Finding | None:
        """Take one look's figures; return the congestion that holds now, if any."""
        gap = self._means.add(figures)
        if gap is not None and not timedelta(0) <= gap <= _GAP:
            self._clearing_since = None
            if not self._is_open:
                self._since = None
        if self._is_open:
            self._watch_end(figures.at)
        else:
            self._watch_start(figures.at)
        return self._finding(figures.at) if self._is_open else None

    def _is_jammed(self) -> bool:
        rule, means = self._rule, self._means
        return (
            means.occupancy >= rule.enter_occupancy
            and means.stopped_share >= rule.enter_stopped_share
            and round(means.vehicle_count) >= rule.min_vehicles
        )

    def _is_flowing(self) -> bool:
        rule, means = self._rule, self._means
        return (
            means.occupancy < rule.leave_occupancy
            or means.stopped_share < rule.leave_stopped_share
            or means.vehicle_count < rule.min_vehicles / 2
        )

    def _watch_start(self, at: datetime) -> None:
        is_jammed = self._is_jammed()
        if self._since is None:
            if not is_jammed:
                return
            self._since, self._agreeing, self._looks = at, 0, 0
        elif self._is_flowing():
            self._since = None
            return
        self._looks += 1
        self._agreeing += is_jammed
        lasted_s = (at - self._since).total_seconds()
        self._is_open = is_jammed and lasted_s >= self._rule.min_duration_s

    def _watch_end(self, at: datetime) -> None:
        self._looks += 1
        self._agreeing += self._is_jammed()
        if not self._is_flowing():
            self._clearing_since = None
        elif self._clearing_since is None:
            self._clearing_since = at
        elif (at - self._clearing_since).total_seconds() >= self._rule.clear_duration_s:
            self._is_open, self._since, self._clearing_since = False, None, None

    def _finding(self, at: datetime) -> Finding:
        assert self._since is not None
        lasted = max(at - self._since, timedelta(0))
        means = self._means
        return Finding(
            kind=IncidentKind.CONGESTION,
            zone=self._zone,
            started_at=self._since,
            severity=Severity.HIGH if lasted >= _HIGH_AFTER else Severity.MEDIUM,
            # The share of the looks since it began that agreed: 1 for a jam that never wavered.
            confidence=self._agreeing / max(self._looks, 1),
            quality=means.quality(),
            measurement=CongestionMeasurement(
                occupancy=min(means.occupancy, 1.0),
                stopped_share=min(means.stopped_share, 1.0),
                vehicles=means.vehicles(),
                dense_s=lasted.total_seconds(),
            ),
        )


class _Means:
    """Running means of a zone's figures over ``smoothing_s``, by time and not by looks."""

    def __init__(self, smoothing_s: float) -> None:
        self._smoothing_s = smoothing_s
        self._at: datetime | None = None
        self.occupancy = 0.0
        self.stopped_share = 0.0
        self._counts = dict.fromkeys(VehicleClass, 0.0)
        self._interval_s = 0.0

    @property
    def vehicle_count(self) -> float:
        return sum(self._counts.values())

    def vehicles(self) -> dict[VehicleClass, int]:
        return {name: n for name, mean in self._counts.items() if (n := round(mean))}

    def quality(self) -> Quality:
        if self._interval_s <= _SPARSE_S:
            return Quality()
        return Quality(level=QualityLevel.DEGRADED, reasons=(QualityReason.LOW_FRAME_RATE,))

    def add(self, figures: ZoneFigures) -> timedelta | None:
        """Take one look in; return the time since the last, None for the first."""
        gap = None if self._at is None else figures.at - self._at
        self._at = figures.at
        if gap is None or not timedelta(0) <= gap <= _GAP:
            weight, interval_s = 1.0, 0.0
        else:
            interval_s = gap.total_seconds()
            weight = 1 - math.exp(-interval_s / self._smoothing_s)
        self.occupancy += weight * (figures.occupancy - self.occupancy)
        self.stopped_share += weight * (figures.stopped_share - self.stopped_share)
        self._interval_s += weight * (interval_s - self._interval_s)
        for name in VehicleClass:
            self._counts[name] += weight * (figures.vehicles.get(name, 0) - self._counts[name])
        return gap
