"""One picture of an incident, blurred on the edge, with a small binary header.

Layout, big-endian::

    4 bytes   "SPEV"
    1 byte    version, 1
    16 bytes  message_id            (at this place in every version, so that any reader can ack)
    2 bytes   length of the header
    n bytes   header, JSON          (EvidenceHeader)
    rest      the JPEG or clip      (at most MAX_EVIDENCE_BYTES)
"""

import hashlib
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import UUID7, Field, StringConstraints, ValidationError

from analytics.messages.base import Slug, UtcTime, WireMessage
from analytics.messages.errors import DecodeError, DecodeFault, in_words

MAX_EVIDENCE_BYTES = 512 * 1024
MAGIC = b"SPEV"
_PREFIX = struct.Struct(">4sB16sH")
_VERSION = 1

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class EvidenceRole(StrEnum):
    """What a picture shows."""

    CONTEXT = "context"
    ANNOTATED = "annotated"
    CLOSE_UP = "close_up"
    BEFORE = "before"
    AFTER = "after"


class MediaType(StrEnum):
    """How the bytes are to be read."""

    JPEG = "image/jpeg"
    MP4 = "video/mp4"


class EvidenceHeader(WireMessage):
    """What a picture belongs to, and the digest of its bytes."""

    message_id: UUID7
    incident_id: UUID7
    site: Slug
    camera: Slug
    role: EvidenceRole
    media_type: MediaType
    sha256: Sha256
    width_px: int = Field(ge=1, le=16384)
    height_px: int = Field(ge=1, le=16384)
    captured_at: UtcTime
    blurred_regions: int = Field(
        ge=0, description="People, riders and plate bands made unreadable."
    )


@dataclass(frozen=True, slots=True)
class EvidenceMessage:
    """A header and the bytes it describes.

    Raises
    ------
    ValueError
        Where the bytes are none, too many, or not those of the header's digest.
    """

    header: EvidenceHeader
    content: bytes

    def __post_init__(self) -> None:
        size = len(self.content)
        if not 0 < size <= MAX_EVIDENCE_BYTES:
            msg = f"evidence has {size} bytes, expected 1 to {MAX_EVIDENCE_BYTES}"
            raise ValueError(msg)
        digest = hashlib.sha256(self.content).hexdigest()
        if digest != self.header.sha256:
            msg = f"content has sha256 {digest}, its header says {self.header.sha256}"
            raise ValueError(msg)

    @property
    def site(self) -> str:
        """The site that sent it."""
        return self.header.site

    @property
    def camera(self) -> str:
        """The camera that took it."""
        return self.header.camera

    @property
    def message_id(self) -> UUID:
        """The id that central acks."""
        return self.header.message_id

    def to_bytes(self) -> bytes:
        """Return the payload as it travels."""
        header = self.header.model_dump_json(exclude_none=True).encode()
        prefix = _PREFIX.pack(MAGIC, _VERSION, self.header.message_id.bytes, len(header))
        return prefix + header + self.content

    @classmethod
    def from_bytes(cls, payload: bytes) -> "EvidenceMessage":
        """Read a payload back.

        Raises
        ------
        DecodeError
            Where it is cut short, of another version, too large, or not what its digest says.
        """
        if len(payload) < _PREFIX.size or payload[: len(MAGIC)] != MAGIC:
            raise DecodeError(DecodeFault.MALFORMED, f"no {MAGIC.decode()} header at the start")
        _, version, id_bytes, header_size = _PREFIX.unpack_from(payload)
        message_id = UUID(bytes=id_bytes)
        if version != _VERSION:
            detail = f"evidence version {version}, expected {_VERSION}"
            raise DecodeError(DecodeFault.UNKNOWN_VERSION, detail, message_id)
        content = payload[_PREFIX.size + header_size :]
        if len(content) > MAX_EVIDENCE_BYTES:
            detail = f"evidence has {len(content)} bytes, at most {MAX_EVIDENCE_BYTES} are taken"
            raise DecodeError(DecodeFault.OVERSIZED, detail, message_id)
        try:
            header = EvidenceHeader.model_validate_json(
                payload[_PREFIX.size : _PREFIX.size + header_size]
            )
        except ValidationError as exc:
            raise DecodeError(DecodeFault.INVALID, f"header: {in_words(exc)}", message_id) from exc
        if header.message_id != message_id:
            detail = f"header names message {header.message_id}, the prefix {message_id}"
            raise DecodeError(DecodeFault.INVALID, detail, message_id)
        try:
            return cls(header, content)
        except ValueError as exc:
            raise DecodeError(DecodeFault.DIGEST_MISMATCH, str(exc), message_id) from exc


def evidence_message_id(payload: bytes) -> UUID | None:
    """Return the id in the prefix of an evidence payload of any version; None where it is cut."""
    start = len(MAGIC) + 1
    id_bytes = payload[start : start + 16]
    return UUID(bytes=id_bytes) if len(id_bytes) == 16 else None
