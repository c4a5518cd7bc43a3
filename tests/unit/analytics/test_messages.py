import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from analytics.messages import (
    MAX_EVIDENCE_BYTES,
    MAX_MESSAGE_BYTES,
    Channel,
    CongestionMeasurement,
    DecodeError,
    DecodeFault,
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    Topic,
    VehicleClass,
    ack_topic,
    camera_topic,
    catalogue_topic,
    command_topic,
    decode,
    encode,
    message_id_of,
    new_id,
    parse_topic,
    reply_topic,
    status_topic,
    subscription,
)
from analytics.messages.codec import JSON_CHANNELS
from analytics.messages.topics import CAMERA_CHANNELS

GOLDEN = Path(__file__).parents[2] / "data" / "messages" / "v1"
SITE, CAMERA = "bandung-01", "pasteur-2"
INCIDENT_TOPIC = camera_topic(SITE, CAMERA, Channel.INCIDENT)
EVIDENCE_TOPIC = camera_topic(SITE, CAMERA, Channel.EVIDENCE)


def golden_files() -> list[Path]:
    return sorted(GOLDEN.iterdir())


def golden_topic(path: Path) -> str:
    """The channel is the first word of a golden file's name; its payload names the camera."""
    channel = Channel(path.stem.split("-")[0])
    if channel not in CAMERA_CHANNELS:
        return str(Topic(SITE, None, channel))
    camera = CAMERA if path.suffix == ".bin" else json.loads(path.read_bytes())["camera"]
    return camera_topic(SITE, camera, channel)


def golden_incident(**changes: object) -> bytes:
    fields = json.loads((GOLDEN / "incident-congestion-opened.json").read_bytes())
    return json.dumps({**fields, **changes}).encode()


def golden_evidence() -> bytes:
    return (GOLDEN / "evidence-annotated.bin").read_bytes()


def fault_of(topic: str, payload: bytes) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode(topic, payload)
    return caught.value


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.name)
def test_a_golden_payload_decodes_and_survives_the_round_trip(path: Path) -> None:
    topic = golden_topic(path)
    message = decode(topic, path.read_bytes())

    assert decode(topic, encode(message)) == message


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.name)
def test_all_that_a_golden_payload_says_would_be_sent_today(path: Path) -> None:
    payload = path.read_bytes()
    sent = encode(decode(golden_topic(path), payload))

    if path.suffix == ".bin":
        assert sent == payload
    else:
        assert holds(json.loads(sent), json.loads(payload))


