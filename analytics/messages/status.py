"""Whether a site is online; retained, and its last will."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from analytics.messages.base import Measure, Slug, UtcTime, WireMessage, WireModel


class SiteState(StrEnum):
    """Online while the site's connection to the broker stands."""

    ONLINE = "online"
    OFFLINE = "offline"


class OutboxFigures(WireModel):
    """How much waits on the site's disk for central's word."""

    depth: int = Field(ge=0, description="Messages not acked by central yet.")
    oldest_age_s: Measure | None = Field(default=None, description="None where it is empty.")
    size_bytes: int = Field(ge=0)
    refused: int = Field(
        default=0, ge=0, description="Messages since the start that the disk had no room for."
    )
    is_full: bool = Field(default=False, description="The last message found no room.")


class StatusMessage(WireMessage):
    """What the site says of itself; the broker says *offline* for it when it vanishes."""

    site: Slug
    state: SiteState
    at: UtcTime = Field(description="When it was said; for a last will, when it connected.")
    started_at: UtcTime
    software: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    outbox: OutboxFigures | None = None
