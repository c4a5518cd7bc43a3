"""The street light rule: dark for several nights in a row, until it shines.

::

              dark for dark_s of a night
    ┌─ night ────────────────────────────> one more dark night ── nights of them ──> DARK
    │                                              │                                  │
    └── shines for shine_s: none is dark <─────────┴──────────────────────────────────┘

Day and dusk say nothing of a lamp. A night needs no calendar: it is a run of looks by night, and a
new one begins after hours without. Time is that of the frames.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from analytics.frames import Image
from analytics.incidents import Finding
from analytics.lamp_sight import LampSight, is_night, lamp_sight
from analytics.messages import (
    IncidentKind,
    Quality,
    QualityLevel,
    QualityReason,
    Severity,
    Slug,
    StreetLightMeasurement,
    UtcTime,
    ViewBox,
)

_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]

_GAP: Final = timedelta(seconds=30)
"""A longer time without a look proves nothing; three times the longest that is planned for."""
_DAY: Final = timedelta(hours=4)
"""So long without a dark look, a night is over. Jakarta's days have twelve hours of light."""
_LONGEST_NIGHT: Final = timedelta(hours=15)
"""What looks dark for longer is no night but a gloomy view, under trees; its dark looks count for
nothing until it has been light."""
_STEADY_S: Final = 60.0
"""Time constant of the mean that says whether the scene is dark; a lorry passes in less."""
_STEADY_SHARE: Final = 0.8
_FORGOTTEN: Final = timedelta(days=7)
"""Dark nights this long before the next are no row any more."""
_NEVER_LIT: Final = 0.6
"""Most confidence in a lamp that was never seen to shine: it may be hidden, or its box be wrong.
Less than central asks for to open a complaint by itself."""


@dataclass(frozen=True, slots=True)
class LampRule:
    """When a lamp is out, and when no more.

    Attributes
    ----------
    nights
        How many in a row it must be dark.
    dark_s
        How long it must be dark in a night, since it last shone, for the night to count.
    shine_s
        How long it must shine for none of them to count any more; also ends an incident.
    """

    nights: int = 3
    dark_s: float = 1800.0
    shine_s: float = 300.0


