"""The view check: scenes of our own, and the simulated camera that is turned."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count, cycle, repeat
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.frames import Image
from analytics.messages import ViewState
from analytics.view import ViewCheck
from analytics.view_reference import ViewReference

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FILMS = Path(__file__).parents[2] / "data" / "footage"
FAULTS = frozenset(ViewState) - {ViewState.UNKNOWN, ViewState.VALID}


def a_scene(seed: int, *, height: int = 360, width: int = 640) -> Image:
    """A street of rectangles: the same for the same seed, twice as wide as the view."""
    rng = np.random.default_rng(seed)
    scene = np.full((height, 2 * width, 3), 110, np.uint8)
    for _ in range(300):
        top, left = int(rng.integers(height)), int(rng.integers(2 * width))
        tall, wide = rng.integers(8, 70, 2).tolist()
        scene[top : top + tall, left : left + wide] = rng.integers(30, 220)
    return scene


@cache
def noise() -> NDArray[np.float32]:
    """A sensor's, for as many views as start at different rows of it."""
    return np.random.default_rng(7).normal(0, 3, (400, 640, 3)).astype(np.float32)


def live(scene: Image, *, pan_px: int = 200, light: float = 1.0) -> Iterator[Image]:
    """What a camera sends of a scene: its sensor's noise, and a vehicle that passes."""
    view = scene[:, pan_px : pan_px + 640].astype(np.float32)
    images = []
    for number in range(13):
        light_in = view.copy()
        left = 90 * number % 700
        light_in[220:300, left : left + 120] = 200
        image = light_in * light + noise()[number : number + len(view)]
        images.append(np.clip(image, 0, 255).astype(np.uint8))
    return cycle(images)


def told(
    check: ViewCheck,
    images: Iterable[Image],
    *,
    from_s: float = 0.0,
    seconds: float = 60.0,
    looks_per_s: float = 0.5,
) -> list[ViewState]:
    """What the check tells at each look."""
    looks = int(seconds * looks_per_s)
    times = (START + timedelta(seconds=from_s + one / looks_per_s) for one in range(looks))
    return [check.look(image, at) for at, image in zip(times, images, strict=False)]


def a_calibrated_check(seed: int = 1) -> ViewCheck:
    """A check that has seen a scene for its first minute."""
    check = ViewCheck()
    assert told(check, live(a_scene(seed)))[-1] is ViewState.VALID
    return check


def covered(image: Image) -> Image:
    hidden = image.copy()
    hidden[:, :512] = 90
    return hidden


def with_clock(image: Image, number: int) -> Image:
    shown = image.copy()
    shown[8:24, 8:200] = 10 if number % 2 else 240
    return shown


def ticking(image: Image) -> Iterator[Image]:
    return (with_clock(image, number) for number in count())


def each(change: Callable[[Image], Image]) -> Iterator[Image]:
    return (change(image) for image in live(a_scene(1)))


@pytest.mark.parametrize(
    ("images", "fault"),
    [
        pytest.param(live(a_scene(1), pan_px=296), ViewState.TURNED, id="turned by 15 %"),
        pytest.param(live(a_scene(2)), ViewState.TURNED, id="another view"),
        pytest.param(repeat(next(live(a_scene(1)))), ViewState.FROZEN, id="frozen"),
        pytest.param(
            ticking(next(live(a_scene(1)))), ViewState.FROZEN, id="frozen, its clock goes on"
        ),
        pytest.param(live(a_scene(1), light=0.01), ViewState.DARK, id="dark"),
        pytest.param(live(a_scene(1), light=6.0), ViewState.OVEREXPOSED, id="overexposed"),
        pytest.param(each(covered), ViewState.COVERED, id="covered"),
    ],
)
def test_a_fault_is_told_within_half_a_minute_and_ends_by_itself(
    images: Iterator[Image], fault: ViewState
) -> None:
    check = a_calibrated_check()

    ill = told(check, images, from_s=60.0, seconds=30.0)
    well = told(check, live(a_scene(1)), from_s=90.0, seconds=12.0)

    assert ill[:5] == [ViewState.VALID] * 5
    assert ill[-1] is fault
    assert set(ill) == {ViewState.VALID, fault}
    assert well[-1] is ViewState.VALID


def test_since_is_the_first_look_that_was_wrong() -> None:
    check = a_calibrated_check()

    told(check, live(a_scene(2)), from_s=60.0, seconds=30.0)

    assert check.since == START + timedelta(seconds=60)


@pytest.mark.parametrize("looks_per_s", [0.1, 0.5, 2.0, 10.0])
def test_the_look_rate_does_not_matter(looks_per_s: float) -> None:
    check = ViewCheck()

    first = told(check, live(a_scene(1)), seconds=80.0, looks_per_s=looks_per_s)
    ill = told(check, live(a_scene(2)), from_s=80.0, seconds=40.0, looks_per_s=looks_per_s)

    assert not FAULTS & set(first)
    assert first[-1] is ViewState.VALID
    assert ill[-1] is ViewState.TURNED


@pytest.mark.parametrize("light", [0.2, 0.4, 1.1])
def test_light_is_no_fault(light: float) -> None:
    check = a_calibrated_check()

    after = told(check, live(a_scene(1), light=light), from_s=60.0)

    assert set(after) == {ViewState.VALID}


