"""Decoding a 1080p film: our source beside `cv2.VideoCapture`, and beside decoding alone."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import cv2

from edge.sampling import EVERY_PICTURE, Sampling
from edge.sources import open_file
from scripts.bench.contest import Work, hold, per_core_second
from scripts.bench.figures import Row, Unit
from scripts.bench.film import FRAMES_PER_S, decode_only
from scripts.bench.plan import Plan

LOOKS_PER_S = 2.0
"""What a camera is set to by default."""

_EVERY = "ours, every frame"
_LOOKS = "ours, 2 looks a second"
_READ = "cv2.VideoCapture.read"
_GRAB = "cv2 grab, retrieve 2 a second"
_LIMIT = "PyAV, nothing converted"


def measure(plan: Plan) -> list[Row]:
    """Return frames decoded for each core second, with all or two a second turned into BGR."""
    film = plan.film
    works: dict[str, Work] = {
        _EVERY: lambda: decode(film, EVERY_PICTURE),
        _LOOKS: lambda: decode(film, Sampling(LOOKS_PER_S)),
        _READ: lambda: _cv2_read(film),
        _GRAB: lambda: _cv2_grab(film, retrieve_every=round(FRAMES_PER_S / LOOKS_PER_S)),
        _LIMIT: lambda: decode_only(film),
    }
    contest = hold(
        {name: per_core_second(work) for name, work in works.items()}, rounds=plan.size.rounds
    )
    return [
        contest.figure(
            "decode.every_frame", "decode 1080p, every frame to BGR", Unit.FRAMES, _EVERY,
            _READ, _LIMIT,
        ),
        contest.figure(
            "decode.looks", "decode 1080p, 2 frames/s to BGR", Unit.FRAMES, _LOOKS,
            _READ, _GRAB, _LIMIT,
        ),
    ]  # fmt: skip


def decode(film: Path, sampling: Sampling) -> int:
    """Read a film through our source, and return how many pictures were decoded."""
    source = open_file(film, sampling=sampling, start_at=datetime.now(UTC), pace="max")
    with closing(source):
        for sample in source.samples():
            sample.frame()
        return source.received


def open_capture(film: Path) -> cv2.VideoCapture:
    """Return OpenCV's reader of a film, with one thread as our own has."""
    return cv2.VideoCapture(str(film), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])


def _cv2_read(film: Path) -> int:
    capture = open_capture(film)
    frames = 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    return frames


def _cv2_grab(film: Path, *, retrieve_every: int) -> int:
    capture = open_capture(film)
    frames = 0
    while capture.grab():
        if frames % retrieve_every == 0:
            capture.retrieve()
        frames += 1
    capture.release()
    return frames
