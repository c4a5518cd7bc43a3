"""What became of one camera's samples, as plain values."""

from dataclasses import dataclass

AGE_LIMITS_S = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 2.0)
"""Upper limits of the classes that ages of frames are counted in; one more class is above."""


@dataclass(frozen=True, slots=True)
class LookFigures:
    """What became of one camera's samples since the start.

    Attributes
    ----------
    looks
        Frames that were looked at, also in vain.
    failed
        Frames on which the look ended in an error.
    late
        Samples that were too old when their turn came, see `edge.looking.MAX_AGE`.
    decode_s
        Time that decoding and converting took, seconds.
    busy_s
        Time that the looks took, seconds, with decoding.
    frame_age_s
        Age of the newest frame that was looked at, when its look began; None before the first.
    ages
        How many frames were looked at at which age, by `AGE_LIMITS_S`.
    """

    looks: int = 0
    failed: int = 0
    late: int = 0
    decode_s: float = 0.0
    busy_s: float = 0.0
    frame_age_s: float | None = None
    ages: tuple[int, ...] = (0,) * (len(AGE_LIMITS_S) + 1)

    def after(self, before: "LookFigures") -> "LookFigures":
        """Return them with what was counted before."""
        age_s = before.frame_age_s if self.frame_age_s is None else self.frame_age_s
        return LookFigures(
            looks=self.looks + before.looks,
            failed=self.failed + before.failed,
            late=self.late + before.late,
            decode_s=self.decode_s + before.decode_s,
            busy_s=self.busy_s + before.busy_s,
            frame_age_s=age_s,
            ages=tuple(map(sum, zip(self.ages, before.ages, strict=True))),
        )
