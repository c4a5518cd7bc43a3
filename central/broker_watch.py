"""Keeps the embedded broker alive: one that dies is started again, on its port and its store."""

import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from central.broker import EmbeddedBroker, EmbeddedBrokerError

logger = logging.getLogger(__name__)

_POLL_S = 0.2
_RETRY_MIN_S = 0.5
_RETRY_MAX_S = 30.0
_STEADY_S = 60.0
"""One that ran for so long did not die of its start: the next try comes soon again."""


class BrokerWatch:
    """An embedded broker from `start` to `stop`, whatever becomes of its process.

    The kernel kills the child when the thread that started it ends, so one thread starts it each
    time, watches it and stops it.
    """

    def __init__(self, broker: EmbeddedBroker) -> None:
        self._broker = broker
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedded-broker")
        self._stopping = threading.Event()
        self._fault: str | None = None

    @property
    def fault(self) -> str | None:
        """Why there is no broker now; None while it runs. From any thread."""
        return self._fault

    def start(self) -> None:
        """Start it, and watch it from then on.

        Raises
        ------
        EmbeddedBrokerError
            Where this first start fails; then nothing is watched.
        """
        self._thread.submit(self._broker.start).result()
        self._thread.submit(self._watch)

    def stop(self) -> None:
        """End the watch, and the broker; harmless where it did not start."""
        self._stopping.set()
        self._thread.submit(self._broker.stop).result()
        self._thread.shutdown()

    def _watch(self) -> None:
        pause_s = _RETRY_MIN_S
        started_at_s = time.monotonic()
        while not self._stopping.wait(_POLL_S):
            if self._broker.is_running:
                continue
            if time.monotonic() - started_at_s > _STEADY_S:
                pause_s = _RETRY_MIN_S
            if self._fault is None:
                self._down(f"the embedded broker on port {self._broker.port} has ended")
            if self._stopping.wait(pause_s * random.uniform(0.5, 1.0)):  # noqa: S311  # jitter
                return
            pause_s = min(2 * pause_s, _RETRY_MAX_S)
            try:
                self._broker.start()
            except EmbeddedBrokerError as error:
                self._down(str(error))
                continue
            started_at_s = time.monotonic()
            self._fault = None
            logger.info("the embedded broker runs again")

    def _down(self, fault: str) -> None:
        if fault != self._fault:
            logger.warning("%s; starting it again", fault)
        self._fault = fault
