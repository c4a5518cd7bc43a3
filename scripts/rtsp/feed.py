"""What one path of the server plays, and how it fails."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal


class Fault(StrEnum):
    """What is wrong with a camera; the first five are met before a picture comes."""

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
    GARBAGE = "garbage"
    """Each picture's bytes are noise."""
    LOSS = "loss"
    """Every tenth RTP packet is missing."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One camera of the server.

    Attributes
    ----------
    path
        An MP4 or other file with H.264 or H.265 in it.
    fault, fault_after_s
        What goes wrong, and how many seconds after the first picture for faults of a running
        stream (`Fault.STALL`, `Fault.DROP`, `Fault.GARBAGE`, `Fault.LOSS`).
    start_after_s
        How long the first picture takes.
    loop
        Whether the film starts again, with timestamps that go on; else the connection is closed.
    username, password, scheme
        What a client has to know, None for an open camera.
    """

    path: Path
    fault: Fault | None = None
    fault_after_s: float = 0.0
    start_after_s: float = 0.0
    loop: bool = True
    username: str | None = None
    password: str | None = None
    scheme: Literal["digest", "basic"] = "digest"
