"""Whether a thread works or waits."""


class Occupation:
    """Tells whether a thread works most of the time, or waits: of late, a second or so."""

    def __init__(self) -> None:
        self._works_s = self._waits_s = 0.0

    def note(self, works_s: float, waits_s: float) -> None:
        """Take in how long it worked, and then waited, seconds."""
        keeps = 1.0 / (1.0 + works_s + waits_s)
        self._works_s = keeps * (self._works_s + works_s)
        self._waits_s = keeps * (self._waits_s + waits_s)

    @property
    def is_full(self) -> bool:
        """Whether it works more than it waits."""
        return self._works_s > self._waits_s
