"""Which messages are on their way to central, and when to send one again.

In memory only: a restarted edge sends everything again, and central stores each message once. Times
are seconds of a monotonic clock, so that setting the site's clock delays nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from analytics.messages import MAX_EVIDENCE_BYTES
from edge.outbox import Entry

MAX_ENTRIES = 32
MAX_BYTES = 4 * 1024 * 1024
LARGEST_BYTES = MAX_EVIDENCE_BYTES + 64 * 1024
"""No message is larger: a picture, and what is said of it."""

LONGEST_WAIT_S = 300.0
"""Between two sendings of one message; also how often a silent central is tried with a new one."""


@dataclass(slots=True)
class _Sent:
    entry_id: int
    size_bytes: int
    sent_s: float
    wait_s: float


class InFlight:
    """A window over the outbox: at most so many messages wait for central's word at once.

    While central says nothing, the same few are repeated, ever more rarely, and the others stay
    behind them: an hour without central costs the broker's queue little. Once central acks
    anything sent later than they were, those that it passes over hold up nobody.

    Attributes
    ----------
    cursor
        The highest entry that was sent; what follows it was not.
    """

    def __init__(self, *, ack_timeout_s: float) -> None:
        self._ack_timeout_s = ack_timeout_s
        self._sent: dict[UUID, _Sent] = {}
        self._heard_s = float("-inf")
        self._probed_s = float("-inf")
        self.cursor = 0

    def __len__(self) -> int:
        return len(self._sent)

    def room(self, now_s: float) -> int:
        """Return how many messages may be sent for the first time now."""
        # Where the next may be too large to go, none is asked for: it would be read from the disk
        # in vain, each turn anew.
        is_heavy = self._held_bytes() > MAX_BYTES - LARGEST_BYTES
        room = 0 if is_heavy else max(0, MAX_ENTRIES - len(self._holding()))
        return 1 if room == 0 and self._may_probe(now_s) else room

    def fits(self, entry: Entry, now_s: float) -> bool:
        """Return whether one more message of that size may be on its way; one always may."""
        held = self._held_bytes()
        return held == 0 or held + len(entry.payload) <= MAX_BYTES or self._may_probe(now_s)

    def due(self, now_s: float) -> list[int]:
        """Return the entries whose ack is overdue, oldest first."""
        return sorted(
            one.entry_id for one in self._sent.values() if now_s - one.sent_s >= one.wait_s
        )

    def sent(self, entry: Entry, now_s: float) -> None:
        """Note that ``entry`` went out; each time its ack is given twice as long."""
        before = self._sent.get(entry.message_id)
        wait_s = self._ack_timeout_s if before is None else before.wait_s * 2
        self._sent[entry.message_id] = _Sent(
            entry.entry_id, len(entry.payload), now_s, min(wait_s, LONGEST_WAIT_S)
        )
        self._probed_s = now_s if before is None else self._probed_s
        self.cursor = max(self.cursor, entry.entry_id)

    def acked(self, message_ids: Iterable[UUID], now_s: float) -> None:
        """Note central's word; for a message that is not on its way it changes nothing."""
        for message_id in message_ids:
            if self._sent.pop(message_id, None) is not None:
                self._heard_s = now_s

    def clear(self) -> None:
        """Begin again from the oldest message, as after a lost connection."""
        self._sent.clear()
        self.cursor = 0

    def _may_probe(self, now_s: float) -> bool:
        """Return whether one may go past a full window.

        Were it full of messages that can never be acked, nothing else would ever show that central
        is there.
        """
        return now_s - max(self._heard_s, self._probed_s) >= LONGEST_WAIT_S

    def _held_bytes(self) -> int:
        return sum(one.size_bytes for one in self._holding())

    def _holding(self) -> list[_Sent]:
        return [one for one in self._sent.values() if one.sent_s >= self._heard_s]
