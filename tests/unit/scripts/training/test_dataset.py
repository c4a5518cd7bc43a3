"""What is trained on: labels that are checked, people that are added, no picture on both sides."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from analytics.detections import FloatArray
from analytics.frames import Image
from models.dataset import Labels, pictures, read_labels
from models.errors import DatasetError
from scripts.training.config import Pictures, Stage, TrainingConfig, TrainingError
from scripts.training.dataset import listed, prepare, with_people, write_weathered
from scripts.training.frames import write_frames
from scripts.training.weather import Weather

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

    prepared = prepare(
        config_of(train, val, lacks_people=True, repeat=2), tmp_path / "data", lambda _: walker
    )

    described = yaml.safe_load(prepared.descriptions[0].read_text(encoding="utf-8"))
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


def listed_of(folder: Path, stage: int = 1) -> list[str]:
    return [Path(line).name for line in listed(folder, stage).read_text("utf-8").splitlines()]


def test_a_part_may_be_shown_in_some_stages_only(tmp_path: Path) -> None:
    made = folder_of(tmp_path, "made", {"a": ""})
    real = folder_of(tmp_path, "real", {"b": ""})
    val = folder_of(tmp_path, "val", {"c": ""})
    config = config_of(real, val)
    stage = config.stages[0]
    both = config.model_copy(
        update={
            "train": (Pictures(folder=str(made), stages=(2,)), *config.train),
            "stages": (stage, stage),
        }
    )

    prepare(both, tmp_path / "data", nobody)

    assert listed_of(tmp_path / "data", 1) == ["b.jpg"]
    assert listed_of(tmp_path / "data", 2) == ["a.jpg", "b.jpg"]


def test_what_is_too_low_is_taken_for_nothing(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {"a": "0 0.5 0.5 0.1 0.1\n1 0.2 0.2 0.1 0.03\n"})
    val = folder_of(tmp_path, "val", {"b": ""})

    prepare(config_of(train, val, least_height=0.04), tmp_path / "data", nobody)

    (file,) = (tmp_path / "data").glob("*-train/labels/a.txt")
    assert [line.split()[0] for line in file.read_text("utf-8").splitlines()] == ["0"]


def test_a_part_of_a_folder_is_spread_over_its_names(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {f"{number:02d}": "" for number in range(10)})
    val = folder_of(tmp_path, "val", {"b": ""})

    prepare(config_of(train, val, most=3), tmp_path / "data", nobody)

    assert listed_of(tmp_path / "data") == ["00.jpg", "03.jpg", "06.jpg"]


def test_another_weather_is_shown_besides_and_its_labels_stay(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {"a": "0 0.5 0.5 0.1 0.1\n"})
    val = folder_of(tmp_path, "val", {"b": ""})

    prepare(config_of(train, val, weather=1.0), tmp_path / "data", nobody)

    original, other = listed_of(tmp_path / "data")
    assert original == "a.jpg"
    assert other.removeprefix("a-").removesuffix(".jpg") in set(Weather)
    (labels,) = (tmp_path / "data").glob("*-train/labels/a-*.txt")
    assert read_labels(labels, 6).class_id.tolist() == [0]


def test_an_empty_scene_is_shown_besides_and_its_labels_stay(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {"a": "0 0.5 0.5 0.1 0.1\n"})
    val = folder_of(tmp_path, "val", {"b": ""})

    told = prepare(config_of(train, val, empty_scene=1.0), tmp_path / "data", nobody)

    assert listed_of(tmp_path / "data") == ["a.jpg", "a-empty-scene.jpg"]
    assert "1 as an empty scene" in " ".join(told.story)
    (labels,) = (tmp_path / "data").glob("*-train/labels/a-*.txt")
    assert read_labels(labels, 6).class_id.tolist() == [0]


def test_what_shows_none_of_it_is_listed_without_its_labels(tmp_path: Path) -> None:
    train = folder_of(tmp_path, "train", {"a": "3 0.5 0.5 0.1 0.1\n"})
    val = folder_of(tmp_path, "val", {"b": ""})

    prepare(config_of(train, val, shows_none=True), tmp_path / "data", nobody)

    (labels,) = (tmp_path / "data").glob("*-train/labels/a.txt")
    assert len(read_labels(labels, 6)) == 0


def test_a_picture_that_is_nearly_one_of_the_other_side_is_left_out_and_told(
    tmp_path: Path,
) -> None:
    train = folder_of(tmp_path, "train", {"a": "", "b": ""})
    val = folder_of(tmp_path, "val", {"c": ""})
    rng = np.random.default_rng(1)
    scenes = [cv2.resize(rng.integers(0, 255, (9, 16, 3), np.uint8), SIZE) for _ in range(2)]
    assert cv2.imwrite(str(train / "images" / "a.jpg"), scenes[0])
    assert cv2.imwrite(str(train / "images" / "b.jpg"), scenes[1])
    smaller = cv2.resize(scenes[0], (320, 180))
    assert cv2.imwrite(str(val / "images" / "c.jpg"), smaller, [cv2.IMWRITE_JPEG_QUALITY, 50])

    prepared = prepare(config_of(train, val), tmp_path / "data", nobody)

    assert listed_of(tmp_path / "data") == ["b.jpg"]
    assert "1 left out" in prepared.story[1]


def test_two_folders_whose_names_end_alike_are_told_apart_or_refused(tmp_path: Path) -> None:
    one = folder_of(tmp_path / "here", "train", {"a": ""})
    other = folder_of(tmp_path / "there" / "here", "train", {"b": ""})

    with pytest.raises(TrainingError, match="end alike"):
        prepare(config_of(one, other), tmp_path / "data", nobody)


def test_a_copy_by_night_keeps_names_and_labels_and_is_not_mixed_with_old_pictures(
    tmp_path: Path,
) -> None:
    day = folder_of(tmp_path, "day", {"a": "0 0.5 0.5 0.1 0.1\n", "b": ""})

    assert write_weathered(day, Weather.NIGHT, tmp_path / "night", CLASSES) == 2

    night = list(pictures(tmp_path / "night"))
    assert [picture.image_file.name for picture in night] == ["a.jpg", "b.jpg"]
    assert night[0].labels(6).class_id.tolist() == [0]
    with pytest.raises(DatasetError, match="holds files already"):
        write_weathered(day, Weather.NIGHT, tmp_path / "night", CLASSES)


def test_frames_of_a_film_are_pictures_with_nothing_in_them(tmp_path: Path) -> None:
    film = Path(__file__).parents[3] / "data" / "footage" / "street-dusk.mp4"

    count = write_frames([film], tmp_path / "frames", every_s=20)

    found = list(pictures(tmp_path / "frames"))
    assert len(found) == count == 3
    assert all(len(picture.labels(1)) == 0 for picture in found)
