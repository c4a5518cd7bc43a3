"""How a stream is doing, as plain values."""

from dataclasses import dataclass, replace
from datetime import datetime

from analytics.messages import StreamFault, StreamState


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a stream says of itself.

    Attributes
    ----------
    codec
        FFmpeg's name, ``h264`` or ``hevc`` for most cameras.
    width_px, height_px
        0 until the first picture where the stream does not announce them.
    frames_per_s
        None where it is not announced and could not be measured.
    """

    codec: str
    width_px: int
    height_px: int
    frames_per_s: float | None


@dataclass(frozen=True, slots=True)
class StreamSnapshot:
    """How a stream is doing now.

    Attributes
    ----------
    state, since
        And when it was entered.
    fault
        The last one; kept until pictures come again.
    info
        None before the first connection.
    frames, undecodable
        Pictures that came, also those not looked at, and those that could not be decoded; over all
        connections.
    skipped
        Pictures that were left out, because they came faster than they could be decoded.
    overwritten
        Samples that nobody took in time.
    reconnects
        Connections that brought pictures, after the first.
    orphans
        Readers that hang and were left behind.
    last_frame_at
        When the newest sample was captured.
    """

    state: StreamState
    since: datetime
    fault: StreamFault | None
    info: StreamInfo | None
    frames: int
    undecodable: int
    skipped: int
    overwritten: int
    reconnects: int
    orphans: int
    last_frame_at: datetime | None

    @classmethod
    def waiting(cls, since: datetime, fault: StreamFault | None) -> "StreamSnapshot":
        """Return that of a camera that was never connected to."""
        return cls(StreamState.WAITING, since, fault, None, 0, 0, 0, 0, 0, 0, None)

    def after(self, before: "StreamSnapshot") -> "StreamSnapshot":
        """Return it with what was counted before, by another stream of the same camera."""
        return replace(
            self,
            info=self.info or before.info,
            frames=self.frames + before.frames,
            undecodable=self.undecodable + before.undecodable,
            skipped=self.skipped + before.skipped,
            overwritten=self.overwritten + before.overwritten,
            # Its first connection is one more after those.
            reconnects=self.reconnects + before.reconnects + (before.frames > 0 < self.frames),
            last_frame_at=self.last_frame_at or before.last_frame_at,
        )
