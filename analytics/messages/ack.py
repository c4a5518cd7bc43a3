"""Central's word that messages are committed; only then does the edge forget them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from analytics.messages.base import Slug, UtcTime, WireMessage, WireModel


class AckOutcome(StrEnum):
    """What became of a message; either way the edge need not send it again."""

    COMMITTED = "committed"
    DEAD_LETTER = "dead_letter"


class Acked(WireModel):
    """One message and what became of it."""

    message_id: UUID = Field(description="As sent; a dead letter's may be no UUIDv7.")
    outcome: AckOutcome = AckOutcome.COMMITTED
    reason: Annotated[str, StringConstraints(max_length=500)] | None = Field(
        default=None, description="Why it is a dead letter."
    )


class AckMessage(WireMessage):
    """Messages of one site that central has committed."""

    site: Slug
    sent_at: UtcTime
    messages: tuple[Acked, ...] = Field(min_length=1, max_length=200)
