"""How far the reading of a live stream has fallen behind the camera."""

from typing import Final

_WINDOW_S: Final = 30.0


class Lag:
    """Tells how late pictures are had, by the stream's own clock.

    A picture is as late as it takes longer to come than the promptest of the last minute. Neither
    clock is trusted for longer: crystals differ by a hundred parts in a million.
    """

    def __init__(self) -> None:
        self._since_s = float("-inf")
        self._promptest_s = self._promptest_before_s = float("inf")

    def of(self, media_s: float, now_s: float) -> float:
        """Return how late a picture is, seconds.

        Parameters
        ----------
        media_s
            When it was shown, by the stream.
        now_s
            When it was had, by a clock that never jumps.
        """
        if now_s - self._since_s >= _WINDOW_S:
            self._since_s = now_s
            self._promptest_before_s = self._promptest_s
            self._promptest_s = float("inf")
        took_s = now_s - media_s
        self._promptest_s = min(self._promptest_s, took_s)
        return took_s - min(self._promptest_s, self._promptest_before_s)
