"""The real ONNX Runtime, on graphs of a few nodes and on the weights that ship."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from onnx import ModelProto, helper

from analytics.detections import VEHICLES, FloatArray, ObjectClass
from analytics.frames import Image
from models.errors import DetectorError, WeightsMismatchError, WeightsMissingError
from models.manifest import Manifest, find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from tests.tiny_model import TinyBox, constant, tiny_graph, tiny_manifest, write_tiny_model

pytestmark = [pytest.mark.integration, pytest.mark.computes]

CAR: TinyBox = (10, 20, 50, 40, "car")
BUS: TinyBox = (100, 50, 150, 90, "bus")


def grey(value: int, *, width_px: int = 160, height_px: int = 96) -> Image:
    return np.full((height_px, width_px, 3), value, np.uint8)


def tiny_detector(folder: Path, boxes: Sequence[TinyBox] = (CAR, BUS)) -> OnnxDetector:
    return OnnxDetector(load_manifest(write_tiny_model(folder, boxes)))


def manifest_for(folder: Path, model: ModelProto, **changes: object) -> Manifest:
    weights = model.SerializeToString()
    (folder / "odd.onnx").write_bytes(weights)
    path = folder / "odd.yaml"
    path.write_text(yaml.safe_dump(tiny_manifest("odd", weights) | changes), encoding="utf-8")
    return load_manifest(path)


def always(output: FloatArray, *, input_shape: Sequence[int | str] = (1, 3, 96, 160)) -> ModelProto:
    """Return a model that gives `output` for every picture."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["rows", "nothing"], ["output0"]),
    ]
    constants = [constant("zero", 0), constant("rows", output)]
    return tiny_graph(nodes, constants, output.shape, input_shape=input_shape)


def nothing(*shape: int) -> FloatArray:
    return np.zeros(shape, np.float32)


def one_row(*row: float) -> FloatArray:
    return np.array([[row]], np.float32)


def test_a_bright_picture_holds_the_boxes_and_a_dark_one_none(tmp_path: Path) -> None:
    detector = tiny_detector(tmp_path)

    bright, dark = detector.detect(grey(153)), detector.detect(grey(60))

    assert bright.xyxy.round().tolist() == [[10, 20, 50, 40], [100, 50, 150, 90]]
    assert bright.confidence == pytest.approx(0.9, abs=1e-3)
    assert bright.class_id.tolist() == [ObjectClass.CAR, ObjectClass.BUS]
    assert len(dark) == 0


def test_boxes_are_in_pixels_of_the_picture_whatever_its_size(tmp_path: Path) -> None:
    detector = tiny_detector(tmp_path, [CAR])

    found = detector.detect(grey(153, width_px=1600, height_px=960))

    np.testing.assert_allclose(found.xyxy, [[100, 200, 500, 400]], atol=1)


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(1, 1), (2, 3000), (3000, 2), (159, 97), (3840, 2160)]
)
def test_a_picture_of_any_size_gives_boxes_inside_it(
    tmp_path: Path, width_px: int, height_px: int
) -> None:
    detector = tiny_detector(tmp_path, [(0, 0, 160, 96, "car"), (-20, -20, 500, 500, "bus")])

    found = detector.detect(grey(255, width_px=width_px, height_px=height_px))

    assert (found.xyxy >= 0).all()
    assert (found.xyxy[:, [0, 2]] <= width_px).all()
    assert (found.xyxy[:, [1, 3]] <= height_px).all()


def test_boxes_without_an_area_in_the_picture_are_no_objects(tmp_path: Path) -> None:
    in_the_grey = (0, 0, 10, 96, "car")
    inside_out = (90, 50, 80, 40, "car")
    detector = tiny_detector(tmp_path, [in_the_grey, inside_out, BUS])

    found = detector.detect(grey(255, width_px=96))

    assert found.class_id.tolist() == [ObjectClass.BUS]


def test_a_raw_head_is_read_as_such(tmp_path: Path) -> None:
    places = nothing(1, 4 + 6, 50)
    places[0, :, 0] = (30, 30, 40, 20, 0.9, 0, 0, 0, 0, 0)
    places[0, :, 1] = (31, 30, 40, 20, 0.8, 0, 0, 0, 0, 0)
    manifest = manifest_for(tmp_path, always(places), head="raw", nms_iou=0.6)

    found = OnnxDetector(manifest).detect(grey(100))

    assert found.xyxy.round().tolist() == [[10, 20, 50, 40]]
    assert found.class_id.tolist() == [ObjectClass.CAR]


@pytest.mark.parametrize(
    ("output", "changes", "expected"),
    [
        pytest.param(
            nothing(1, 300, 7), {}, r"end_to_end head .*\(1, 300, 7\).*\(1, n, 6\)", id="head"
        ),
        pytest.param(
            nothing(1, 84, 50),
            {"head": "raw", "nms_iou": 0.6},
            r"raw head .*\(1, 84, 50\).*\(1, 10, n\)",
            id="more classes than the manifest",
        ),
        pytest.param(
            nothing(1, 300, 6),
            {"input": {"width_px": 640, "height_px": 384}},
            r"input .*\(1, 3, 96, 160\).*\(1, 3, 384, 640\)",
            id="input",
        ),
    ],
)
def test_a_shape_other_than_the_manifests_is_told_with_both(
    tmp_path: Path, output: FloatArray, changes: dict[str, object], expected: str
) -> None:
    with pytest.raises(WeightsMismatchError, match=expected):
        OnnxDetector(manifest_for(tmp_path, always(output), **changes))


