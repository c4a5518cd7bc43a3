"""What each camera's view should look like, kept on the disk over restarts."""

import time
from datetime import datetime
from pathlib import Path

from analytics.frames import Image
from analytics.messages import ViewState
from analytics.view import ViewCheck
from analytics.view_reference import ViewReference
from edge.kept_file import KeptFile

KEEP_EVERY_S = 300.0
"""How much of what was learnt a power cut may take; a view changes with the light, by the hour."""


class KeptView:
    """A camera's view check whose reference outlives the process. For one thread at a time.

    Parameters
    ----------
    path
        Where it is kept; None keeps nothing, as a film asks.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = KeptFile(path, "the view")
        self._check = ViewCheck(_read(self._file))
        self._kept_s = time.monotonic()

    @property
    def since(self) -> datetime | None:
        """Since when the view is in the state that was told last."""
        return self._check.since

    def look(self, image: Image, at: datetime) -> ViewState:
        """Return whether the view can be trusted, see `ViewCheck.look`."""
        return self._check.look(image, at)

    def rest(self) -> None:
        """Keep what was learnt, if it is time."""
        if time.monotonic() - self._kept_s >= KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Write what was learnt; where the disk refuses, a restarted edge learns it anew."""
        self._kept_s = time.monotonic()
        reference = self._check.reference
        if reference is not None:
            self._file.write(reference.to_bytes())


class UncheckedView:
    """The view of a camera that is not checked."""

    since: datetime | None = None

    def look(self, image: Image, at: datetime) -> ViewState:
        """Return that it is not known whether the view can be trusted."""
        del image, at
        return ViewState.UNKNOWN

    def rest(self) -> None:
        """Do nothing: nothing is learnt."""

    def keep(self) -> None:
        """Do nothing: nothing is learnt."""


def view_file(folder: Path, camera: str, preset: str) -> Path:
    """Return where the view of a camera's preset is kept."""
    return folder / f"{camera}.{preset}.view"


def _read(file: KeptFile) -> ViewReference | None:
    content = file.read()
    if content is None:
        return None
    try:
        return ViewReference.from_bytes(content)
    except ValueError as exc:
        file.refuse(exc)
        return None
