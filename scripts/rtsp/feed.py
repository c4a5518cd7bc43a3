"""What one path of the server plays, and how it fails."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal


class Fault(StrEnum):
    """What is wrong with a camera; those before `STALL` are met before a picture comes."""

    REFUSE = "refuse"
    """The connection is closed as soon as the camera is asked for."""
    NEVER_ANSWER = "never_answer"
    """The connection is accepted and nothing is ever said."""
    NOT_FOUND = "not_found"
    """404, as for a mistyped path."""
    UNAUTHORISED = "unauthorised"
    """401 whatever the credentials, as after somebody changed the password."""
    UNAVAILABLE = "unavailable"
    """503, as of a camera that has too many viewers."""
    NO_VIDEO = "no_video"
    """Only sound is offered."""
    NO_MEDIA = "no_media"
    """Nothing at all is offered."""
    UNKNOWN_CODEC = "unknown_codec"
    """Video that nobody can decode is offered."""
    STALL = "stall"
    """The connection stays and nothing more comes on it."""
    DROP = "drop"
    """The connection is closed."""
    FLAP = "flap"
    """All is well for `Feed.up_s`, then all is dropped and refused for `Feed.down_s`, in turns."""
    FREEZE = "freeze"
    """The last key frame comes again and again, a few times a second."""
    GARBAGE = "garbage"
    """Each packet's bytes are noise, behind the header that names their kind."""
    BROKEN = "broken"
    """Slices come with bits flipped and pieces missing, in packets that are sound."""
    BAD_FRAMING = "bad_framing"
    """Noise stands between the packets; over UDP it is in datagrams of its own."""
    LOSS = "loss"
    """A share of the packets is missing, `Feed.loss`."""
    TIME_JUMP = "time_jump"
    """The timestamps are `Feed.jump_s` off; they jump when it begins, and back when it ends."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One camera of the server.

    Attributes
    ----------
    path
        An MP4 or other file with H.264 or H.265 in it.
    fault, fault_after_s
        What goes wrong, and how many seconds after the first picture for faults of a running
        stream, `Fault.STALL` and those behind it but `Fault.FLAP`.
    answer_after_s, start_after_s
        How long each connection waits for its first answer, and then for its first picture.
    loop
        Whether the film starts again, with timestamps that go on; else the connection is closed.
    phase_s
        None shows each viewer the film from its beginning. Else the film runs whether it is watched
        or not, this far ahead of one that began with the server, and viewers join it at its next
        key frame, as with a real camera; only for films that are kept in memory.
    username, password, scheme
        What a client has to know, None for an open camera.
    loss
        Share of the packets that `Fault.LOSS` takes, 0 to 1.
    jump_s
        What `Fault.TIME_JUMP` adds, negative for a jump back. RTP counts to 13 hours: a jump of
        more than half of it looks like one in the other direction.
    up_s, down_s
        The two halves of `Fault.FLAP`, counted from when the fault was set.
    seed
        Of all that is random; with the same one, each viewer meets the same losses and noise.
    """

    path: Path
    fault: Fault | None = None
    fault_after_s: float = 0.0
    answer_after_s: float = 0.0
    start_after_s: float = 0.0
    loop: bool = True
    phase_s: float | None = None
    username: str | None = None
    password: str | None = None
    scheme: Literal["digest", "basic"] = "digest"
    loss: float = 0.1
    jump_s: float = 4 * 3600.0
    up_s: float = 5.0
    down_s: float = 5.0
    seed: int = 0