def test_a_shape_that_the_graph_leaves_open_is_refused(tmp_path: Path) -> None:
    model = always(nothing(1, 300, 6), input_shape=("films", 3, 96, 160))

    with pytest.raises(WeightsMismatchError, match="films"):
        OnnxDetector(manifest_for(tmp_path, model))


def test_all_shapes_that_differ_are_told_at_once(tmp_path: Path) -> None:
    size = {"width_px": 32, "height_px": 32}

    with pytest.raises(WeightsMismatchError) as caught:
        OnnxDetector(manifest_for(tmp_path, always(nothing(1, 8, 7)), input=size))

    assert len(caught.value.problems) == 2


def test_a_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    manifest = load_manifest(write_tiny_model(tmp_path, [CAR]))
    manifest.file.write_bytes(b"no graph")
    fields = tiny_manifest("tiny", b"no graph")
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(fields), encoding="utf-8")

    with pytest.raises(WeightsMismatchError, match="ONNX Runtime cannot run it"):
        OnnxDetector(load_manifest(tmp_path / "tiny.yaml"))


def test_weights_with_another_hash_are_not_run(tmp_path: Path) -> None:
    manifest = load_manifest(write_tiny_model(tmp_path, [CAR]))
    write_tiny_model(tmp_path / "other", [BUS])
    manifest.file.write_bytes((tmp_path / "other" / "tiny.onnx").read_bytes())

    with pytest.raises(WeightsMismatchError, match="sha256"):
        OnnxDetector(manifest)


def test_missing_weights_are_told(tmp_path: Path) -> None:
    manifest = load_manifest(write_tiny_model(tmp_path, [CAR]))
    manifest.file.unlink()

    with pytest.raises(WeightsMissingError, match=r"tiny\.onnx"):
        OnnxDetector(manifest)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param((0, 0, 9, 9, np.nan, 0), "not finite", id="a score that is no number"),
        pytest.param((0, np.inf, 9, 9, 0.9, 0), "not finite", id="a box without an end"),
        pytest.param((0, 0, 9, 9, 7.5, 0), "0 to 1", id="a logit for a score"),
        pytest.param((0, 0, 9, 9, 0.9, 6), "class", id="a class too many"),
        pytest.param((0, 0, 9, 9, 0.9, -1), "class", id="a class under 0"),
    ],
)
def test_an_output_that_is_no_boxes_and_scores_is_an_error(
    tmp_path: Path, row: tuple[float, ...], reason: str
) -> None:
    detector = OnnxDetector(manifest_for(tmp_path, always(one_row(*row))))

    with pytest.raises(DetectorError, match=f"model odd: .*{reason}"):
        detector.detect(grey(100))


def test_a_detector_goes_on_after_a_picture_it_could_not_do(tmp_path: Path) -> None:
    detector = tiny_detector(tmp_path)

    with pytest.raises(DetectorError, match="empty"):
        detector.detect(np.zeros((0, 10, 3), np.uint8))

    assert len(detector.detect(grey(153))) == 2


def test_what_was_found_stays_when_the_next_picture_is_looked_at(tmp_path: Path) -> None:
    detector = tiny_detector(tmp_path)
    first = detector.detect(grey(153))
    kept = first.xyxy.copy(), first.confidence.copy()

    detector.detect(grey(229))

    np.testing.assert_array_equal(first.xyxy, kept[0])
    np.testing.assert_array_equal(first.confidence, kept[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_detector_starts_no_threads_beside_its_own(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/task"))  # noqa: PTH208  # a count, not paths

    detector = tiny_detector(tmp_path)
    detector.infer()

    assert len(os.listdir("/proc/self/task")) == before  # noqa: PTH208


def test_the_weights_that_ship_see_nothing_in_an_empty_picture() -> None:
    detector = OnnxDetector(load_manifest(find_manifest("traffic")))

    found = detector.detect(grey(128, width_px=1280, height_px=720))

    assert not detector.manifest.confident(found).any()


def test_the_weights_that_ship_find_the_cars_of_a_jam() -> None:
    clip = data_folder() / "clips" / "toll_jam.mp4"
    if not clip.is_file():
        pytest.skip("no footage here; SIMPANG_DATA names its folder")
    detector = OnnxDetector(load_manifest(find_manifest("traffic")))

    found = detector.detect(first_picture(clip))

    seen = found.where(detector.manifest.confident(found) & found.of_class(*VEHICLES))
    centres = (seen.xyxy[:, :2] + seen.xyxy[:, 2:]) / 2
    # The jammed carriageway is the right one; its vehicles are right of the middle of 640 pixels.
    assert (centres[:, 0] > 280).sum() >= 6
    assert found.of_class(ObjectClass.CAR).any()


def data_folder() -> Path:
    named = os.environ.get("SIMPANG_DATA")
    return Path(named) if named else Path(__file__).parents[4] / "shared" / "data"


def first_picture(clip: Path) -> Image:

    with av.open(str(clip)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="bgr24"), np.uint8)
