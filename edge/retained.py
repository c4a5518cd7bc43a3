"""The site's word on each of its retained topics: what the broker must hold for it."""

import threading


class RetainedTopics:
    """The newest payload of each topic, and which of them the broker was not told yet.

    Any thread may call any method.
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._words: dict[str, bytes] = {}
        self._unsaid: dict[str, bytes] = {}

    def keep(self, topic: str, payload: bytes) -> None:
        """Make ``payload`` the word on ``topic``; an older one that was not told yet is not."""
        with self._mutex:
            self._words[topic] = payload
            self._unsaid[topic] = payload

    def take_unsaid(self) -> dict[str, bytes]:
        """Return what the broker must be told now; from here on it counts as told."""
        with self._mutex:
            unsaid, self._unsaid = self._unsaid, {}
        return unsaid

    def forget_what_was_said(self) -> None:
        """Tell everything again, as to a broker that may have lost it."""
        with self._mutex:
            self._unsaid = dict(self._words)
