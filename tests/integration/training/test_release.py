"""From weights to what ships: eight bits, the measurement, manifest and card."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from models.manifest import ModelInput, load_manifest
from models.onnx_detector import OnnxDetector
from models.verification import verify_model
from scripts.training.card import card
from scripts.training.config import (
    MeasuredSet,
    Pictures,
    Release,
    Stage,
    TrainingConfig,
    TrainingError,
)
from scripts.training.quantise import quantise
from scripts.training.release import Measured, draft, loses_too_much, measure, ship, withdraw
from tests.tiny_model import constant, write_tiny_model

pytestmark = [pytest.mark.integration, pytest.mark.computes]

SIZE = (160, 96)


def write_network(file: Path) -> None:
    """Write weights that see one rubbish heap, the surer the brighter the picture's middle is.

    A convolution, its activation, and a raw head whose one tensor holds pixels and scores: what
    eight bits must leave alone. They take any size, as what is trained does.
    """
    rng = np.random.default_rng(1)
    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["felt"], "felt", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["felt"], ["active"], "active"),
        helper.make_node("Conv", ["active", "mean"], ["level"], "level"),
        helper.make_node("GlobalAveragePool", ["level"], ["score_square"], "pooled"),
        helper.make_node("Reshape", ["score_square", "as_row"], ["score"], "score"),
        helper.make_node("Concat", ["box", "score"], ["output"], "output", axis=1),
    ]
    kernel = np.abs(rng.normal(0, 1, (8, 3, 3, 3)))
    constants = [
        constant("kernel", kernel / kernel.sum(axis=(1, 2, 3), keepdims=True)),
        constant("mean", np.full((1, 8, 1, 1), 1 / 8)),
        constant("box", np.array([80, 48, 40, 20]).reshape(1, 4, 1)),
        helper.make_tensor("as_row", TensorProto.INT64, [3], [1, 1, 1]),
    ]
    shape: list[str | int | None] = ["batch", 3, "height", "width"]
    graph = helper.make_graph(
        nodes,
        "bright",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 5, 1])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, file)


def write_pictures(folder: Path) -> list[Path]:
    """Write bright pictures with a heap in the middle, and dark ones with none."""
    files = []
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for number in range(8):
        is_bright = number % 2 == 0
        image = np.full((*SIZE[::-1], 3), 200 if is_bright else 20 + number, np.uint8)
        files.append(folder / "images" / f"{number}.png")
        assert cv2.imwrite(str(files[-1]), image)
        text = "0 0.5 0.5 0.25 0.2083\n" if is_bright else ""
        (folder / "labels" / f"{number}.txt").write_text(text, encoding="utf-8")
    return files


def a_config(folder: Path) -> TrainingConfig:
    return TrainingConfig(
        name="rubbish",
        start="unused.pt",
        classes=("rubbish",),
        train=(Pictures(folder=str(folder)),),
        val=Pictures(folder=str(folder)),
        stages=(Stage(side_px=64, epochs=1, learning_rate=1e-3),),
        input_px=SIZE,
        release=Release(
            version="1.2.3",
            floor=0.05,
            threshold=0.5,
            data="painted pictures",
            sets=(
                MeasuredSet(name="painted", folder=str(folder)),
                MeasuredSet(name="painted, dark", folder=str(folder), shows_none=True),
            ),
            finds="Finds bright pictures.",
            trained_on="Nothing.",
            remarks="Made for a test.",
            not_for="Streets.",
        ),
    )


def test_eight_bits_see_what_the_full_weights_see(tmp_path: Path) -> None:
    files = write_pictures(tmp_path / "pictures")
    config = a_config(tmp_path / "pictures")
    full, small = tmp_path / "rubbish.onnx", tmp_path / "rubbish-int8.onnx"
    write_network(full)

    quantise(full, files[::2], ModelInput(width_px=SIZE[0], height_px=SIZE[1]), small)

    bright = cv2.imread(str(files[0]))
    assert bright is not None
    seen = [
        OnnxDetector(draft(config, weights)).detect(np.asarray(bright, np.uint8))
        for weights in (full, small)
    ]
    np.testing.assert_allclose(seen[0].xyxy, [[60, 38, 100, 58]], atol=0.01)
    np.testing.assert_allclose(seen[1].xyxy, seen[0].xyxy, atol=0.01)
    np.testing.assert_allclose(seen[1].confidence, seen[0].confidence, atol=0.02)
    assert {node.op_type for node in onnx.load(small).graph.node} >= {"QuantizeLinear"}
    assert not onnx.load(small).metadata_props


def test_what_ships_is_measured_told_and_works(tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures")
    config, weights = a_config(tmp_path / "pictures"), tmp_path / "exported" / "rubbish.onnx"
    write_network(weights)
    assert config.release is not None

    measured = measure(draft(config, weights), config)
    (tmp_path / "ships").mkdir()
    manifest_file = ship(config, measured, tmp_path / "ships")

    assert verify_model(str(manifest_file)).is_ok
    manifest = load_manifest(manifest_file)
    assert (manifest.version, manifest.threshold) == ("1.2.3", 0.5)
    assert {metric.measure: metric.by_class for metric in manifest.metrics} == {
        "picture-auc": {"rubbish": 1.0}
    }, "four heaps are too few for an AP50"
    page = card(config, config.release, [measured])
    assert "**painted**: 8 pictures, 4 of them empty." in page
    assert "| rubbish 1.2.3 | 1.000 | 0.00 |" in page
    assert "| rubbish 1.2.3 | 50.00 |" in page, "false alarms where nothing is said to be"
    assert loses_too_much(measured, measured), "four heaps tell nothing of eight bits either"


@pytest.mark.parametrize(
    ("lost", "objects", "too_much"), [(0.009, 50, False), (0.011, 50, True), (0.0, 49, True)]
)
def test_eight_bits_ship_where_they_provably_cost_no_more_than_a_point(
    tmp_path: Path, lost: float, objects: int, *, too_much: bool
) -> None:
    write_pictures(tmp_path / "pictures")
    config, weights = a_config(tmp_path / "pictures"), tmp_path / "rubbish.onnx"
    write_network(weights)
    full = measure(draft(config, weights), config)

    def reaching(ap50: float) -> Measured:
        figures = replace(full.reports[0].by_class["rubbish"], ap50=ap50, objects=objects)
        return replace(full, reports=(replace(full.reports[0], by_class={"rubbish": figures}),))

    assert loses_too_much(reaching(0.9 - lost), reaching(0.9)) is too_much


def test_a_peer_whose_classes_are_others_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures")
    config, peer = a_config(tmp_path / "pictures"), write_tiny_model(tmp_path, [])

    with pytest.raises(TrainingError, match=r"finds car, motorcycle, .*; expected rubbish"):
        measure(load_manifest(peer), config)


def test_a_model_that_no_longer_ships_is_withdrawn(tmp_path: Path) -> None:
    manifest = write_tiny_model(tmp_path, [], name="small-int8")

    withdraw("small-int8", tmp_path)
    withdraw("small-int8", tmp_path)

    assert not manifest.exists()
    assert not list(tmp_path.iterdir())


def test_the_same_weights_run_at_the_size_that_a_manifest_asks_for(tmp_path: Path) -> None:
    config, weights = a_config(tmp_path), tmp_path / "rubbish.onnx"
    write_network(weights)

    for size in ((160, 96), (320, 192)):
        sized = config.model_copy(update={"input_px": size})
        detector = OnnxDetector(draft(sized, weights))
        detector.prepare(np.full((96, 160, 3), 200, np.uint8))
        assert detector.infer().shape == (1, 5, 1)
