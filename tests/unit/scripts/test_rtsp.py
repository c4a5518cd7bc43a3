"""The bytes that the RTSP server of the tests sends, and whom it lets in."""

import base64
import itertools
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from scripts.rtsp.camera import Camera, timeline
from scripts.rtsp.damage import damaged
from scripts.rtsp.feed import Fault, Feed
from scripts.rtsp.film import Film, FilmError, split_nals
from scripts.rtsp.messages import Doorman, Request
from scripts.rtsp.rtp import MAX_PAYLOAD_BYTES, Burst, Sender, interleaved, rtp_time
from tests.footage import Segment, write_audio_only, write_clip

H264_IDR = 5
H265_IDR = 19


def reassembled(payloads: Sequence[bytes], *, header_bytes: int, fragment: int) -> list[bytes]:
    """Undo the fragmentation as a receiver does; ``fragment`` is the unit type that marks it."""
    nals: list[bytes] = []
    for payload in payloads:
        kind = payload[0] & 0x1F if header_bytes == 1 else (payload[0] >> 1) & 0x3F
        if kind != fragment:
            nals.append(payload)
            continue
        edge = payload[header_bytes]
        if edge & 0x80:
            first = (
                bytes([payload[0] & 0xE0 | edge & 0x1F])
                if header_bytes == 1
                else bytes([payload[0] & 0x81 | (edge & 0x3F) << 1, payload[1]])
            )
            nals.append(first)
        nals[-1] += payload[header_bytes + 1 :]
    return nals


@pytest.mark.parametrize("size", [1, 2, 1400, 1401, 1402, 2797, 10_000])
def test_a_nal_unit_of_any_size_arrives_as_it_was(size: int) -> None:
    body = bytes(range(256)) * 40
    h264 = bytes([0x60 | H264_IDR]) + body[: size - 1]
    h265 = bytes([H265_IDR << 1, 1]) + body[: max(0, size - 2)]

    for codec, nal, header_bytes, fragment in (("h264", h264, 1, 28), ("hevc", h265, 2, 49)):
        burst = Burst.of("h264" if codec == "h264" else "hevc", (nal, nal))
        payloads = [packet[12:] for packet in burst.packets()]

        assert max(map(len, payloads)) <= MAX_PAYLOAD_BYTES
        assert reassembled(payloads, header_bytes=header_bytes, fragment=fragment) == [nal, nal]


def test_only_the_last_packet_of_a_picture_is_marked_and_numbers_wrap_around() -> None:
    sender = Sender()
    sender.sequence = 0xFFFE
    burst = Burst.of("h264", (b"\x67a", b"\x68b", b"\x65c"))

    packets = list(sender.stamp(burst, 1.0).packets())

    headers = [struct.unpack(">BBHII", packet[:12]) for packet in packets]
    assert [header[1] & 0x80 for header in headers] == [0, 0, 0x80]
    assert [header[2] for header in headers] == [0xFFFE, 0xFFFF, 0]
    assert {header[3] for header in headers} == {90_000}
    assert (sender.sequence, sender.packets_sent, sender.bytes_sent) == (1, 3, 6)
    assert burst == Burst.of("h264", (b"\x67a", b"\x68b", b"\x65c"))


def test_a_share_of_the_packets_is_lost_the_same_for_the_same_seed() -> None:
    burst = Burst.framed(bytes(12) + number.to_bytes(2, "big") for number in range(10_000))

    first, again, other = (
        damaged(burst, Fault.LOSS, loss=0.2, random=Random(seed)) for seed in (1, 1, 2)
    )

    assert len(first.begins) == pytest.approx(8000, abs=300)
    assert first == again != other
    assert list(damaged(burst, Fault.LOSS, loss=1.0, random=Random(1)).packets()) == []


@pytest.mark.parametrize(("fault", "sound"), [(Fault.GARBAGE, 13), (Fault.BROKEN, 96)])
def test_damaged_packets_keep_what_brings_them_to_the_decoder(fault: Fault, sound: int) -> None:
    burst = Burst.of("h264", (b"\x67set", bytes([0x65]) + bytes(range(256)) * 20))

    hurt = list(damaged(burst, fault, loss=0.0, random=Random(1)).packets())

    whole = list(burst.packets())
    assert len(hurt) == len(whole)
    assert [packet[:sound] for packet in hurt] == [packet[:sound] for packet in whole]
    assert all(one != other for one, other in zip(hurt[1:], whole[1:], strict=True))
    assert (hurt[0] == whole[0]) == (fault is Fault.BROKEN)


def test_rtp_time_wraps_around_after_thirteen_hours() -> None:
    assert rtp_time(2**32 / 90_000 + 1) == 90_000


def test_packets_are_framed_by_channel_and_length() -> None:
    assert interleaved(1, b"abc") == b"$\x01\x00\x03abc"


