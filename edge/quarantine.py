"""Which cameras are kept apart, because what they send takes whole processes down. Pure."""

from dataclasses import dataclass

CRASHES = 3
"""A camera that was the culprit so often within `WITHIN_S` is kept apart."""

WITHIN_S = 600.0

FIRST_S = 300.0
LONGEST_S = 6 * 3600.0
"""For how long it is kept apart: doubled each time, up to the second."""


@dataclass(slots=True)
class _Record:
    crashes_s: list[float]
    terms: int = 0
    until_s: float = 0.0


class Quarantine:
    """Counts crashes by their culprit. All times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._records: dict[str, _Record] = {}

    def crashed(self, camera: str, at_s: float) -> None:
        """Note that a camera took a process down."""
        record = self._records.setdefault(camera, _Record([]))
        record.crashes_s = [*(t for t in record.crashes_s if at_s - t < WITHIN_S), at_s]
        # One that was let out gets no three more: its first crash brings it back.
        if len(record.crashes_s) >= CRASHES or record.terms:
            record.until_s = at_s + min(FIRST_S * 2**record.terms, LONGEST_S)
            record.terms += 1
            record.crashes_s = []

    def holds(self, camera: str, at_s: float) -> bool:
        """Return whether a camera is kept apart."""
        return at_s < self.until_s(camera)

    def until_s(self, camera: str) -> float:
        """Return until when a camera is kept apart; 0 where it never was."""
        record = self._records.get(camera)
        return 0.0 if record is None else record.until_s

    def forget(self, camera: str) -> None:
        """Let a camera out and forget what it did: its settings have changed."""
        self._records.pop(camera, None)
