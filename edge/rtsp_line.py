"""How a camera is connected to, as plain values."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ANALYSE_US = 500_000
"""How much media is read for what is not announced; FFmpeg's default of 5 s delays each start."""


@dataclass(frozen=True, slots=True)
class RtspLine:
    """How a camera is connected to.

    Attributes
    ----------
    open_timeout_s
        For signing in, and once more for the first packets.
    read_timeout_s
        A silence of this length is a stall.
    transport
        What RTP travels on.
    tls_ca
        The certificates that an rtsps camera's is checked against; None checks nothing, because
        most cameras sign their own.
    """

    open_timeout_s: float
    read_timeout_s: float
    transport: Literal["tcp", "udp"] = "tcp"
    tls_ca: Path | None = None

    def for_ffmpeg(self) -> dict[str, str]:
        """Return it as FFmpeg's options."""
        options = {
            "rtsp_transport": self.transport,
            "allowed_media_types": "video",
            "timeout": str(round(self.open_timeout_s * 1e6)),
            "analyzeduration": str(ANALYSE_US),
        }
        if self.tls_ca is not None:
            options |= {"ca_file": str(self.tls_ca), "tls_verify": "1"}
        return options
