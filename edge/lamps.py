"""What is known of a camera's lamps, kept on the disk: dark nights outlast many a restart."""

import time
from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from analytics.lamps import LampRule, LampState, LampWatch
from analytics.messages import IncidentMessage, Slug, StreetLightMeasurement
from edge.kept_file import KeptFile
from edge.view_config import LampSettings

KEEP_EVERY_S = 300.0
"""How much of a night a power cut may take."""
_REMEMBERED: Final = 8
"""Incidents of a lamp that can be looked at again: one complaint may have several."""


class KeptLamps:
    """Watches of one camera's lamps, and what was told of them; both outlive the process.

    For one thread at a time, but for `incident_of`.

    Parameters
    ----------
    path
        Where they are kept; None keeps nothing, as a film asks.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = KeptFile(path, "the lamps' state")
        self._stored = _read(self._file)
        self._watches: dict[str, LampWatch] = {}
        self._told: dict[str, tuple[IncidentMessage, ...]] = {}
        self._kept_s = time.monotonic()

    def watch(
        self,
        lamp: LampSettings,
        rule: LampRule,
        opened: tuple[StreetLightMeasurement, datetime] | None,
    ) -> LampWatch:
        """Return a watch of a lamp that goes on where the last one of that name ended.

        Parameters
        ----------
        opened
            What an incident tells that is open already, and since when.
        """
        watch = LampWatch(rule, lamp.lamp, lamp.box, self._stored.lamps.get(lamp.lamp), opened)
        self._watches[lamp.lamp] = watch
        self._told[lamp.lamp] = self._stored.told.get(lamp.lamp, ())
        return watch

    def watch_of(self, incident: IncidentMessage) -> LampWatch:
        """Return the watch of the lamp that an incident is of, which must be one of these."""
        return self._watches[_lamp_of(incident)]

    def told(self, revision: IncidentMessage) -> None:
        """Note a revision of one of a lamp's last incidents; the lamp must be one of these."""
        lamp = _lamp_of(revision)
        by_id = {one.incident_id: one for one in self._told[lamp]}
        by_id[revision.incident_id] = revision
        self._told[lamp] = tuple(by_id.values())[-_REMEMBERED:]

    def incident_of(self, incident_id: UUID) -> IncidentMessage | None:
        """Return the last revision of an incident; None for one of no lamp. From any thread."""
        told = (one for incidents in self._told.values() for one in incidents)
        return next((one for one in told if one.incident_id == incident_id), None)

    def rest(self) -> None:
        """Keep what was seen, if it is time."""
        if time.monotonic() - self._kept_s >= KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Write what was seen since it was last written; by day that is nothing."""
        self._kept_s = time.monotonic()
        states = {lamp: watch.state for lamp, watch in self._watches.items()}
        seen = _Stored(lamps=states, told=dict(self._told))
        if seen != self._stored:
            self._file.write(seen.model_dump_json(indent=1).encode())
            self._stored = seen


def lamps_file(folder: Path, camera: str, preset: str) -> Path:
    """Return where the lamps of a camera's preset are kept."""
    return folder / f"{camera}.{preset}.json"


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    lamps: dict[Slug, LampState] = {}
    told: dict[Slug, tuple[IncidentMessage, ...]] = {}


def _lamp_of(incident: IncidentMessage) -> str:
    assert incident.zone is not None, "a lamp's incident names the lamp as its zone"
    return incident.zone


def _read(file: KeptFile) -> _Stored:
    content = file.read()
    if content is None:
        return _Stored()
    try:
        return _Stored.model_validate_json(content)
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        file.refuse(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}")
        return _Stored()
