"""Where a stream is in its life, why, and what the log is told of it."""

import logging
from collections.abc import Callable
from datetime import datetime

from analytics.messages import StreamFault, StreamFaultType, StreamState
from edge.errors import StreamError

logger = logging.getLogger(__name__)

TRANSITIONS = {
    StreamState.WAITING: frozenset({StreamState.CONNECTING, StreamState.ENDED}),
    StreamState.CONNECTING: frozenset(
        {StreamState.RUNNING, StreamState.STALLED, StreamState.WAITING, StreamState.ENDED}
    ),
    StreamState.RUNNING: frozenset({StreamState.STALLED, StreamState.WAITING, StreamState.ENDED}),
    StreamState.STALLED: frozenset({StreamState.CONNECTING, StreamState.ENDED}),
    StreamState.ENDED: frozenset[StreamState](),
}
"""Which state may follow which; STALLED and WAITING last until the next attempt."""

MAX_FAULT_TEXT = 500
"""What a health message takes."""


class StreamStateMachine:
    """Keeps a stream's state and its last fault, and logs each change once.

    A camera that stays dead is tried for ever: only its first round is told at the level of
    state changes, until it runs again. Not safe from several threads.

    Attributes
    ----------
    state, since
        The state and when it was entered.
    fault
        What went wrong last; None again as soon as the stream runs.
    """

    def __init__(self, camera_id: str, clock: Callable[[], datetime]) -> None:
        self._camera_id = camera_id
        self._clock = clock
        self._told_states: set[StreamState] = set()
        self._told_fault: tuple[StreamFaultType, str] | None = None
        self.state = StreamState.WAITING
        self.since = clock()
        self.fault: StreamFault | None = None

    def enter(self, state: StreamState) -> None:
        """Go over to ``state``.

        Raises
        ------
        ValueError
            Where `TRANSITIONS` does not allow it: a bug.
        """
        if state not in TRANSITIONS[self.state]:
            msg = f"a stream cannot go from {self.state.name} to {state.name}"
            raise ValueError(msg)
        if state is StreamState.RUNNING:
            self.fault = None
            self._told_fault = None
            self._told_states.clear()
        level = logging.DEBUG if state in self._told_states else logging.INFO
        self._told_states.add(state)
        logger.log(
            level,
            "stream %s: %s -> %s",
            self._camera_id,
            self.state.name,
            state.name,
            extra={"camera_id": self._camera_id},
        )
        self.state = state
        self.since = self._clock()

    def fail(self, error: StreamError) -> None:
        """Keep why the stream is about to leave its state."""
        text = error.text[:MAX_FAULT_TEXT]
        self.fault = StreamFault(type=error.fault, text=text, at=self._clock())
        if self._told_fault != (error.fault, text):
            self._told_fault = (error.fault, text)
            logger.warning(
                "stream %s: %s", self._camera_id, error, extra={"camera_id": self._camera_id}
            )
