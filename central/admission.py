"""Which messages central takes: whole, on a channel of its own, from a site on its list."""

from collections.abc import Collection
from datetime import datetime

from analytics.messages import (
    CatalogueMessage,
    DecodeError,
    DecodeFault,
    EvidenceMessage,
    HealthMessage,
    IncidentMessage,
    ReplyMessage,
    StatusMessage,
    decode,
)
from central.errors import DeadLetterError, ForeignIncidentError, StoreRefusedError
from central.store import BookMessage, Store


def admit(topic: str, payload: bytes, *, sites: Collection[str]) -> BookMessage:
    """Return the message that arrived on ``topic``.

    Parameters
    ----------
    sites
        Sites that may send; empty for every site.

    Raises
    ------
    DecodeError
        Where it is none that central takes.
    """
    message = decode(topic, payload)
    if not isinstance(
        message,
        IncidentMessage
        | EvidenceMessage
        | HealthMessage
        | CatalogueMessage
        | StatusMessage
        | ReplyMessage,
    ):
        raise DecodeError(DecodeFault.UNKNOWN_TOPIC, "central does not listen to this channel")
    if sites and message.site not in sites:
        detail = f"{message.site} is not among the sites that central listens to"
        raise DecodeError(DecodeFault.FOREIGN, detail, getattr(message, "message_id", None))
    return message


def retry_dead_letter(
    store: Store, dead_letter_id: int, *, sites: Collection[str], at: datetime
) -> None:
    """Take a dead letter as if it came now; it goes where it is taken, and else stays.

    Raises
    ------
    NotFoundError
        Where there is none of that id.
    DeadLetterError
        Where it was not kept whole, or is no better than it was.
    StoreUnavailableError
        Where the database is away.
    """
    letter = store.dead_letter(dead_letter_id)
    if not letter.is_whole:
        kept = f"only {len(letter.payload)} of its {letter.size_bytes} bytes were kept"
        raise DeadLetterError(dead_letter_id, kept)
    try:
        message = admit(letter.topic, letter.payload, sites=sites)
        store.take_dead_letter(dead_letter_id, message, at=at)
    except (DecodeError, StoreRefusedError, ForeignIncidentError) as error:
        raise DeadLetterError(dead_letter_id, str(error)) from error
