"""Takes messages from the broker into the books: commits first, acks after.

One thread takes what the MQTT client has queued, as batches. A batch is one transaction. Only when
it is committed is it acked, to the broker and to the edge. What cannot be taken is parked as a dead
letter; while the database is away, everything waits.
"""

import logging
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from analytics.messages import (
    Acked,
    AckMessage,
    AckOutcome,
    Channel,
    DecodeError,
    ReplyMessage,
    message_id_of,
    parse_topic,
)
from central.admission import admit
from central.errors import ForeignIncidentError, StoreUnavailableError
from central.mailman import Delivery, Mailman, MailmanSnapshot
from central.reading import DeadLetterFault
from central.reporting import Reporter
from central.store import BookMessage, DeadLetter, Store, Taken

logger = logging.getLogger(__name__)

CHANNELS = (
    Channel.INCIDENT,
    Channel.EVIDENCE,
    Channel.HEALTH,
    Channel.CAMERAS,
    Channel.STATUS,
    Channel.REPLY,
)
"""What central listens to."""

MAX_ACKS = 200
"""Ids in one ack message; the wire contract's limit."""

_BATCH = 64
_IDLE_S = 0.5
_RETRY_MIN_S = 0.2
_RETRY_MAX_S = 15.0
_PRUNE_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class IngestSnapshot:
    """How ingest is doing, since the start.

    Attributes
    ----------
    is_running
        The thread lives.
    broker
        How the connection is.
    taken
        Messages that were committed, repeated ones included.
    repeated
        Messages that had been committed before.
    unasked
        Replies to no command that waits for one.
    dead_lettered
        Messages that were parked.
    retries
        Attempts that failed because the database was away.
    fault
        Why nothing is being committed now; None on a good day.
    """

    is_running: bool
    broker: MailmanSnapshot
    taken: int
    repeated: int
    unasked: int
    dead_lettered: int
    retries: int
    fault: str | None
    committed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Item:
    """One delivery, understood: exactly one of ``message`` and ``dead_letter`` is set."""

    delivery: Delivery
    message_id: UUID | None
    message: BookMessage | None = None
    dead_letter: DeadLetter | None = None


