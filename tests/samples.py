"""Samples whose frames are there already."""

from dataclasses import dataclass
from datetime import datetime

from analytics.frames import Frame


@dataclass(frozen=True)
class ReadySample:
    """A sample that needs no decoding."""

    ready: Frame

    @property
    def captured_at(self) -> datetime:
        """When its frame was captured."""
        return self.ready.captured_at

    @property
    def number(self) -> int:
        """Which frame it is."""
        return self.ready.number

    def frame(self) -> Frame:
        """Return its frame."""
        return self.ready
