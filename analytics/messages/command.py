"""What central asks of a site, and what the site answers."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import UUID7, Field, StringConstraints, model_validator

from analytics.messages.base import Slug, UtcTime, WireMessage, WireModel
from analytics.messages.incident import EvidenceRef


class PeekCommand(WireModel):
    """Send blurred pictures of a camera for a while."""

    action: Literal["peek"] = "peek"
    camera: Slug
    duration_s: float = Field(gt=0, le=600)
    interval_s: float = Field(default=1.0, ge=0.2, le=60)


class RecheckCommand(WireModel):
    """Look again whether what an incident found is still there."""

    action: Literal["recheck"] = "recheck"
    camera: Slug
    incident_id: UUID7


Command = Annotated[PeekCommand | RecheckCommand, Field(discriminator="action")]


class CommandMessage(WireMessage):
    """One request; a site that gets it after ``expires_at`` refuses it."""

    command_id: UUID7
    site: Slug
    issued_at: UtcTime
    expires_at: UtcTime
    command: Command

    @model_validator(mode="after")
    def _expires_later(self) -> Self:
        if self.expires_at <= self.issued_at:
            msg = "expires_at must be later than issued_at"
            raise ValueError(msg)
        return self


class ReplyOutcome(StrEnum):
    """What became of a command."""

    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"


class RecheckAnswer(StrEnum):
    """What a second look found."""

    GONE = "gone"
    STILL_THERE = "still_there"
    CANNOT_SEE = "cannot_see"


class RecheckReason(StrEnum):
    """Why a second look was answered so, or not done; screens translate it."""

    FOUND_AGAIN = "found_again"
    LOOKS_THE_SAME = "looks_the_same"
    NOT_FOUND = "not_found"
    NOT_CLEAN = "not_clean"
    LIT = "lit"
    HIDDEN = "hidden"
    DARK = "dark"
    DAYLIGHT = "daylight"
    VIEW_NOT_TRUSTED = "view_not_trusted"
    NOT_IN_TIME = "not_in_time"
    UNKNOWN_INCIDENT = "unknown_incident"
    NOT_LOOKED_FOR = "not_looked_for"


class ReplyMessage(WireMessage):
    """A site's answer to one command."""

    command_id: UUID7
    site: Slug
    camera: Slug
    at: UtcTime
    outcome: ReplyOutcome
    text: Annotated[str, StringConstraints(max_length=500)] = ""
    answer: RecheckAnswer | None = Field(default=None, description="For a recheck that was done.")
    reason: RecheckReason | None = Field(default=None, description="Why, where there is one.")
    evidence: tuple[EvidenceRef, ...] = Field(default=(), max_length=8)