def test_a_shift_of_less_than_two_percent_is_no_fault() -> None:
    check = a_calibrated_check()

    after = told(check, live(a_scene(1), pan_px=211), from_s=60.0)

    assert set(after) == {ViewState.VALID}


def test_another_size_and_shape_of_the_same_view_is_no_fault() -> None:
    check = a_calibrated_check()

    halved = told(check, each(lambda image: image[::2, ::2]), from_s=60.0)
    narrow = told(check, each(lambda image: image[:, np.arange(480) * 4 // 3]), from_s=120.0)

    assert set(halved + narrow) == {ViewState.VALID}


def test_what_passes_the_lens_for_ten_seconds_is_no_fault() -> None:
    check = a_calibrated_check()

    during = told(check, each(covered), from_s=60.0, seconds=10.0)
    after = told(check, live(a_scene(1)), from_s=70.0, seconds=30.0)

    assert set(during + after) == {ViewState.VALID}


def test_a_turned_view_is_never_learnt() -> None:
    check = a_calibrated_check()

    ill = told(check, live(a_scene(2)), from_s=60.0, seconds=7200.0, looks_per_s=0.1)

    assert ill[-1] is ViewState.TURNED
    assert told(check, live(a_scene(1)), from_s=7260.0, seconds=12.0)[-1] is ViewState.VALID


def test_a_slow_change_of_the_scene_is_learnt() -> None:
    check = a_calibrated_check()
    before, after = a_scene(1), a_scene(2)
    seen = set()
    for step in range(11):
        # Built over from left to right, over hours.
        mixed = before.copy()
        mixed[:, : 200 + 64 * step] = after[:, : 200 + 64 * step]
        from_s = 60 + 1800.0 * step
        seen |= set(told(check, live(mixed), from_s=from_s, seconds=1800.0, looks_per_s=0.1))

    assert seen == {ViewState.VALID}


def test_the_present_view_is_accepted_as_the_calibrated_one() -> None:
    check = a_calibrated_check()
    told(check, live(a_scene(2)), from_s=60.0, seconds=30.0)

    check.accept()
    after = told(check, live(a_scene(2)), from_s=90.0, seconds=30.0)

    assert after[0] is ViewState.UNKNOWN
    assert after[-1] is ViewState.VALID
    assert set(after) == {ViewState.UNKNOWN, ViewState.VALID}


def test_a_gap_in_the_looks_proves_nothing() -> None:
    check = a_calibrated_check()
    image = next(live(a_scene(1)))

    told(check, repeat(image), from_s=60.0, seconds=10.0)
    later = told(check, repeat(image), from_s=3600.0, seconds=10.0)

    assert set(later) == {ViewState.VALID}


def test_the_reference_outlives_the_process() -> None:
    reference = a_calibrated_check().reference
    assert reference is not None
    data = reference.to_bytes()

    assert len(data) < 8192
    same = told(ViewCheck(ViewReference.from_bytes(data)), live(a_scene(1)), seconds=20.0)
    other = told(ViewCheck(ViewReference.from_bytes(data)), live(a_scene(2)), seconds=20.0)
    assert same[-1] is ViewState.VALID
    assert other[-1] is ViewState.TURNED
    assert ViewReference.from_bytes(data).to_bytes() == data


def test_nothing_is_known_before_something_was_learnt() -> None:
    check = ViewCheck()

    told(check, live(a_scene(1)), seconds=6.0)

    assert check.reference is None
    assert check.state is ViewState.UNKNOWN


def test_a_dark_start_is_told_and_not_learnt() -> None:
    check = ViewCheck()

    assert told(check, live(a_scene(1), light=0.01))[-1] is ViewState.DARK
    assert check.reference is None


def damage(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "not a view", b""
    yield "not a view", b"\x89PNG" + data[4:]
    yield "version b'9'", b"SVR9" + data[4:]
    yield "checksum", data[:-1]
    yield "checksum", data[:400] + bytes([data[400] ^ 1]) + data[401:]
    yield "out of range", data[:8] + b"\xff\xff\xff\xff" + data[12:]


def test_damaged_bytes_are_refused_with_the_reason() -> None:
    reference = a_calibrated_check().reference
    assert reference is not None

    for reason, data in damage(reference.to_bytes()):
        with pytest.raises(ValueError, match=reason):
            ViewReference.from_bytes(data)


def test_a_reference_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"complex64 of shape \(2, 2\)"):
        ViewReference(np.zeros((2, 2), np.complex64), 1.0, 1.0)


def test_the_simulated_camera_is_found_turned_and_comes_back() -> None:
    fault = json.loads((FILMS / "junction-turned.json").read_text(encoding="utf-8"))["faults"][0]
    check = ViewCheck()
    states = {}
    with av.open(str(FILMS / "junction-turned.mp4")) as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY"
        for frame in container.decode(video=0):
            at = START + timedelta(seconds=frame.time or 0.0)
            states[frame.time or 0.0] = check.look(
                frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False), at
            )

    ill = [at for at, state in states.items() if state is ViewState.TURNED]
    assert FAULTS & set(states.values()) == {ViewState.TURNED}
    assert fault["from_s"] < ill[0] <= fault["from_s"] + 30
    assert fault["to_s"] <= ill[-1] <= fault["to_s"] + 10
    assert states[max(states)] is ViewState.VALID
