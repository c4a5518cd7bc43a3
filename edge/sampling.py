"""Which pictures of a stream are looked at, by the stream's own clock. Knows no decoder."""

from dataclasses import dataclass

MAX_GAP_S = 60.0
"""A longer step forward between two pictures is a broken clock, not a pause."""

MIN_STEP_S = 1e-6
"""Less than any stream's clock counts in: rounding, not progress."""

ASSUMED_FRAMES_PER_S = 25.0
"""What a picture's length is taken from where the stream does not tell its rate."""

EARLY_S = 0.01
"""How early a picture may come and still count as on time: cameras jitter."""

EARLY_KEY_FRAME = 0.4
"""The same for a key frame, in looks: one that comes every 1.98 s is looked at every 2 s."""


class MediaClock:
    """Turns presentation times into seconds since the first picture that never run backwards.

    Cameras leave times out, begin anywhere, set their clock back at night, wrap around after days
    and start again when a film loops. Where a time cannot follow the one before it, the picture is
    taken to come one picture's length later, and the clock goes on from there.
    """

    def __init__(self, frames_per_s: float | None) -> None:
        self._step_s = 1.0 / (frames_per_s or ASSUMED_FRAMES_PER_S)
        self._last_s: float | None = None
        self._origin_s: float | None = None

    def at(self, presented_s: float | None) -> float:
        """Return the media time of the next picture, whose own time is ``presented_s``, in seconds.

        None is a picture without a time.
        """
        next_s = 0.0 if self._last_s is None else self._last_s + self._step_s
        if presented_s is None:
            media_s = next_s
        elif self._origin_s is not None and self._follows(presented_s - self._origin_s):
            media_s = presented_s - self._origin_s
        else:
            self._origin_s = presented_s - next_s
            media_s = next_s
        self._last_s = media_s
        return media_s

    def _follows(self, media_s: float) -> bool:
        assert self._last_s is not None
        return self._last_s + MIN_STEP_S <= media_s <= self._last_s + MAX_GAP_S


@dataclass(frozen=True, slots=True)
class Duty:
    """A part of the time in which a camera is measured; it is watched for the rest.

    Attributes
    ----------
    measure_s, every_s
        How long, and how often, seconds.
    offset_s
        When the first part begins: other cameras have other ones, so that they take turns.
    looks_per_s
        Looks a second while it is measured.
    """

    measure_s: float
    every_s: float
    offset_s: float
    looks_per_s: float

    def is_on(self, media_s: float) -> bool:
        """Return whether the camera is measured at ``media_s``."""
        return (media_s - self.offset_s) % self.every_s < self.measure_s


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which pictures are decoded, and how many of them are looked at.

    *Watching* decodes key frames only: the cost of a camera falls to a tenth, and a picture comes
    every second or two. *Measuring* decodes every picture, because each needs the one before it.

    Attributes
    ----------
    looks_per_s
        At most so many looks a second; None for every picture that is decoded.
    key_frames_only
        Whether it watches.
    duty
        When a camera that is watched is measured; None for never.
    """

    looks_per_s: float | None
    key_frames_only: bool = False
    duty: Duty | None = None

    def measures(self, media_s: float) -> bool:
        """Return whether every picture is decoded at ``media_s``."""
        if self.duty is not None:
            return self.duty.is_on(media_s)
        return not self.key_frames_only


EVERY_PICTURE = Sampling(looks_per_s=None)


class Sampler:
    """Picks the pictures to look at.

    The picks lie on a fixed raster of media time, so that their rate holds on average also where
    it does not divide the stream's.
    """

    def __init__(self, sampling: Sampling) -> None:
        self._sampling = sampling
        self._measured = sampling.measures(0.0)
        self._due_s = 0.0

    def measures(self, media_s: float) -> bool:
        """Return whether every picture is decoded at ``media_s``, or key frames only."""
        return self._sampling.measures(media_s)

    def due(self, media_s: float) -> bool:
        """Return whether the picture at ``media_s`` is to be looked at, and book it if it is."""
        interval_s = self._interval_s(media_s)
        measures = self.measures(media_s)
        if measures != self._measured:
            # What was booked at the other rate says nothing any more.
            self._measured, self._due_s = measures, media_s
        early_s = min(0.1 * interval_s, EARLY_S) if measures else EARLY_KEY_FRAME * interval_s
        if media_s < self._due_s - early_s:
            return False
        self._due_s += interval_s
        if self._due_s < media_s:
            self._due_s = media_s + interval_s
        return True

    def _interval_s(self, media_s: float) -> float:
        duty = self._sampling.duty
        is_on = duty is not None and duty.is_on(media_s)
        rate = duty.looks_per_s if duty is not None and is_on else self._sampling.looks_per_s
        return 0.0 if rate is None else 1.0 / rate
