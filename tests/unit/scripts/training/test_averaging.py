"""The mean of weights."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from models.manifest import Manifest, load_manifest
from models.onnx_detector import OnnxDetector
from scripts.training.averaging import average, averaged, refuse_other_classes
from scripts.training.config import TrainingError
from tests.tiny_model import tiny_manifest, write_tiny_model


def test_each_array_is_the_mean_of_all() -> None:
    parts = [{"kernel": np.array([[start, start + 4]], np.float32)} for start in (0, 1, 5)]

    assert averaged(parts)["kernel"].tolist() == [[2, 6]]


def test_whole_numbers_are_those_of_the_last() -> None:
    parts = [{"places": np.array([10])}, {"places": np.array([25])}]

    assert averaged(parts)["places"].tolist() == [25]


def test_exported_weights_become_one_model_between_them(tmp_path: Path) -> None:
    manifests = [
        write_tiny_model(tmp_path / name, [(left, 20, left + 30, 50, "car")])
        for name, left in (("one", 40), ("other", 60))
    ]
    weights = [file.with_suffix(".onnx") for file in manifests]
    before = [file.read_bytes() for file in weights]

    average(weights, tmp_path / "mean.onnx")

    mean = OnnxDetector(a_manifest(tmp_path / "mean.onnx"))
    (box,) = mean.detect(np.full((96, 160, 3), 153, np.uint8)).xyxy
    assert box.tolist() == pytest.approx([50, 20, 80, 50], abs=0.1)
    assert [file.read_bytes() for file in weights] == before


def a_manifest(weights: Path) -> Manifest:
    fields = tiny_manifest(weights.stem, weights.read_bytes())
    weights.with_suffix(".yaml").write_text(yaml.safe_dump(fields), encoding="utf-8")
    return load_manifest(weights.with_suffix(".yaml"))


def test_weights_alone_are_themselves() -> None:
    kernel = np.array([1, 2], np.float32)

    assert averaged([{"kernel": kernel}])["kernel"].tolist() == [1, 2]


@pytest.mark.parametrize("other", [{"kernel": np.zeros((2, 3))}, {"bias": np.zeros((2, 2))}, {}])
def test_another_network_is_refused(other: dict[str, np.ndarray]) -> None:
    with pytest.raises(TrainingError, match="one network"):
        averaged([other, {"kernel": np.zeros((2, 2))}])


@pytest.mark.parametrize("classes", [["car"], ["bus", "car"], ["car", "bus", "truck"]])
def test_weights_of_other_classes_are_refused(classes: list[str]) -> None:
    wanted = ["car", "bus"]
    refuse_other_classes({"one.pt": wanted, "other.onnx": wanted}, wanted)

    with pytest.raises(TrainingError, match=r"one\.pt finds .*; expected car, bus, in this order"):
        refuse_other_classes({"one.pt": classes, "other.onnx": wanted}, wanted)
