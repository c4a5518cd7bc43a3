from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from scripts.twin.film.encoder import GROUP_S, FilmWriter

pytestmark = [pytest.mark.integration, pytest.mark.computes]


def film(file: Path, *, fps: int, frames: int) -> Path:
    noise = np.random.default_rng(1)
    with FilmWriter(file, (64, 48), fps) as writer:
        for _ in range(frames):
            writer.write(noise.integers(0, 255, (48, 64, 3), dtype=np.uint8))
    return file


def test_a_film_is_h264_with_a_key_frame_every_two_seconds_and_no_b_frames(tmp_path: Path) -> None:
    with av.open(str(film(tmp_path / "film.mp4", fps=5, frames=25))) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (64, 48)
        assert stream.average_rate == Fraction(5)
        assert not stream.codec_context.has_b_frames

    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert keys == list(range(0, 25, GROUP_S * 5))
    assert [packet.dts for packet in packets] == [packet.pts for packet in packets]


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    one = film(tmp_path / "one.mp4", fps=10, frames=12).read_bytes()

    assert film(tmp_path / "two.mp4", fps=10, frames=12).read_bytes() == one


def test_no_half_film_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="lost"), FilmWriter(tmp_path / "f.mp4", (64, 48), 5):
        raise RuntimeError("lost")

    assert list(tmp_path.iterdir()) == []
