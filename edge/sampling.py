"""Which pictures of a stream are looked at, by the stream's own clock. Knows no decoder."""

MAX_GAP_S = 60.0
"""A longer step forward between two pictures is a broken clock, not a pause."""

MIN_STEP_S = 1e-6
"""Less than any stream's clock counts in: rounding, not progress."""

ASSUMED_FRAMES_PER_S = 25.0
"""What a picture's length is taken from where the stream does not tell its rate."""

EARLY_S = 0.01
"""How early a picture may come and still count as on time: cameras jitter."""


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


class Sampler:
    """Picks at most ``looks_per_s`` pictures a second; every one where that is None.

    The picks lie on a fixed raster of media time, so that their rate holds on average also where
    it does not divide the stream's.
    """

    def __init__(self, looks_per_s: float | None) -> None:
        self._interval_s = 0.0 if looks_per_s is None else 1.0 / looks_per_s
        self._early_s = min(0.1 * self._interval_s, EARLY_S)
        self._due_s = 0.0

    def due(self, media_s: float) -> bool:
        """Return whether the picture at ``media_s`` is to be looked at, and book it if it is."""
        if media_s < self._due_s - self._early_s:
            return False
        self._due_s += self._interval_s
        if self._due_s < media_s:
            self._due_s = media_s + self._interval_s
        return True