def test_a_packet_is_split_by_its_lengths() -> None:
    assert list(split_nals(b"\x00\x02ab\x00\x01c", 2)) == [b"ab", b"c"]


def test_a_film_announces_its_parameter_sets_and_begins_each_round_with_them(
    tmp_path: Path,
) -> None:
    film = Film.read(write_clip(tmp_path / "film.mp4", [Segment(0.5, 1.0)], fps=10))
    rounds = timeline(film, loop=True, position_s=0.0)
    played = list(itertools.islice(rounds, 21))

    shown_at_s = [moved_s + picture.shown_at_s for moved_s, picture in played]
    assert [nal[0] & 0x1F for nal in film.parameter_sets] == [7, 8]
    assert "a=rtpmap:96 H264/90000" in film.sdp_media()
    assert shown_at_s == pytest.approx([n / 10 for n in range(21)])
    for _, picture in (played[0], played[10], played[20]):
        assert picture.is_key
        payloads = [packet[12:] for packet in picture.burst.packets()]
        assert tuple(payloads[:2]) == film.parameter_sets
    assert len(list(timeline(film, loop=False, position_s=0.0))) == 10


def test_a_film_too_large_to_be_kept_plays_the_same(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "film.mp4", [Segment(0.5, 1.0)], fps=10)
    film, large = Film.read(path), Film.read(path, kept_bytes=0)

    assert large.kept is None
    assert list(large.pictures()) == list(film.pictures())
    with pytest.raises(FilmError, match="too long to be joined"):
        Camera(Feed(path, phase_s=0.0), large)


def test_a_viewer_who_joins_a_running_film_begins_with_the_next_key_frame(tmp_path: Path) -> None:
    film = Film.read(write_clip(tmp_path / "film.mp4", [Segment(0.5, 2.0)], fps=10, gop=5))

    for position_s, begins_s in ((0.0, 0.0), (0.1, 0.4), (0.5, 0.0), (1.8, 0.2)):
        moved_s, picture = next(timeline(film, loop=True, position_s=position_s))
        assert picture.is_key
        assert moved_s + picture.send_at_s == pytest.approx(begins_s)
    assert list(timeline(film, loop=False, position_s=1.8)) == []


def test_a_flapping_camera_is_up_first(tmp_path: Path) -> None:
    film = Film.read(write_clip(tmp_path / "film.mp4", [Segment(0.5, 1.0)]))
    feed = Feed(film.path, fault=Fault.FLAP, up_s=1e6, down_s=1e6)

    assert not Camera(feed, film).is_gone()
    assert Camera(replace(feed, up_s=0.0), film).is_gone()
    assert Camera(replace(feed, fault=Fault.REFUSE), film).is_gone()


def test_a_film_that_rtsp_could_not_carry_is_refused(tmp_path: Path) -> None:
    for path in (
        tmp_path / "missing.mp4",
        write_audio_only(tmp_path / "sound.mp4"),
        write_clip(tmp_path / "old.mp4", codec="mpeg4"),
    ):
        with pytest.raises(FilmError, match=path.name):
            Film.read(path)


@pytest.mark.parametrize(
    ("username", "password", "admitted"),
    [("admin", "s3cret", True), ("admin", "wrong", False), ("guest", "s3cret", False)],
)
def test_basic_credentials_are_checked(
    tmp_path: Path, username: str, password: str, admitted: bool
) -> None:
    feed = Feed(tmp_path, username="admin", password="s3cret", scheme="basic")
    token = base64.b64encode(f"{username}:{password}".encode()).decode()

    assert Doorman().admits(a_request(f"Basic {token}"), feed) is admitted


@pytest.mark.parametrize("header", ["", "Digest", "Digest nonce", "Basic ???", "Bearer x"])
def test_a_malformed_proof_admits_nobody(tmp_path: Path, header: str) -> None:
    for feed in (
        Feed(tmp_path, username="admin", password="s3cret"),
        Feed(tmp_path, username="admin", password="s3cret", scheme="basic"),
    ):
        assert not Doorman().admits(a_request(header), feed)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("rtsp://127.0.0.1:8554/cam-1", "cam-1"),
        ("rtsp://127.0.0.1:8554/cam-1/", "cam-1"),
        ("rtsp://127.0.0.1:8554/cam-1/trackID=0", "cam-1"),
        ("rtsp://127.0.0.1:8554/live/main", "live/main"),
        ("*", ""),
    ],
)
def test_a_request_names_its_camera(url: str, path: str) -> None:
    assert Request("DESCRIBE", url, {}).path == path


def a_request(authorization: str) -> Request:
    return Request("DESCRIBE", "rtsp://127.0.0.1/cam-1", {"authorization": authorization})
