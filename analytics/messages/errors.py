"""Why a payload could not be taken as a message."""

from enum import StrEnum
from uuid import UUID

from pydantic import ValidationError


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


def in_words(exc: ValidationError) -> str:
    """Return all that a validation found, by field, without a value of the payload."""
    return "; ".join(
        f"{'.'.join(map(str, error['loc'])) or 'message'}: {_what(error['type'], error['msg'])}"
        for error in exc.errors(include_url=False, include_input=False, include_context=False)
    )[:1000]


def _what(type_: str, text: str) -> str:
    # The one text of pydantic's that repeats its input although that is hidden.
    return "its kind is none of those expected" if type_ == "union_tag_invalid" else text
