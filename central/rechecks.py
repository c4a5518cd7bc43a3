"""Asks cameras to look again, as the books say: the thread between the store and the broker.

What it asks, and until when, is in the books (`central.rechecking`): several replicas share it, and
a restart forgets nothing. A command that is lost on the way expires, and is asked again.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from analytics.messages import CommandMessage
from central.errors import StoreError
from central.mailman import MailmanSnapshot
from central.reporting import Reporter
from central.store import Store

logger = logging.getLogger(__name__)

TURN_S = 1.0
"""How long an operator's question may wait."""


class Sender(Protocol):
    """Where commands go."""

    def send_command(self, message: CommandMessage) -> None:
        """Ask a site for something."""
        ...

    def snapshot(self) -> MailmanSnapshot:
        """Return how the connection is now."""
        ...


class Rechecks:
    """The thread that asks, from `start` to `stop`.

    Parameters
    ----------
    clock
        Gives the present, aware UTC.
    """

    def __init__(self, store: Store, sender: Sender, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._sender = sender
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rechecks", daemon=True)
        self._reporter = Reporter(logger, clock=clock)

    def start(self) -> None:
        """Ask what is due until `stop`."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End after the question at hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def fault(self) -> str | None:
        """Tell why nothing is asked any more; None while the thread lives."""
        return (
            None if self._thread.is_alive() else "no second looks are asked for: the thread ended"
        )

    def ask_due(self) -> int:
        """Ask what is due now, and return how much that was; nothing while there is no broker.

        Raises
        ------
        StoreError
            Where the database is away; what is due stays so.
        """
        if not self._sender.snapshot().is_connected:
            return 0
        commands = self._store.claim_rechecks(at=self._clock())
        for command in commands:
            self._sender.send_command(command)
            logger.info("%s/%s is asked to look again", command.site, command.command.camera)
        return len(commands)

    def _run(self) -> None:
        while not self._stopping.wait(TURN_S):
            try:
                self.ask_due()
            except StoreError as error:
                self._reporter.report("no second look is asked for", "tried again", error)