class Ingest:
    """The ingest thread.

    Parameters
    ----------
    sites
        Sites that may send; empty for every site.
    clock
        Gives the present, aware UTC.
    """

    def __init__(
        self,
        store: Store,
        mailman: Mailman,
        *,
        sites: Sequence[str] = (),
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._mailman = mailman
        self._sites = frozenset(sites)
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self._taken = 0
        self._repeated = 0
        self._unasked = 0
        self._dead_lettered = 0
        self._retries = 0
        self._fault: str | None = None
        self._committed_at: datetime | None = None
        self._pruned_at: datetime | None = None
        self._reporter = Reporter(logger, clock=clock)

    def start(self) -> None:
        """Connect, and take messages until `stop`."""
        self._mailman.start()
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End after the batch at hand; what was not committed is delivered again later."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._mailman.stop()

    def snapshot(self) -> IngestSnapshot:
        """Return how it is doing now; from any thread."""
        return IngestSnapshot(
            is_running=self._thread.is_alive(),
            broker=self._mailman.snapshot(),
            taken=self._taken,
            repeated=self._repeated,
            unasked=self._unasked,
            dead_lettered=self._dead_lettered,
            retries=self._retries,
            fault=self._fault,
            committed_at=self._committed_at,
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._prune_when_due()
            batch = self._mailman.take(_BATCH, timeout_s=_IDLE_S)
            if not batch:
                continue
            items = [self._understood(delivery) for delivery in batch]
            try:
                self._commit(items)
            except StoreUnavailableError:
                return  # Stopped while the database was away: nothing was acked, nothing is lost.
            except Exception as error:  # noqa: BLE001  # reported; each is tried by itself
                self._reporter.report("a batch was refused", f"{len(items)} messages", error)
                self._commit_singly(items)

    def _commit_singly(self, items: Sequence[_Item]) -> None:
        """Find what the batch was refused for, park it, and take the rest."""
        for item in items:
            try:
                self._commit([item])
            except StoreUnavailableError:
                return
            except Exception as error:  # noqa: BLE001  # parked, with its text, and counted
                try:
                    self._commit([_parked(item, error)])
                except Exception as refusal:  # noqa: BLE001  # reported; the loop must go on
                    # Not acked: it stays with the edge and comes again, and the next may pass.
                    self._reporter.report(
                        "no dead letter could be kept", _named(item.delivery), refusal
                    )

    def _commit(self, items: Sequence[_Item]) -> None:
        """Write a batch down, and say so; waits for a database that is away.

        Raises
        ------
        StoreUnavailableError
            Only when stopped while waiting.
        StoreRefusedError, ForeignIncidentError
            Nothing was written, because of one of the messages.
        """
        messages = [item.message for item in items if item.message is not None]
        letters = [item.dead_letter for item in items if item.dead_letter is not None]
        taken = self._taken_when_possible(messages, letters)
        if self._fault is not None:
            logger.info("the database takes messages again")
        self._fault = None
        self._taken += len(messages)
        self._repeated += taken.repeated
        self._unasked += taken.unasked
        self._dead_lettered += len(letters)
        self._committed_at = self._clock()
        if letters:
            self._reporter.report(
                "dead letter", f"{letters[-1].fault.value} on {letters[-1].topic}"
            )
        if taken.unasked:
            last = next(item for item in reversed(items) if isinstance(item.message, ReplyMessage))
            self._reporter.report("a reply answers nothing that was asked", _named(last.delivery))
        self._ack(items)

    def _taken_when_possible(
        self, messages: Sequence[BookMessage], letters: Sequence[DeadLetter]
    ) -> Taken:
        pause_s = _RETRY_MIN_S
        while True:
            try:
                return self._store.take(messages, letters, at=self._clock())
            except StoreUnavailableError as error:
                self._away(error)
                if self._stopping.wait(pause_s * random.uniform(0.5, 1.0)):  # noqa: S311  # jitter
                    raise
                pause_s = min(2 * pause_s, _RETRY_MAX_S)

    def _away(self, error: StoreUnavailableError) -> None:
        self._retries += 1
        if self._fault is None:
            logger.warning("the database is away, messages wait: %s", error)
        self._fault = str(error)

    def _ack(self, items: Sequence[_Item]) -> None:
        by_site: dict[str, list[Acked]] = defaultdict(list)
        for item in items:
            self._mailman.settle(item.delivery)
            site = _site_of(item.delivery.topic)
            if site is None or item.message_id is None:
                continue
            letter = item.dead_letter
            outcome = AckOutcome.COMMITTED if letter is None else AckOutcome.DEAD_LETTER
            reason = None if letter is None else f"{letter.fault.value}: {letter.detail}"[:500]
            by_site[site].append(Acked(message_id=item.message_id, outcome=outcome, reason=reason))
        for site, acked in by_site.items():
            for start in range(0, len(acked), MAX_ACKS):
                part = tuple(acked[start : start + MAX_ACKS])
                self._mailman.send_ack(AckMessage(site=site, sent_at=self._clock(), messages=part))

    def _understood(self, delivery: Delivery) -> _Item:
        try:
            message = admit(delivery.topic, delivery.payload, sites=self._sites)
            return _Item(delivery, getattr(message, "message_id", None), message)
        except DecodeError as error:
            fault = DeadLetterFault(error.fault.value)
            message_id = error.message_id or message_id_of(delivery.payload)
            return _dead(delivery, message_id, fault, error.detail)
        except Exception as error:  # noqa: BLE001  # parked, with its text, and counted
            self._reporter.report("a message could not be read", _named(delivery), error)
            detail = f"{type(error).__name__}: {error}"
            message_id = message_id_of(delivery.payload)
            return _dead(delivery, message_id, DeadLetterFault.PROCESSING, detail)

    def _prune_when_due(self) -> None:
        now = self._clock()
        # abs: a clock that was put back must not put this off for as long.
        if self._pruned_at is not None and abs(now - self._pruned_at) < _PRUNE_EVERY:
            return
        self._pruned_at = now
        try:
            dropped = self._store.prune(at=now)
        except Exception as error:  # noqa: BLE001  # reported; taking messages matters more
            self._reporter.report(
                "what is out of date could not be removed", "next try in an hour", error
            )
            return
        if dropped:
            logger.warning("%d dead letters were removed: more than are kept", dropped)


def _parked(item: _Item, error: Exception) -> _Item:
    is_foreign = isinstance(error, ForeignIncidentError)
    fault = DeadLetterFault.FOREIGN if is_foreign else DeadLetterFault.PROCESSING
    return _dead(item.delivery, item.message_id, fault, f"{type(error).__name__}: {error}")


def _dead(
    delivery: Delivery, message_id: UUID | None, fault: DeadLetterFault, detail: str
) -> _Item:
    letter = DeadLetter.of(delivery.topic, delivery.payload, fault, detail)
    return _Item(delivery, message_id, dead_letter=letter)


def _named(delivery: Delivery) -> str:
    # Any client may send any topic: repr keeps control characters out of the log.
    return f"on {delivery.topic!r}"


def _site_of(topic: str) -> str | None:
    try:
        return parse_topic(topic).site
    except DecodeError:
        return None
