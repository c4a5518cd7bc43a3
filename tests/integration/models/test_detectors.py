"""One model at several sizes, on the real ONNX Runtime."""

from pathlib import Path

import numpy as np
import pytest

from analytics.frames import Image
from models.detectors import Detectors
from models.errors import InputSizeError, WeightsMismatchError
from models.manifest import load_manifest
from tests.tiny_model import TinyBox, write_tiny_model

pytestmark = [pytest.mark.integration, pytest.mark.computes]

CAR: TinyBox = (10, 20, 50, 40, "car")
BRIGHT: Image = np.full((192, 320, 3), 153, np.uint8)


def detectors(folder: Path, *, multiple_px: int | None = 32) -> Detectors:
    return Detectors(load_manifest(write_tiny_model(folder, [CAR], multiple_px=multiple_px)))


def test_each_size_looks_at_the_whole_picture_and_is_opened_once(tmp_path: Path) -> None:
    several = detectors(tmp_path)

    own, small = several.at(None), several.at(96)

    # The tiny model's box has one place in the input: the smaller that is, the more it covers;
    # below 320 x 192, one of 96 x 64 has three rows of grey above the picture and below.
    assert own.detect(BRIGHT).xyxy.round().tolist() == [[20, 40, 100, 80]]
    assert small.detect(BRIGHT).xyxy.round().tolist() == [[33, 56, 167, 122]]
    assert several.at(96) is small
    assert several.at(160) is own


def test_what_must_be_blurred_is_looked_for_at_the_models_own_size_at_least(
    tmp_path: Path,
) -> None:
    several = detectors(tmp_path)

    assert several.careful(None) is several.own
    assert several.careful(96) is several.own
    assert several.careful(320) is several.at(320)


def test_a_size_that_the_weights_do_not_take_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputSizeError, match="expected sides that 32 divides"):
        detectors(tmp_path).at(100)
    with pytest.raises(InputSizeError, match="160x96 only"):
        detectors(tmp_path / "fixed", multiple_px=None).at(96)


def test_weights_that_only_claim_to_take_any_size_are_told_with_both_shapes(
    tmp_path: Path,
) -> None:
    path = write_tiny_model(tmp_path, [CAR])
    path.write_text(path.read_text().replace("height_px: 96", "height_px: 96\n  multiple_px: 32"))

    with pytest.raises(WeightsMismatchError, match=r"\(1, 3, 96, 160\).*\(1, 3, 64, 96\)"):
        Detectors(load_manifest(path)).at(96)
