"""Operators' judgements as training pictures."""

import json
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest

from models.dataset import pictures
from models.errors import DatasetError
from scripts.training.config import TrainingError
from scripts.training.feedback import JUDGEMENTS, Kind, Verdict, write_feedback

BOX = {"left": 0.25, "top": 0.5, "right": 0.5, "bottom": 0.75}


def an_export(folder: Path, *lines: dict[str, object]) -> Path:
    assert cv2.imwrite(str(folder / "seen.jpg"), np.full((90, 160, 3), 90, np.uint8))
    text = "".join(
        json.dumps(
            {
                "incident_id": str(UUID(int=number)),
                "kind": "pothole",
                "verdict": "confirmed",
                "picture": "seen.jpg",
                "boxes": [BOX],
            }
            | line
        )
        + "\n"
        for number, line in enumerate(lines)
    )
    (folder / JUDGEMENTS).write_text(text, encoding="utf-8")
    return folder


def test_confirmed_has_its_box_false_has_none_and_others_are_not_used(tmp_path: Path) -> None:
    export = an_export(
        tmp_path, {}, {"verdict": "false"}, {"verdict": "other"}, {"kind": "rubbish"}
    )

    counts = write_feedback(export, Kind.POTHOLE, tmp_path / "out")

    assert counts == {Verdict.CONFIRMED: 1, Verdict.FALSE: 1, Verdict.OTHER: 1}
    confirmed, false = pictures(tmp_path / "out")
    np.testing.assert_allclose(confirmed.labels(1).boxes, [[0.375, 0.625, 0.25, 0.25]])
    assert len(false.labels(1)) == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param({"verdict": "maybe"}, r":1: verdict", id="no such verdict"),
        pytest.param({"boxes": []}, ":1: boxes: a confirmed", id="confirmed without a box"),
        pytest.param({"picture": "../../secret.jpg"}, ":1: picture", id="a picture outside"),
        pytest.param({"boxes": [BOX | {"right": 0.1}]}, "boxes.0: .*no area", id="inside out"),
        pytest.param({"picture": "seen.webp"}, ":1: picture: .*jpg", id="no picture's suffix"),
        pytest.param({"picture": "gone.jpg"}, "gone.jpg: cannot be read", id="no picture"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(
    tmp_path: Path, line: dict[str, object], told: str
) -> None:
    export = an_export(tmp_path, line)

    with pytest.raises(TrainingError, match=told):
        write_feedback(export, Kind.POTHOLE, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_an_incident_that_is_judged_twice_is_told(tmp_path: Path) -> None:
    export = an_export(tmp_path, {}, {"incident_id": str(UUID(int=0)), "verdict": "false"})

    with pytest.raises(TrainingError, match=":2: incident_id: is judged twice"):
        write_feedback(export, Kind.POTHOLE, tmp_path / "out")


def test_pictures_of_another_time_are_not_mixed_with_these(tmp_path: Path) -> None:
    export = an_export(tmp_path, {})
    write_feedback(export, Kind.POTHOLE, tmp_path / "out")

    with pytest.raises(DatasetError, match="holds files already"):
        write_feedback(export, Kind.POTHOLE, tmp_path / "out")