def holds(whole: object, part: object) -> bool:
    """Whether a JSON value says all that another says; later versions may say more."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(name in whole and holds(whole[name], value) for name, value in part.items())
    if isinstance(whole, list) and isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return whole == part


def test_every_channel_and_every_measurement_has_a_golden_payload() -> None:
    messages = [decode(golden_topic(path), path.read_bytes()) for path in golden_files()]
    incidents = [message for message in messages if isinstance(message, IncidentMessage)]

    assert {parse_topic(golden_topic(path)).channel for path in golden_files()} == set(Channel)
    assert {incident.measurement.kind for incident in incidents} == set(IncidentKind)


def test_a_golden_incident_still_says_what_it_said() -> None:
    message = decode(INCIDENT_TOPIC, golden_incident())

    assert isinstance(message, IncidentMessage)
    assert message.started_at == datetime(2026, 11, 23, 7, 1, 25, 400_000, tzinfo=UTC)
    assert message.position is not None
    assert (message.position.latitude_deg, message.zone) == (-6.91474, "right")
    assert message.measurement == CongestionMeasurement(
        occupancy=0.47,
        stopped_share=0.86,
        vehicles={VehicleClass.CAR: 11, VehicleClass.MOTORCYCLE: 2, VehicleClass.TRUCK: 3},
        dense_s=45.0,
        queue_length_m=128.5,
        mean_speed_kmh=2.4,
    )


def test_a_time_of_any_offset_is_kept_as_utc() -> None:
    message = decode(INCIDENT_TOPIC, golden_incident(observed_at="2026-11-23T14:02:10+07:00"))

    assert isinstance(message, IncidentMessage)
    assert message.observed_at == datetime(2026, 11, 23, 7, 2, 10, tzinfo=UTC)
    assert message.observed_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("topic", "payload", "fault"),
    [
        pytest.param(
            "simpang/v2/a/b/incident", b"{}", DecodeFault.UNKNOWN_TOPIC, id="a later contract"
        ),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(software="x" * MAX_MESSAGE_BYTES),
            DecodeFault.OVERSIZED,
            id="a JSON payload that is too large",
        ),
        pytest.param(
            EVIDENCE_TOPIC,
            golden_evidence() + bytes(MAX_EVIDENCE_BYTES),
            DecodeFault.OVERSIZED,
            id="a picture that is too large",
        ),
        pytest.param(
            EVIDENCE_TOPIC,
            golden_evidence() + bytes(2 * MAX_EVIDENCE_BYTES),
            DecodeFault.OVERSIZED,
            id="an evidence payload that is too large",
        ),
        pytest.param(INCIDENT_TOPIC, b"", DecodeFault.MALFORMED, id="nothing"),
        pytest.param(INCIDENT_TOPIC, b"\xff\xfe\x00", DecodeFault.MALFORMED, id="no UTF-8"),
        pytest.param(INCIDENT_TOPIC, b"[" * 100_000, DecodeFault.MALFORMED, id="a nesting bomb"),
        pytest.param(INCIDENT_TOPIC, b"[1, 2]", DecodeFault.MALFORMED, id="JSON, but no object"),
        pytest.param(EVIDENCE_TOPIC, b"\xff\xd8\xff", DecodeFault.MALFORMED, id="a bare JPEG"),
        pytest.param(EVIDENCE_TOPIC, b"SPEV", DecodeFault.MALFORMED, id="a cut-off envelope"),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(schema_version=2),
            DecodeFault.UNKNOWN_VERSION,
            id="a later version",
        ),
        pytest.param(INCIDENT_TOPIC, b"{}", DecodeFault.UNKNOWN_VERSION, id="no version"),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(schema_version=True),
            DecodeFault.UNKNOWN_VERSION,
            id="a version that is no number",
        ),
        pytest.param(
            EVIDENCE_TOPIC,
            b"SPEV\x02" + golden_evidence()[5:],
            DecodeFault.UNKNOWN_VERSION,
            id="a later envelope",
        ),
        pytest.param(
            INCIDENT_TOPIC, golden_incident(colour="red"), DecodeFault.INVALID, id="unknown field"
        ),
        pytest.param(
            INCIDENT_TOPIC, golden_incident(confidence=1.01), DecodeFault.INVALID, id="no share"
        ),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(confidence=float("nan")),
            DecodeFault.INVALID,
            id="not a number",
        ),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(observed_at="2026-11-23T07:02:10"),
            DecodeFault.INVALID,
            id="a time without an offset",
        ),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(observed_at="9999-12-31T23:59:59-12:00"),
            DecodeFault.INVALID,
            id="a time at the end of the calendar",
        ),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(started_at="0001-01-01T00:00:00+14:00"),
            DecodeFault.INVALID,
            id="a time before the calendar begins",
        ),
        pytest.param(
            INCIDENT_TOPIC,
            golden_incident(message_id="00000000-0000-4000-8000-000000000001"),
            DecodeFault.INVALID,
            id="an id that is no UUIDv7",
        ),
        pytest.param(
            EVIDENCE_TOPIC,
            golden_evidence()[:5] + bytes(16) + golden_evidence()[21:],
            DecodeFault.INVALID,
            id="two message ids in one envelope",
        ),
        pytest.param(
            camera_topic("bandung-02", CAMERA, Channel.INCIDENT),
            golden_incident(),
            DecodeFault.FOREIGN,
            id="another site",
        ),
        pytest.param(
            camera_topic(SITE, "pasteur-3", Channel.INCIDENT),
            golden_incident(),
            DecodeFault.FOREIGN,
            id="another camera",
        ),
        pytest.param(
            camera_topic(SITE, "pasteur-3", Channel.EVIDENCE),
            golden_evidence(),
            DecodeFault.FOREIGN,
            id="another camera's picture",
        ),
        pytest.param(
            EVIDENCE_TOPIC,
            golden_evidence()[:-1],
            DecodeFault.DIGEST_MISMATCH,
            id="a picture cut short",
        ),
        pytest.param(
            EVIDENCE_TOPIC,
            golden_evidence()[:-1] + b"\x00",
            DecodeFault.DIGEST_MISMATCH,
            id="a picture with a flipped byte",
        ),
    ],
)
def test_what_is_no_message_is_refused_by_name(
    topic: str, payload: bytes, fault: DecodeFault
) -> None:
    assert fault_of(topic, payload).fault is fault


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"kind": "pothole"}, "expected pothole", id="a measurement of another kind"),
        pytest.param({"phase": "updated"}, "revision 1 opens", id="revision 1 that updates"),
        pytest.param({"revision": 2}, "revision 1 opens", id="revision 2 that opens"),
        pytest.param({"phase": "closed", "revision": 2}, "ended_at", id="closed without an end"),
        pytest.param({"ended_at": "2026-11-23T08:00:00Z"}, "ended_at", id="an end, but open"),
        pytest.param(
            {"started_at": "2026-11-23T09:00:00Z"}, "later than observed", id="seen before it began"
        ),
        pytest.param(
            {"quality": {"level": "degraded", "reasons": []}}, "quality", id="degraded, not why"
        ),
    ],
)
def test_an_incident_that_contradicts_itself_is_refused_in_words(
    changes: dict[str, object], words: str
) -> None:
    refused = fault_of(INCIDENT_TOPIC, golden_incident(**changes))

    assert refused.fault is DecodeFault.INVALID
    assert words in refused.detail


def test_what_is_refused_can_still_be_acked() -> None:
    sent = json.loads(golden_incident())["message_id"]

    for changes in ({"schema_version": 2}, {"colour": "red"}, {"site": "elsewhere"}):
        assert fault_of(INCIDENT_TOPIC, golden_incident(**changes)).message_id == UUID(sent)
    assert fault_of(EVIDENCE_TOPIC, golden_evidence()[:-1]).message_id == UUID(
        bytes=golden_evidence()[5:21]
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"camera": "rtsp://admin:hunter2@10.0.0.4"}, id="an address for a slug"),
        pytest.param({"measurement": {"kind": "hunter2"}}, id="a kind of measurement"),
    ],
)
def test_a_refusal_repeats_no_value_of_the_payload(changes: dict[str, object]) -> None:
    assert "hunter2" not in str(fault_of(INCIDENT_TOPIC, golden_incident(**changes)))


@pytest.mark.parametrize("path", golden_files(), ids=lambda path: path.name)
def test_whatever_arrives_decodes_or_is_refused_and_raises_nothing_else(path: Path) -> None:
    topic = golden_topic(path)
    refused = 0
    for payload in _mutations(path.read_bytes(), random.Random(20261123)):
        try:
            message = decode(topic, payload)
        except DecodeError:
            refused += 1
        else:
            assert decode(topic, encode(message)) == message
    assert refused > 0


def _mutations(payload: bytes, chance: random.Random) -> Iterator[bytes]:
    for _ in range(60):
        yield payload[: chance.randrange(len(payload))]
        mutant = bytearray(payload)
        for _ in range(chance.randint(1, 4)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        yield bytes(mutant)
        at = chance.randrange(len(payload))
        yield payload[:at] + chance.choice([b"null", b"-1", b"1e999", b"[]", b'""']) + payload[at:]


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        (camera_topic("a", "b", Channel.INCIDENT), "simpang/v1/a/b/incident"),
        (camera_topic("a", "b", Channel.EVIDENCE), "simpang/v1/a/b/evidence"),
        (camera_topic("a", "b", Channel.TRAFFIC), "simpang/v1/a/b/traffic"),
        (camera_topic("a", "b", Channel.HEALTH), "simpang/v1/a/b/health"),
        (catalogue_topic("a"), "simpang/v1/a/cameras"),
        (status_topic("a"), "simpang/v1/a/status"),
        (ack_topic("a"), "simpang/v1/a/ack"),
        (command_topic("a"), "simpang/v1/a/command"),
        (reply_topic("a"), "simpang/v1/a/reply"),
    ],
)
def test_a_topic_reads_back_as_it_was_built(topic: str, text: str) -> None:
    assert topic == text
    assert str(parse_topic(topic)) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("simpang/v1/a/incident", id="an incident of no camera"),
        pytest.param("simpang/v1/a/b/status", id="a status of one camera"),
        pytest.param("simpang/v1/a/b/c/incident", id="a level too many"),
        pytest.param("simpang/v1//b/incident", id="an empty level"),
        pytest.param("simpang/v1/A/b/incident", id="capitals"),
        pytest.param("simpang/v1/a.b/c/incident", id="a dot, which NATS makes a level"),
        pytest.param("simpang/v1/a\n/c/incident", id="a newline"),
        pytest.param("simpang/v1/+/b/incident", id="a wildcard"),
        pytest.param(f"simpang/v1/{'a' * 64}/b/incident", id="64 characters"),
        pytest.param("other/simpang/v1/a/b/incident", id="below another root"),
        pytest.param("simpang/v1/a/b/picture", id="an unknown channel"),
    ],
)
def test_what_is_no_topic_of_the_contract_is_refused(text: str) -> None:
    with pytest.raises(DecodeError) as refused:
        parse_topic(text)
    assert refused.value.fault is DecodeFault.UNKNOWN_TOPIC


def test_a_subscription_has_a_wildcard_for_each_slug() -> None:
    assert subscription(Channel.INCIDENT) == "simpang/v1/+/+/incident"
    assert subscription(Channel.STATUS) == "simpang/v1/+/status"


def test_every_channel_but_evidence_has_a_json_message() -> None:
    assert set(JSON_CHANNELS) == set(Channel) - {Channel.EVIDENCE}


def test_new_ids_sort_by_time_and_are_uuid7() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    ids = [new_id(start + timedelta(milliseconds=step)) for step in range(1000)]

    assert ids == sorted(ids)
    assert {one.version for one in ids} == {7}
    assert len({new_id(start) for _ in range(1000)}) == 1000


def test_a_new_id_carries_the_moment_whatever_the_offset() -> None:
    at = datetime(2026, 11, 23, 14, 0, tzinfo=timezone(timedelta(hours=7)))

    assert new_id(at).int >> 80 == 1795417200_000


@pytest.mark.parametrize("payload", [b"", b"7", b"[]", b"{}", b'{"message_id": 7}', b"\xff"])
def test_a_payload_without_an_id_has_none(payload: bytes) -> None:
    assert message_id_of(payload) is None


def test_evidence_without_bytes_cannot_be_made() -> None:
    evidence = EvidenceMessage.from_bytes(golden_evidence())

    with pytest.raises(ValueError, match="0 bytes"):
        EvidenceMessage(evidence.header, b"")


def test_a_message_cannot_be_changed_once_made() -> None:
    message = decode(INCIDENT_TOPIC, golden_incident())

    with pytest.raises(ValidationError, match="frozen"):
        setattr(message, "revision", 7)  # noqa: B010  # mypy refuses the plain form, rightly


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(golden_evidence() + bytes(2 * MAX_EVIDENCE_BYTES), id="too large"),
        pytest.param(b"SPEV\x02" + golden_evidence()[5:], id="of a later version"),
    ],
)
def test_evidence_that_cannot_be_taken_can_still_be_acked(payload: bytes) -> None:
    known = EvidenceMessage.from_bytes(golden_evidence()).message_id
    assert fault_of(EVIDENCE_TOPIC, payload).message_id == known


def test_an_envelope_cut_within_its_id_names_none() -> None:
    assert message_id_of(golden_evidence()[:15]) is None
