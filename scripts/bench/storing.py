"""Messages into the outbox, each on the disk before the next, beside what the disk allows."""

import os
from collections.abc import Sequence
from pathlib import Path

from analytics.messages import IncidentMessage, encode
from edge.outbox import Outbox
from scripts.bench.contest import hold, per_second
from scripts.bench.figures import Row, Unit
from scripts.bench.messages import incidents
from scripts.bench.plan import Plan
from scripts.bench.watching import OUTBOX_BYTES

_OURS = "Outbox.put"
_LIMIT = "write and fsync"


def measure(plan: Plan) -> list[Row]:
    """Return messages stored a second, one a transaction."""
    count, path = plan.size.puts, plan.folder / "storing.bytes"
    with Outbox(plan.folder / "storing.outbox", limit_bytes=OUTBOX_BYTES) as outbox:

        def put() -> float:
            messages = incidents(count)
            return per_second(lambda: _put(outbox, messages))()

        def write() -> float:
            payloads = [encode(message) for message in incidents(count)]
            return per_second(lambda: _write(path, payloads))()

        contest = hold({_OURS: put, _LIMIT: write}, rounds=plan.size.rounds)
    return [contest.figure("outbox.puts", "outbox, each put synced", Unit.PUTS, _OURS, _LIMIT)]


def _put(outbox: Outbox, messages: Sequence[IncidentMessage]) -> int:
    for message in messages:
        outbox.put([message], at=message.observed_at)
    return len(messages)


def _write(path: Path, payloads: Sequence[bytes]) -> int:
    with path.open("ab", buffering=0) as file:
        for payload in payloads:
            file.write(payload)
            os.fsync(file.fileno())
    return len(payloads)
