"""Where a picture lies in the input, and that its boxes find the way back."""

from itertools import product

import numpy as np
import pytest

from models.letterbox import PADDING, InputBuffer, Letterbox
from models.manifest import ModelInput

SIDES_PX = (1, 2, 3, 7, 95, 96, 97, 160, 333, 640, 1080, 3840)
INPUTS = ((160, 96), (640, 384), (640, 640), (96, 160))


@pytest.mark.parametrize(("width_px", "height_px"), INPUTS)
def test_boxes_of_pictures_of_any_size_come_back_as_they_went(
    width_px: int, height_px: int
) -> None:
    for source_width_px, source_height_px in product(SIDES_PX, SIDES_PX):
        letterbox = Letterbox.fit(source_width_px, source_height_px, width_px, height_px)
        sides = np.array([source_width_px, source_height_px] * 2, np.float32)
        boxes = np.array([[0, 0, 1, 1], [0.25, 0.4, 0.5, 0.9]], np.float32) * sides

        scales = np.array([letterbox.scaled_width_px, letterbox.scaled_height_px] * 2, np.float32)
        there = boxes / sides * scales + np.array([letterbox.left_px, letterbox.top_px] * 2)
        back = letterbox.to_source(there)

        np.testing.assert_allclose(back, boxes, rtol=1e-4, atol=sides.max() * 1e-4)
        assert (there >= 0).all()
        assert (there[:, [0, 2]] <= width_px).all()
        assert (there[:, [1, 3]] <= height_px).all()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param((1920, 1080), (0, 12, 640, 360), id="wide: grey above and below"),
        pytest.param((640, 512), (80, 0, 480, 384), id="high: grey left and right"),
        pytest.param((640, 384), (0, 0, 640, 384), id="the same size: none"),
        pytest.param((1, 1), (128, 0, 384, 384), id="one pixel"),
        pytest.param((4000, 1), (0, 191, 640, 1), id="a line keeps a pixel"),
    ],
)
def test_a_picture_is_centred_and_fills_one_direction(
    source: tuple[int, int], expected: tuple[int, int, int, int]
) -> None:
    found = Letterbox.fit(*source, 640, 384)

    assert (
        found.left_px,
        found.top_px,
        found.scaled_width_px,
        found.scaled_height_px,
    ) == expected


def test_boxes_in_the_grey_are_cut_off_at_the_edge_of_the_picture() -> None:
    letterbox = Letterbox.fit(1920, 1080, 640, 384)
    boxes = np.array([[-10, 0, 650, 384], [100, 0, 200, 12]], np.float32)

    assert letterbox.to_source(boxes).tolist() == [[0, 0, 1920, 1080], [300, 0, 600, 0]]


def test_no_boxes_stay_no_boxes() -> None:
    letterbox = Letterbox.fit(640, 360, 640, 384)

    assert letterbox.to_source(np.zeros((0, 4), np.float32)).shape == (0, 4)


@pytest.mark.parametrize(
    ("colour", "scale", "blue_green_red"),
    [
        pytest.param("rgb", "0-1", (1.0, 0.2, 0.0), id="rgb 0-1"),
        pytest.param("bgr", "0-1", (0.0, 0.2, 1.0), id="bgr 0-1"),
        pytest.param("rgb", "0-255", (255.0, 51.0, 0.0), id="rgb 0-255"),
    ],
)
def test_the_channels_come_in_the_order_and_range_of_the_manifest(
    colour: str, scale: str, blue_green_red: tuple[float, float, float]
) -> None:
    wanted = {"width_px": 160, "height_px": 96, "colour": colour, "scale": scale}
    buffer = InputBuffer(ModelInput.model_validate(wanted))
    reddish = np.full((48, 80, 3), (0, 51, 255), np.uint8)

    buffer.fill(reddish)

    assert buffer.values.dtype == np.float32
    assert buffer.values[0, :, 50, 50] == pytest.approx(blue_green_red)


def test_a_picture_of_another_size_leaves_nothing_of_the_last_one() -> None:
    buffer = InputBuffer(ModelInput(width_px=160, height_px=96))
    buffer.fill(np.full((96, 160, 3), 255, np.uint8))

    letterbox = buffer.fill(np.zeros((96, 96, 3), np.uint8))

    grey = pytest.approx(PADDING / 255)
    assert letterbox.left_px == 32
    assert buffer.values[0, 0, 40, 0] == grey
    assert buffer.values[0, 0, 40, 31] == grey
    assert buffer.values[0, 0, 40, 32] == 0
    assert buffer.values[0, 0, 40, 127] == 0
    assert buffer.values[0, 0, 40, 128] == grey


def test_the_picture_is_not_written_to_and_may_be_a_part_of_another() -> None:
    buffer = InputBuffer(ModelInput(width_px=160, height_px=96))
    whole = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    part = whole[50:242, 30:350]
    before = whole.copy()
    whole.setflags(write=False)

    buffer.fill(part)
    of_the_part = buffer.values.copy()
    buffer.fill(np.ascontiguousarray(part))

    np.testing.assert_array_equal(whole, before)
    np.testing.assert_array_equal(buffer.values, of_the_part)


def test_two_pictures_of_one_size_share_the_memory_of_the_input() -> None:
    buffer = InputBuffer(ModelInput(width_px=160, height_px=96))
    values = buffer.values

    buffer.fill(np.zeros((10, 10, 3), np.uint8))
    buffer.fill(np.full((10, 10, 3), 255, np.uint8))

    assert buffer.values is values
    assert values[0, :, 48, 80] == pytest.approx(1.0)
