"""The camera's own incident: a view that cannot be trusted, until it is back."""

from datetime import datetime
from typing import Final

from analytics.incidents import Finding
from analytics.messages import (
    CameraFault,
    CameraFaultMeasurement,
    IncidentKind,
    Quality,
    Severity,
    ViewState,
)

TRUSTED: Final = frozenset({ViewState.VALID, ViewState.UNKNOWN})
"""Views that analytics may go by; one that is not known yet is taken to be well."""

_FAULTS: Final[dict[ViewState, CameraFault]] = {
    ViewState.TURNED: "turned",
    ViewState.FROZEN: "frozen",
    ViewState.DARK: "dark",
    ViewState.OVEREXPOSED: "overexposed",
    ViewState.COVERED: "covered",
}


class CameraFaultWatch:
    """Turns view states into the finding that holds. Time is that of the frames.

    Parameters
    ----------
    open_fault
        What an incident tells that is open already, from before a restart, and since when.

    Notes
    -----
    The hysteresis is the view check's: a state that it tells has lasted. One fault that passes into
    another, turned away and then dark, is one incident; and it ends only with a view that is valid,
    not with one that nobody knows yet, as after a restart.
    """

    def __init__(self, open_fault: tuple[CameraFaultMeasurement, datetime] | None = None) -> None:
        self._fault: CameraFault | None = None
        self._since: datetime | None = None
        if open_fault is not None:
            self._fault, self._since = open_fault[0].fault, open_fault[1]

    def look(self, view: ViewState, since: datetime, at: datetime) -> Finding | None:
        """Take one look's state; return the fault that holds now, if any.

        Parameters
        ----------
        since
            Since when the view is in that state.
        at
            Captured time of the look.
        """
        if view is ViewState.VALID:
            self._fault = self._since = None
        elif view in _FAULTS:
            self._fault = _FAULTS[view]
            self._since = self._since or since
        if self._fault is None or self._since is None:
            return None
        lasted_s = max((at - self._since).total_seconds(), 0.0)
        return Finding(
            kind=IncidentKind.CAMERA_FAULT,
            zone=None,
            started_at=self._since,
            severity=Severity.MEDIUM,
            confidence=1.0,
            quality=Quality(),
            measurement=CameraFaultMeasurement(fault=self._fault, lasted_s=lasted_s),
        )
