"""How one camera is doing; retained, so that central knows it at once after a restart."""

from enum import StrEnum

from pydantic import Field

from analytics.messages.base import Measure, Slug, UtcTime, WireMessage, WireModel


class StreamState(StrEnum):
    """Where a camera's stream is in its life."""

    CONNECTING = "connecting"
    RUNNING = "running"
    STALLED = "stalled"
    WAITING = "waiting"
    ENDED = "ended"


class StreamFaultType(StrEnum):
    """Why a stream could not be opened, or stopped; each asks for another remedy."""

    AUTHENTICATION = "authentication"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    UNKNOWN_HOST = "unknown_host"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS = "tls"
    NO_VIDEO = "no_video"
    NOT_VIDEO = "not_video"
    CODEC = "codec"
    TRUNCATED = "truncated"
    STALLED = "stalled"
    ENDED = "ended"
    PROTOCOL = "protocol"
    CRASHED = "crashed"


class StreamFault(WireModel):
    """The last thing that went wrong with a stream, in words without a credential."""

    type: StreamFaultType
    text: str = Field(max_length=500)
    at: UtcTime


class ViewState(StrEnum):
    """Whether the view is still the one that was calibrated."""

    UNKNOWN = "unknown"
    VALID = "valid"
    TURNED = "turned"
    FROZEN = "frozen"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    COVERED = "covered"


class Losses(WireModel):
    """What was not kept since the start, by reason; all zero on a good day."""

    frames_skipped: int = Field(
        default=0, ge=0, description="Not decoded: the site cannot decode as fast as they come."
    )
    frames_overwritten: int = Field(default=0, ge=0, description="A newer frame came first.")
    frames_late: int = Field(
        default=0, ge=0, description="Too old when their turn came: the site has too much to do."
    )
    frames_undecodable: int = Field(default=0, ge=0, description="Broken or cut-off packets.")
    frames_failed: int = Field(default=0, ge=0, description="An error while looking; see the log.")
    incidents_not_stored: int = Field(
        default=0, ge=0, description="Revisions that the outbox had no room for; tried again."
    )
    incidents_lost: int = Field(
        default=0, ge=0, description="Of these, given up: more than memory may hold."
    )
    evidence_not_stored: int = Field(
        default=0, ge=0, description="Pictures that the outbox had no room for; not tried again."
    )
    evidence_withheld: int = Field(
        default=0, ge=0, description="Pictures not taken, because blurring them failed."
    )


class HealthMessage(WireMessage):
    """One camera's stream, rates, view and losses."""

    site: Slug
    camera: Slug
    observed_at: UtcTime
    stream: StreamState
    stream_since: UtcTime
    fault: StreamFault | None = Field(
        default=None, description="The last fault; kept while it lasts."
    )
    view: ViewState = ViewState.UNKNOWN
    width_px: int | None = Field(default=None, ge=1)
    height_px: int | None = Field(default=None, ge=1)
    frames_per_s: Measure = Field(default=0.0, description="Frames that the stream delivered.")
    looks_per_s: Measure = Field(default=0.0, description="Frames that were looked at.")
    frame_age_s: Measure | None = Field(
        default=None, description="Age of the newest frame that was looked at, at that time."
    )
    overloaded: bool = Field(
        default=False, description="The site cannot look as often as it should."
    )
    inference_ms: Measure | None = Field(default=None, description="Mean time of one detection.")
    reconnects: int = Field(default=0, ge=0, description="Connections after the first.")
    open_incidents: int = Field(default=0, ge=0)
    losses: Losses = Losses()
