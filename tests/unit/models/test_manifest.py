"""What a manifest may say, and that all that is wrong with one is told at once."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from analytics.detections import Detections, ObjectClass
from models.errors import InputSizeError, ManifestError, WeightsMismatchError, WeightsMissingError
from models.manifest import (
    WEIGHTS_FOLDER,
    Manifest,
    find_manifest,
    load_manifest,
    shipped_manifests,
    verify,
)
from tests.tiny_model import tiny_manifest

WEIGHTS = b"not run by any of these tests"


def write(folder: Path, **changes: object) -> Path:
    content = tiny_manifest("tiny", WEIGHTS) | changes
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        load_manifest(path)
    assert caught.value.path == path
    return list(caught.value.problems)


def test_a_valid_manifest_is_loaded_with_the_weights_beside_it(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path))

    assert manifest.file == tmp_path / "tiny.onnx"
    assert manifest.object_classes[:2] == (ObjectClass.CAR, ObjectClass.MOTORCYCLE)
    assert manifest.floor == 0.1


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        pytest.param({"name": "Tiny Model"}, "name", "pattern", id="a name that is no slug"),
        pytest.param({"version": "new"}, "version", "pattern", id="a version without numbers"),
        pytest.param({"sha256": "abc"}, "sha256", "pattern", id="half a hash"),
        pytest.param({"sha256": "A" * 64}, "sha256", "pattern", id="a hash in capitals"),
        pytest.param({"file": "../tiny.onnx"}, "file", "bare name", id="weights elsewhere"),
        pytest.param({"file": "/tiny.onnx"}, "file", "bare name", id="weights at a full path"),
        pytest.param({"head": "yolo"}, "head", "'raw' or 'end_to_end'", id="an unknown head"),
        pytest.param({"classes": ["lorry"]}, "classes.0", "car, motorcycle", id="unknown class"),
        pytest.param({"classes": ["car", "car"]}, "classes", "once", id="a class twice"),
        pytest.param({"classes": []}, "classes", "at least one", id="no class"),
        pytest.param({"floor": 1.5}, "floor", "less than or equal to 1", id="no share"),
        pytest.param({"threshold": 0.05}, "threshold", "floor", id="a threshold under the floor"),
        pytest.param(
            {"thresholds": {"car": 0.01}}, "thresholds", "floor", id="a single one under the floor"
        ),
        pytest.param(
            {"thresholds": {"pothole": 0.5}}, "thresholds", "no class pothole", id="not of the head"
        ),
        pytest.param({"head": "raw"}, "nms_iou", "0.6", id="a raw head without an overlap"),
        pytest.param({"nms_iou": 0.6}, "nms_iou", "leave it out", id="an overlap without a use"),
        pytest.param({"licence": " "}, "licence", "at least 1", id="no licence"),
        pytest.param({"license": "MIT"}, "license", "not permitted", id="an unknown key"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(
    tmp_path: Path, changes: dict[str, object], where: str, what: str
) -> None:
    (problem,) = problems_of(write(tmp_path, **changes))

    assert problem.startswith(f"{where}: ")
    assert what in problem


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, classes=["lorry"], head="raw", file="../x.onnx", colour="red")

    problems = problems_of(path)

    assert [line.split(":")[0] for line in problems] == ["file", "classes.0", "nms_iou", "colour"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(b"name: [", "is no YAML", id="broken YAML"),
        pytest.param(b"\xff\xfe\x00", "is no YAML", id="not even text"),
        pytest.param(b"- a\n- b\n", "valid dictionary", id="a list"),
        pytest.param(b"", "valid dictionary", id="an empty file"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_bytes(content)

    (problem,) = problems_of(path)

    assert what in problem


def test_a_manifest_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in problems_of(tmp_path)[0]


def test_a_model_that_ships_is_found_by_its_name() -> None:
    assert find_manifest("traffic") == WEIGHTS_FOLDER / "traffic.yaml"


def test_a_manifest_is_found_by_its_path(tmp_path: Path) -> None:
    path = write(tmp_path)

    assert find_manifest(str(path)) == path


def test_an_unknown_model_is_refused_with_the_names_that_would_do() -> None:
    with pytest.raises(ManifestError, match="traffic"):
        find_manifest("traffic-v999")


def test_weights_with_the_right_hash_are_accepted(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path))
    manifest.file.write_bytes(WEIGHTS)

    verify(manifest)


def test_weights_that_were_changed_by_one_byte_are_refused(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path))
    manifest.file.write_bytes(WEIGHTS + b"\0")

    with pytest.raises(WeightsMismatchError, match=manifest.sha256):
        verify(manifest)


def test_weights_that_are_not_there_are_told_by_their_path(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path))

    with pytest.raises(WeightsMissingError, match=r"tiny\.onnx"):
        verify(manifest)


def sized(folder: Path, multiple_px: int | None = 32) -> Manifest:
    size = {"width_px": 640, "height_px": 384, "multiple_px": multiple_px}
    return load_manifest(write(folder, input=size))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param((416, 256), (416, 256), id="both sides"),
        pytest.param((416,), (416, 256), id="the shape of its own, rounded up"),
        pytest.param((512,), (512, 320), id="rounded up from 307"),
        pytest.param((640,), (640, 384), id="its own"),
        pytest.param((32,), (32, 32), id="the smallest"),
    ],
)
def test_weights_that_take_other_sizes_are_resized(
    tmp_path: Path, asked: tuple[int, ...], expected: tuple[int, int]
) -> None:
    manifest = sized(tmp_path)

    resized = manifest.resized(*asked)

    assert (resized.input.width_px, resized.input.height_px) == expected
    own = manifest.input.model_dump(exclude={"width_px", "height_px"})
    assert resized.input.model_dump(exclude={"width_px", "height_px"}) == own
    assert resized.sha256 == manifest.sha256


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        pytest.param((416, 250), "416x250: expected sides that 32 divides", id="a height between"),
        pytest.param((400,), "400x256: expected sides that 32 divides", id="a width between"),
        pytest.param((32, 0), "32x0: expected sides of 32 pixels at least", id="no height"),
        pytest.param((9600, 320), "9600x320: expected sides of 8192 pixels at most", id="huge"),
    ],
)
def test_a_size_that_the_weights_do_not_take_is_refused(
    tmp_path: Path, asked: tuple[int, ...], reason: str
) -> None:
    with pytest.raises(InputSizeError, match=f"model tiny at {reason}"):
        sized(tmp_path).resized(*asked)


def test_weights_of_one_size_take_no_other(tmp_path: Path) -> None:
    manifest = sized(tmp_path, multiple_px=None)

    assert manifest.resized(640, 384) is manifest
    with pytest.raises(InputSizeError, match="its weights take 640x384 only"):
        manifest.resized(416)


def test_each_class_counts_as_seen_from_its_own_threshold_on(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path, threshold=0.4, thresholds={"person": 0.2}))
    seen = Detections(
        np.zeros((4, 4), np.float32),
        np.array([0.4, 0.39, 0.2, 0.19], np.float32),
        np.array([ObjectClass.CAR, ObjectClass.BUS, ObjectClass.PERSON, ObjectClass.PERSON]),
    )

    assert manifest.confident(seen).tolist() == [True, False, True, False]
    assert manifest.confident(Detections.none()).tolist() == []


def card_of(manifest: Manifest) -> str:
    """Return the card of a model; eight bits are told of on that of the full weights."""
    name = manifest.name.removesuffix("-int8")
    return (WEIGHTS_FOLDER.parent / "cards" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", shipped_manifests(), ids=lambda path: path.stem)
def test_what_ships_is_named_as_its_file_and_has_a_card_and_figures(path: Path) -> None:
    manifest: Manifest = load_manifest(path)

    assert manifest.name == path.stem
    assert manifest.version in card_of(manifest)
    assert manifest.metrics


@pytest.mark.parametrize("path", shipped_manifests(), ids=lambda path: path.stem)
def test_the_card_tells_each_figure_that_the_manifest_holds(path: Path) -> None:
    manifest = load_manifest(path)

    figures = {f"{value:.3f}" for metric in manifest.metrics for value in metric.by_class.values()}

    assert {figure for figure in figures if figure not in card_of(manifest)} == set()
