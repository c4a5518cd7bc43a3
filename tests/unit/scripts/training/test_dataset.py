"""What is trained on: labels that are checked, people that are added, no picture on both sides."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from analytics.detections import FloatArray
from analytics.frames import Image
from models.dataset import Labels, read_labels
from models.errors import DatasetError
from scripts.training.config import Pictures, Stage, TrainingConfig, TrainingError
from scripts.training.dataset import prepare, with_people

CLASSES = ("car", "motorcycle", "bus", "truck", "bicycle", "person")
SIZE = (640, 360)


def folder_of(root: Path, name: str, labels: dict[str, str]) -> Path:
    folder = root / name
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    for number, (stem, text) in enumerate(labels.items()):
        grey = np.full((*SIZE[::-1], 3), number, np.uint8)
        assert cv2.imwrite(str(folder / "images" / f"{stem}.jpg"), grey)
        (folder / "labels" / f"{stem}.txt").write_text(text, encoding="utf-8")
    return folder


def config_of(train: Path, val: Path, **pictures: object) -> TrainingConfig:
    return TrainingConfig(
        name="test",
        start="unused.pt",
        classes=CLASSES,
        train=(Pictures.model_validate({"folder": str(train), **pictures}),),
        val=Pictures(folder=str(val)),
        stages=(Stage(side_px=64, epochs=1, learning_rate=1e-3),),
    )


def nobody(picture: Image) -> FloatArray:
    return np.zeros((0, 4), np.float32)


def test_who_walks_becomes_a_person_and_who_rides_does_not() -> None:
    motorcycle = Labels(
        np.array([1]), np.array([[100 / 640, 100 / 360, 20 / 640, 40 / 360]], np.float32)
    )
    rider = [92, 78, 108, 112]
    walker = [300, 100, 316, 148]

    labels = with_people(motorcycle, np.array([rider, walker], np.float32), SIZE, CLASSES)

    assert labels.class_id.tolist() == [1, 5]
    np.testing.assert_allclose(labels.xyxy(SIZE)[1], walker, atol=1e-3)


def test_people_are_added_to_a_copy_only_where_they_are_unlabelled(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {"a": "0 0.5 0.5 0.1 0.1\n"})
    val = folder_of(tmp_path, "val", {"b": ""})
    walker = np.array([[10, 10, 26, 58]], np.float32)

    description = prepare(
        config_of(train, val, lacks_people=True, repeat=2), tmp_path / "data", lambda _: walker
    )

    described = yaml.safe_load(description.read_text(encoding="utf-8"))
    listed = (tmp_path / "data" / described["train"]).read_text(encoding="utf-8").splitlines()
    assert len(listed) == 2, "shown twice an epoch"
    assert Path(listed[0]).resolve() == (train / "images" / "a.jpg").resolve()
    complete = Path(listed[0].replace("/images/", "/labels/")).with_suffix(".txt")
    assert read_labels(complete, 6).class_id.tolist() == [0, 5]
    assert (train / "labels" / "a.txt").read_text(encoding="utf-8") == "0 0.5 0.5 0.1 0.1\n"
    assert described["names"] == dict(enumerate(CLASSES))


def test_a_picture_on_both_sides_is_refused(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {"a": ""})

    with pytest.raises(TrainingError, match="1 pictures are in train and in val"):
        prepare(config_of(train, train), tmp_path / "data", nobody)


def test_a_picture_without_labels_is_named(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {"a": ""})
    val = folder_of(tmp_path, "val", {"b": ""})
    (train / "labels" / "a.txt").unlink()

    with pytest.raises(DatasetError, match=r"a\.jpg: no labels; expected .*a\.txt"):
        prepare(config_of(train, val), tmp_path / "data", nobody)


def test_a_folder_that_names_an_unset_variable_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIMPANG_DATA", raising=False)

    with pytest.raises(TrainingError, match="SIMPANG_DATA"):
        Pictures(folder="${SIMPANG_DATA}/traffic/train").resolved()
