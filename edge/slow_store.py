"""What a camera's slow scene knows, kept on the disk over restarts."""

import base64
import time
import zlib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, ValidationError

from analytics.messages import IncidentKind, IncidentMessage, ViewBox
from analytics.places import Outcome, Place, Scene
from edge.kept_file import KeptFile

SCENE_EVERY_S: Final = 3600.0
"""How much of what was learnt a power cut may take: a background is learnt again in minutes, and
what stands before it in hours."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _KeptScene(_Kept):
    window: tuple[int, int, int, int]
    size_px: tuple[int, int]
    seen_at: AwareDatetime
    bgr: str


class _KeptPlace(_Kept):
    kind: IncidentKind
    zone: str
    box: ViewBox
    first_box: ViewBox
    began_at: AwareDatetime
    looks: int
    misses: int
    confidence: float
    last: Outcome
    there_s: float
    gone_s: float
    gone_looks: int
    told_at: AwareDatetime | None
    is_open: bool
    returns: int
    ended_at: AwareDatetime | None
    incident: IncidentMessage | None
    earlier: list[IncidentMessage]
    before: _KeptScene | None


_SAME: Final = tuple(one.name for one in fields(Place) if one.name != "before")
"""Fields of a place that are kept as they are."""

_PLACES = TypeAdapter(list[_KeptPlace])


class SlowStore:
    """The files of one camera's preset: its scenes, what stood before them, its places.

    Parameters
    ----------
    stem
        Path that the files' names begin with; None keeps nothing, as a film asks.
    """

    def __init__(self, stem: Path | None) -> None:
        def file(ending: str, what: str) -> KeptFile:
            path = None if stem is None else stem.with_name(f"{stem.name}.{ending}")
            return KeptFile(path, what)

        self.background = file("background", "the empty scene")
        self.reference = file("reference", "the clean scene")
        self.hidden = file("hidden", "what stood before the ground")
        self._places = file("places", "what was found")
        self._written = b""
        # By its name, so that a worker's cameras take their turns.
        part = 0.0 if stem is None else zlib.crc32(stem.name.encode()) / 2**32
        self._kept_s = time.monotonic() - part * SCENE_EVERY_S

    def discard_present(self) -> None:
        """Forget what the view looks like now; what it looks like when nothing is wrong stays."""
        self.background.discard()

    def places(self) -> list[tuple[IncidentKind, str, Place]]:
        """Return what was known, with kind and zone of each; nothing where it cannot be read."""
        content = self._places.read()
        if content is None:
            return []
        try:
            return [(one.kind, one.zone, _place(one)) for one in _PLACES.validate_json(content)]
        except (ValidationError, ValueError) as exc:
            self._places.refuse(" ".join(str(exc).split())[:200])
            return []

    def keep_places(self, places: Sequence[tuple[IncidentKind, str, Place]]) -> None:
        """Write all places, where something about them is new."""
        content = _PLACES.dump_json([_kept(*one) for one in places])
        if content != self._written:
            self._places.write(content)
            self._written = content

    def scene_is_due(self) -> bool:
        """Return whether the scenes are to be kept now, and book it if they are."""
        if time.monotonic() - self._kept_s < SCENE_EVERY_S:
            return False
        self._kept_s = time.monotonic()
        return True


def slow_stem(folder: Path, camera: str, preset: str) -> Path:
    """Return where the slow scene of a camera's preset is kept."""
    return folder / f"{camera}.{preset}"


def _kept(kind: IncidentKind, zone: str, place: Place) -> _KeptPlace:
    same = {name: getattr(place, name) for name in _SAME}
    before = place.before
    image = None
    if before is not None:
        image = _KeptScene(
            window=before.window,
            size_px=before.size_px,
            seen_at=before.seen_at,
            bgr=base64.b64encode(before.image.tobytes()).decode(),
        )
    return _KeptPlace.model_validate({**same, "kind": kind, "zone": zone, "before": image})


def _place(kept: _KeptPlace) -> Place:
    before = None
    if kept.before is not None:
        left, top, right, bottom = kept.before.window
        pixels = np.frombuffer(base64.b64decode(kept.before.bgr), np.uint8)
        image = pixels.reshape(bottom - top, right - left, 3)
        before = Scene(image, kept.before.window, kept.before.size_px, kept.before.seen_at)
    return Place(**{name: getattr(kept, name) for name in _SAME}, before=before)
