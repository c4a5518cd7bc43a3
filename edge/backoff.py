"""How long to wait before trying again."""

import random
from collections.abc import Callable


class BackOff:
    """Exponential, capped, with full jitter.

    Parameters
    ----------
    first_s, longest_s
        The bounds of the first wait and of all later ones; each wait lies between 0 and its bound.
    jitter
        Gives a number from 0 to 1.

    Notes
    -----
    Full jitter spreads a hundred cameras best that come back from one power cut together: M.
    Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
    """

    def __init__(
        self, first_s: float, longest_s: float, *, jitter: Callable[[], float] = random.random
    ) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._jitter = jitter
        self._bound_s = first_s

    def next_s(self) -> float:
        """Return how long to wait now, in seconds."""
        wait_s = self._jitter() * self._bound_s
        self._bound_s = min(self._bound_s * 2, self._longest_s)
        return wait_s

    def reset(self) -> None:
        """Begin with the first wait again."""
        self._bound_s = self._first_s
