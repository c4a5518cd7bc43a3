"""Why a payload could not be taken as a message."""

from enum import StrEnum
from uuid import UUID


class DecodeFault(StrEnum):
    """The ways a payload can be wrong; central files dead letters under these."""

    UNKNOWN_TOPIC = "unknown_topic"
    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    UNKNOWN_VERSION = "unknown_version"
    INVALID = "invalid"
    FOREIGN = "foreign"
    DIGEST_MISMATCH = "digest_mismatch"


class DecodeError(Exception):
    """Raised where a payload is no valid message; keep the bytes and park them as a dead letter.

    Attributes
    ----------
    fault
        What is wrong with it.
    detail
        In words: which field, what was found, what was expected. Holds no payload text.
    message_id
        The sender's id, where the payload was whole enough to tell; what an ack can name.
    """

    def __init__(self, fault: DecodeFault, detail: str, message_id: UUID | None = None) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.detail = detail
        self.message_id = message_id
