"""How far the reading of a live stream has fallen behind the camera."""

from typing import Final

_DRIFT: Final = 5e-4
"""How much faster than this machine's a camera's clock may run: crystals are off by a fifth."""


class Lag:
    """Tells how late pictures are had, by the stream's own clock.

    A picture is as late as it takes longer to come than the promptest before it.
    """

    def __init__(self) -> None:
        self._at_s = 0.0
        self._promptest_s = float("inf")

    def of(self, media_s: float, now_s: float) -> float:
        """Return how late a picture is, seconds.

        Parameters
        ----------
        media_s
            When it was shown, by the stream.
        now_s
            When it was had, by a clock that never jumps.
        """
        took_s = now_s - media_s
        slack_s = _DRIFT * (now_s - self._at_s)
        self._promptest_s = min(took_s, self._promptest_s + slack_s)
        self._at_s = now_s
        return took_s - self._promptest_s
