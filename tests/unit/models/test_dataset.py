"""Labelled pictures: YOLO text is read whole or refused with its file and line."""

from pathlib import Path

import numpy as np
import pytest

from models.dataset import Labels, pictures, read_labels, write_labels
from models.errors import DatasetError

CLASSES = 6


def test_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    boxes = np.array([[0.5, 0.5, 0.1, 0.2], [0.25, 0.75, 0.02, 0.1]], np.float32)

    write_labels(tmp_path / "a.txt", Labels(np.array([0, 5]), boxes))

    labels = read_labels(tmp_path / "a.txt", CLASSES)
    assert labels.class_id.tolist() == [0, 5]
    np.testing.assert_allclose(labels.boxes, boxes, atol=1e-5)


def test_boxes_are_given_in_pixels_of_the_picture() -> None:
    labels = Labels(np.array([0]), np.array([[0.5, 0.5, 0.25, 0.5]], np.float32))

    assert labels.xyxy((640, 360)).tolist() == [[240, 90, 400, 270]]


@pytest.mark.parametrize(
    "line",
    ["6 0.5 0.5 0.1 0.1", "0 0.5 0.5 0.1", "0 1.5 0.5 0.1 0.1", "car 0 0 0 0", "0 nan 0 0 0"],
)
def test_a_wrong_label_is_named_with_its_file_and_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"0 0.5 0.5 0.1 0.1\n{line}\n", encoding="utf-8")

    with pytest.raises(DatasetError, match=r"a\.txt:2: .*expected a class from 0 to 5"):
        read_labels(file, CLASSES)


def test_a_folder_without_pictures_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no pictures; expected .*images"):
        list(pictures(tmp_path))
