"""Things put into streets: where they are, what stays, and what is refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from analytics.frames import Image
from models.dataset import pictures
from scripts.training.config import Counts, Labelled, Paste, Sides, Surface, TrainingError
from scripts.training.paste import cutouts, paste, pasted
from tests.streets import CARS, CLASSES, a_street

GREY = 150


def a_photo(folder: Path, name: str = "hole", *, level: int = 40) -> Path:
    """Write a photo of a grey road with a dark round hole, and its label."""
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    image = np.full((300, 400, 3), GREY, np.uint8)
    noise = np.random.default_rng(2).normal(0, 6, image.shape)
    cv2.ellipse(image, (200, 150), (60, 40), 0, 0, 360, (level, level, level), -1)
    image = np.clip(image + noise, 0, 255).astype(np.uint8)
    assert cv2.imwrite(str(folder / "images" / f"{name}.png"), image)
    (folder / "labels" / f"{name}.txt").write_text("0 0.5 0.5 0.3 0.2667\n", encoding="utf-8")
    return folder


def a_road(level: int) -> Image:
    return np.full((360, 640, 3), level, np.uint8)


@pytest.mark.parametrize("surface", list(Surface))
def test_a_thing_is_in_its_box_and_nothing_else_changes(tmp_path: Path, surface: Surface) -> None:
    (thing,) = cutouts(a_photo(tmp_path), ["*"], surface)
    road = a_road(120)

    changed = pasted(road, thing, (300, 200, 60, 20), surface).astype(int) - road

    assert changed[205:215, 320:340].mean() < -25, "dark, as it was"
    changed[200 - 6 : 220 + 6, 300 - 18 : 360 + 18] = 0
    assert not changed.any()


def test_a_hole_is_as_dark_beside_its_road_by_day_and_at_dusk(tmp_path: Path) -> None:
    (hole,) = cutouts(a_photo(tmp_path), ["*"], Surface.ROAD)

    day, dusk = (
        pasted(a_road(level), hole, (300, 200, 60, 20), Surface.ROAD)[210, 330].mean() / level
        for level in (160, 60)
    )

    assert day == pytest.approx(dusk, abs=0.05)


def test_the_box_of_rubbish_fits_its_outline_however_loose_the_label_is(tmp_path: Path) -> None:
    a_photo(tmp_path)
    (tmp_path / "labels" / "hole.txt").write_text("0 0.5 0.5 0.4 0.4\n", encoding="utf-8")

    (thing,) = cutouts(tmp_path, ["*"], Surface.KERB)

    height, width = thing.alpha.shape
    inner = thing.alpha[round(0.19 * height) : round(0.81 * height), :]
    assert thing.alpha.max(axis=1)[round(0.2 * height)] > 0.3, "it reaches its upper edge"
    assert thing.alpha.max(axis=0)[round(0.2 * width)] > 0.3, "and its left one"
    assert inner.sum() > 0.95 * thing.alpha.sum()


def test_photos_of_other_names_and_things_at_the_rim_are_left_alone(tmp_path: Path) -> None:
    a_photo(tmp_path)
    (tmp_path / "labels" / "hole.txt").write_text("0 0.1 0.5 0.2 0.25\n", encoding="utf-8")
    a_photo(tmp_path, "other")

    assert cutouts(tmp_path, ["hole*"], Surface.ROAD) == []


def settings_of(root: Path) -> Paste:
    street, photos = str(a_street(root / "street")), str(a_photo(root / "photos"))
    return Paste(
        things=Sides(train=photos, val=photos),
        streets=Sides(train=street, val=street),
        street_classes=CLASSES,
        surface=Surface.ROAD,
        width_m=(0.8, 1.6),
        pictures=Counts(train=6, val=2),
    )


def test_streets_with_holes_come_with_their_labels_and_come_out_the_same_again(
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path)

    counts = [paste(settings, "train", tmp_path / name, seed=4) for name in ("one", "two")]

    one, two = (list(pictures(tmp_path / name)) for name in ("one", "two"))
    assert len(one) == settings.pictures.train
    assert counts[0] == sum(len(picture.labels(1)) for picture in one) > 0
    for first, second in zip(one, two, strict=True):
        assert np.array_equal(first.image(), second.image())
        assert np.array_equal(first.labels(1).boxes, second.labels(1).boxes)


def test_what_is_not_to_be_found_leaves_the_labels_to_the_street(tmp_path: Path) -> None:
    settings = settings_of(tmp_path).model_copy(update={"labels": Labelled.STREET})

    count = paste(settings, "train", tmp_path / "out", seed=4)

    found = list(pictures(tmp_path / "out"))
    labels = [picture.labels(len(CLASSES)) for picture in found]
    assert count > 0
    assert all(set(one.class_id.tolist()) == {CLASSES.index("car")} for one in labels)
    whole = [len(one) for one in labels if len(one) == CARS]
    assert 0 < len(whole) < len(labels), "in a part of a street only what shows in it is labelled"
    boxes = np.vstack([one.boxes for one in labels])
    corners = np.hstack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2])
    assert corners.min() >= -1e-5
    assert corners.max() <= 1 + 1e-5


def test_photos_without_a_thing_to_cut_out_are_told(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    (tmp_path / "photos" / "labels" / "hole.txt").write_text("", encoding="utf-8")

    with pytest.raises(TrainingError, match="1 streets and 0 things"):
        paste(settings, "val", tmp_path / "out", seed=1)


def test_a_street_full_of_cars_gets_no_hole(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    for labels in (tmp_path / "street" / "labels").iterdir():
        with labels.open("a", encoding="utf-8") as file:
            file.write("3 0.5 0.6 0.9 0.75\n")

    assert paste(settings, "train", tmp_path / "out", seed=4) == 0
