"""Messages to payloads and back, with every check a boundary needs in one place."""

import json
from uuid import UUID

from pydantic import ValidationError

from analytics.messages.ack import AckMessage
from analytics.messages.catalogue import CatalogueMessage
from analytics.messages.command import CommandMessage, ReplyMessage
from analytics.messages.errors import DecodeError, DecodeFault, in_words
from analytics.messages.evidence import (
    MAGIC,
    MAX_EVIDENCE_BYTES,
    EvidenceMessage,
    evidence_message_id,
)
from analytics.messages.health import HealthMessage
from analytics.messages.incident import IncidentMessage
from analytics.messages.status import StatusMessage
from analytics.messages.topics import Channel, Topic, parse_topic
from analytics.messages.traffic import TrafficMessage

MAX_MESSAGE_BYTES = 256 * 1024
"""Of a JSON payload; a catalogue of 500 cameras is the largest by far."""

_MAX_PAYLOAD_BYTES = MAX_EVIDENCE_BYTES + 64 * 1024

JsonMessage = (
    IncidentMessage
    | TrafficMessage
    | HealthMessage
    | CatalogueMessage
    | StatusMessage
    | AckMessage
    | CommandMessage
    | ReplyMessage
)
Message = JsonMessage | EvidenceMessage

JSON_CHANNELS: dict[Channel, type[JsonMessage]] = {
    Channel.INCIDENT: IncidentMessage,
    Channel.TRAFFIC: TrafficMessage,
    Channel.HEALTH: HealthMessage,
    Channel.CAMERAS: CatalogueMessage,
    Channel.STATUS: StatusMessage,
    Channel.ACK: AckMessage,
    Channel.COMMAND: CommandMessage,
    Channel.REPLY: ReplyMessage,
}


def encode(message: Message) -> bytes:
    """Return the payload of ``message`` as it travels."""
    if isinstance(message, EvidenceMessage):
        return message.to_bytes()
    return message.model_dump_json(exclude_none=True).encode()


def decode(topic: str, payload: bytes) -> Message:
    """Return the message that arrived on ``topic``, checked as a whole.

    Raises
    ------
    DecodeError
        Where the topic is unknown, the payload is too large, malformed, of another version or
        invalid, or where it speaks for another site or camera than its topic's.
    """
    parsed = parse_topic(topic)
    limit = _MAX_PAYLOAD_BYTES if parsed.channel is Channel.EVIDENCE else MAX_MESSAGE_BYTES
    if len(payload) > limit:
        detail = f"{len(payload)} bytes on {parsed.channel.value}, at most {limit} are taken"
        raise DecodeError(DecodeFault.OVERSIZED, detail, message_id_of(payload))
    message: Message
    if parsed.channel is Channel.EVIDENCE:
        message = EvidenceMessage.from_bytes(payload)
    else:
        message = _decode_json(JSON_CHANNELS[parsed.channel], payload)
    _check_sender(parsed, message)
    return message


def message_id_of(payload: bytes) -> UUID | None:
    """Return the sender's id of a payload of any version; None where it cannot be told.

    Every version keeps ``message_id`` at the top of its JSON, or at its place in the prefix of
    evidence, so that what central cannot read it can still ack: an edge never repeats a dead letter
    for ever.
    """
    if payload.startswith(MAGIC):
        return evidence_message_id(payload)
    try:
        value = json.loads(payload)["message_id"]
        return UUID(value) if isinstance(value, str) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _decode_json(model: type[JsonMessage], payload: bytes) -> JsonMessage:
    try:
        raw = json.loads(payload)
    except (ValueError, RecursionError) as exc:
        raise DecodeError(DecodeFault.MALFORMED, f"no JSON: {exc}") from exc
    if not isinstance(raw, dict):
        detail = f"expected a JSON object, got {type(raw).__name__}"
        raise DecodeError(DecodeFault.MALFORMED, detail)
    message_id = message_id_of(payload)
    version = raw.get("schema_version")
    if type(version) is not int or version != 1:  # True equals 1, and is no version
        detail = f"schema_version {str(version)[:40]!r}, expected 1"
        raise DecodeError(DecodeFault.UNKNOWN_VERSION, detail, message_id)
    try:
        return model.model_validate_json(payload)
    except ValidationError as exc:
        raise DecodeError(DecodeFault.INVALID, in_words(exc), message_id) from exc


def _check_sender(topic: Topic, message: Message) -> None:
    camera = getattr(message, "camera", None) if topic.camera is not None else None
    if message.site == topic.site and camera == topic.camera:
        return
    said = f"{message.site}/{camera}" if camera else message.site
    topic_says = f"{topic.site}/{topic.camera}" if topic.camera else topic.site
    message_id = getattr(message, "message_id", None)
    detail = f"speaks for {said}, arrived on the topic of {topic_says}"
    raise DecodeError(DecodeFault.FOREIGN, detail, message_id)