class LampState(BaseModel):
    """What was seen of a lamp so far, as it outlives the process.

    Attributes
    ----------
    nights
        Dark nights in a row, this one with it where ``is_counted``.
    is_counted
        Whether this night is one of them.
    since
        The first dark look of the row.
    dark_s, shone_s
        Of this night since it last shone; each wears off as the other grows.
    dark_in_all_s, night_in_all_s
        Of the row: how long it was dark, and how long it was looked at by night.
    has_shone
        Whether it was ever seen to shine for long.
    night_since, night_at
        The first and the newest look by night.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    nights: int = Field(default=0, ge=0)
    is_counted: bool = False
    since: UtcTime | None = None
    dark_s: _Seconds = 0.0
    shone_s: _Seconds = 0.0
    dark_in_all_s: _Seconds = 0.0
    night_in_all_s: _Seconds = 0.0
    has_shone: bool = False
    night_since: UtcTime | None = None
    night_at: UtcTime | None = None


class LampWatch:
    """Applies the rule to one lamp, look by look, at any rate from five a second to one in ten.

    Parameters
    ----------
    lamp
        Its name in the site's configuration.
    box
        Around its head.
    state
        As it was kept before a restart.
    opened
        What an incident tells that is open already, and since when. Without one, a lamp that was
        dark often enough must be seen dark once more: its incident may have ended meanwhile.
    """

    def __init__(
        self,
        rule: LampRule,
        lamp: Slug,
        box: ViewBox,
        state: LampState | None = None,
        opened: tuple[StreetLightMeasurement, datetime] | None = None,
    ) -> None:
        self._rule = rule
        self._lamp = lamp
        self._box = box
        self._state = _carried_on(state or LampState(), rule, opened)
        self._at: datetime | None = None
        self._night_share = 0.0
        self._sight: LampSight | None = None

    @property
    def state(self) -> LampState:
        """What to keep over a restart."""
        return self._state

    @property
    def is_night(self) -> bool:
        """Whether it has been night of late, and for no longer than a night is."""
        return self._night_share >= _STEADY_SHARE and not self._is_gloom()

    @property
    def sight(self) -> LampSight | None:
        """What the newest look showed of the lamp; None where that look was not by night."""
        return self._sight

    @property
    def finding(self) -> Finding | None:
        """The outage that holds now, if any, also by day."""
        state = self._state
        if not self._is_out() or state.since is None:
            return None
        agreeing = state.dark_in_all_s / state.night_in_all_s if state.night_in_all_s else 1.0
        return Finding(
            kind=IncidentKind.STREET_LIGHT,
            zone=self._lamp,
            started_at=state.since,
            severity=Severity.MEDIUM,
            # The share of its nights' time in which it was seen to be dark: rain, glare and head
            # lamps lower it.
            confidence=min(agreeing, 1.0 if state.has_shone else _NEVER_LIT),
            quality=Quality() if state.has_shone else _MAY_BE_HIDDEN,
            measurement=StreetLightMeasurement(lamp=self._lamp, dark_nights=state.nights),
        )

    def take_as_mended(self) -> None:
        """Forget its dark nights, as after it has shone for long."""
        self._state = self._state.model_copy(update=_SHINES | {"shone_s": self._rule.shine_s})

    def look(self, image: Image, at: datetime) -> Finding | None:
        """Take one look; return the outage that holds now, if any, also by day.

        Parameters
        ----------
        image
            BGR uint8, ``(h, w, 3)``, of any size; not written to.
        at
            When it was captured.
        """
        step_s = self._step_s(at)
        self._sight = None
        if self._is_steady_night(is_dark=is_night(image), step_s=step_s):
            self._begin_night(at)
            self._sight = lamp_sight(image, self._box)
            self._count(self._sight, step_s or 0.0, at)
        return self.finding

    def _step_s(self, at: datetime) -> float | None:
        """Return the seconds since the last look; None where nothing is known of them."""
        step = None if self._at is None else at - self._at
        self._at = at
        return step.total_seconds() if step and timedelta(0) <= step <= _GAP else None

    def _is_steady_night(self, *, is_dark: bool, step_s: float | None) -> bool:
        weight = 1.0 if step_s is None else 1 - math.exp(-step_s / _STEADY_S)
        self._night_share += weight * (is_dark - self._night_share)
        return is_dark and self._night_share >= _STEADY_SHARE

    def _begin_night(self, at: datetime) -> None:
        state = self._state
        changes: dict[str, object] = {"night_at": at}
        if state.night_at is None or at - state.night_at >= _DAY:
            changes |= {"night_since": at, "is_counted": False, "dark_s": 0.0, "shone_s": 0.0}
            is_row = state.night_at is not None and at - state.night_at < _FORGOTTEN
            if not is_row and not self._is_out():
                changes |= _NO_ROW
        self._state = state.model_copy(update=changes)

    def _count(self, sight: LampSight, step_s: float, at: datetime) -> None:
        state, rule = self._state, self._rule
        is_too_long = self._is_gloom()
        if is_too_long and not self._is_out():
            state = state.model_copy(update=_NO_ROW | {"is_counted": False, "dark_s": 0.0})
        changes: dict[str, object] = {"night_in_all_s": state.night_in_all_s + step_s}
        if sight is LampSight.LIT:
            changes["shone_s"] = state.shone_s + step_s
            changes["dark_s"] = max(state.dark_s - step_s, 0.0)
            if state.shone_s + step_s >= rule.shine_s:
                changes |= _SHINES
                # No more than is asked for, so that it wears off when the lamp fails.
                changes["shone_s"] = rule.shine_s
        elif sight is LampSight.DARK and not is_too_long:
            changes["since"] = state.since or at
            changes["shone_s"] = max(state.shone_s - step_s, 0.0)
            changes["dark_s"] = dark_s = state.dark_s + step_s
            changes["dark_in_all_s"] = state.dark_in_all_s + step_s
            if dark_s >= rule.dark_s and not state.is_counted:
                changes |= {"is_counted": True, "nights": state.nights + 1}
        self._state = state.model_copy(update=changes)

    def _is_gloom(self) -> bool:
        """Return whether what looks like a night has lasted for too long to be one."""
        since, at = self._state.night_since, self._state.night_at
        return since is not None and at is not None and at - since > _LONGEST_NIGHT

    def _is_out(self) -> bool:
        return self._state.nights >= self._rule.nights


_NO_ROW: Final[dict[str, object]] = {
    "nights": 0,
    "since": None,
    "dark_in_all_s": 0.0,
    "night_in_all_s": 0.0,
}
_SHINES: Final = _NO_ROW | {"is_counted": False, "dark_s": 0.0, "has_shone": True}
_MAY_BE_HIDDEN: Final = Quality(level=QualityLevel.DEGRADED, reasons=(QualityReason.PARTLY_HIDDEN,))


def _carried_on(
    state: LampState, rule: LampRule, opened: tuple[StreetLightMeasurement, datetime] | None
) -> LampState:
    if opened is not None:
        told, since = opened
        nights = max(state.nights, told.dark_nights, rule.nights)
        return state.model_copy(update={"nights": nights, "since": state.since or since})
    if state.nights < rule.nights:
        return state
    changes = {"nights": rule.nights - 1} if rule.nights > 1 else _NO_ROW
    return state.model_copy(update={"is_counted": False, "dark_s": 0.0, **changes})
