"""What was seen of a camera's lamps, kept on the disk: three dark nights outlast many a restart."""

import time
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from analytics.lamps import LampRule, LampState, LampWatch
from analytics.messages import Slug, StreetLightMeasurement
from edge.config import LampSettings
from edge.kept_file import KeptFile

KEEP_EVERY_S = 300.0
"""How much of a night a power cut may take."""


class KeptLamps:
    """Watches of one camera's lamps, whose states outlive the process. For one thread at a time.

    Parameters
    ----------
    path
        Where they are kept; None keeps nothing, as a film asks.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = KeptFile(path, "the lamps' state")
        self._stored = _read(self._file)
        self._watches: dict[str, LampWatch] = {}
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
        return watch

    def rest(self) -> None:
        """Keep what was seen, if it is time."""
        if time.monotonic() - self._kept_s >= KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Write what was seen since it was last written; by day that is nothing."""
        self._kept_s = time.monotonic()
        seen = _Stored(lamps={lamp: watch.state for lamp, watch in self._watches.items()})
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
