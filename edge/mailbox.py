"""Where the newest sample of one camera waits to be looked at; an older one is replaced."""

import threading
from collections.abc import Callable
from datetime import datetime

from edge.sources import Sample


class Mailbox:
    """One slot, newest wins, safe from any thread.

    Who cannot keep up with a camera must look at what happens now, not at what happened before; so
    the reader never waits, and what it overwrites is counted.

    Parameters
    ----------
    on_put
        Called after each `put`, in the caller's thread and without a lock held; it wakes who looks,
        and must neither block nor raise.
    """

    def __init__(self, on_put: Callable[[], None]) -> None:
        self._on_put = on_put
        self._lock = threading.Lock()
        self._sample: Sample | None = None
        self._overwritten = 0

    @property
    def overwritten(self) -> int:
        """How many samples were replaced before anybody took them."""
        return self._overwritten

    def put(self, sample: Sample) -> None:
        """Leave ``sample`` to be looked at, in the place of one that was not taken."""
        with self._lock:
            if self._sample is not None:
                self._overwritten += 1
            self._sample = sample
        self._on_put()

    def take(self, *, not_before: datetime) -> tuple[Sample | None, bool]:
        """Return the newest sample, once.

        Returns
        -------
        sample, is_late
            None where there is no new one; and whether there was one that was captured before
            ``not_before``, which is dropped.
        """
        with self._lock:
            sample, self._sample = self._sample, None
        if sample is not None and sample.captured_at < not_before:
            return None, True
        return sample, False
