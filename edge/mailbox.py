"""Where the newest frame of one camera waits for the worker; an older one is replaced."""

import threading
from collections.abc import Callable

from analytics.frames import Frame


class Mailbox:
    """One slot, newest wins, safe from any thread.

    A worker that cannot keep up with a camera must look at what happens now, not at what happened
    before; so the reader never waits, and what it overwrites is counted.

    Parameters
    ----------
    on_put
        Called after each `put`, in the caller's thread and without a lock held; it wakes the
        worker, and must neither block nor raise.
    """

    def __init__(self, on_put: Callable[[], None]) -> None:
        self._on_put = on_put
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._overwritten = 0

    @property
    def overwritten(self) -> int:
        """How many frames were replaced before anybody took them."""
        return self._overwritten

    def put(self, frame: Frame) -> None:
        """Leave ``frame`` for the worker, in the place of one that was not taken."""
        with self._lock:
            if self._frame is not None:
                self._overwritten += 1
            self._frame = frame
        self._on_put()

    def take(self) -> Frame | None:
        """Return the newest frame, once, or None where there is no new one."""
        with self._lock:
            frame, self._frame = self._frame, None
        return frame
