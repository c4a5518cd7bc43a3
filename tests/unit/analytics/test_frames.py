from datetime import UTC, datetime

import numpy as np
import pytest

from analytics.detections import Detections
from analytics.frames import Frame

NOW = datetime(2026, 8, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("image", "at", "message"),
    [
        pytest.param(np.zeros((4, 4), np.uint8), NOW, r"shape \(4, 4\)", id="grey"),
        pytest.param(np.zeros((4, 4, 3), np.float32), NOW, "float32", id="not bytes"),
        pytest.param(
            np.zeros((4, 4, 3), np.uint8),
            datetime(2026, 8, 17),  # noqa: DTZ001  # naive on purpose
            "naive",
            id="time without a zone",
        ),
    ],
)
def test_a_frame_that_is_none_is_refused(image: np.ndarray, at: datetime, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Frame(image, at, 0.0, 0)


@pytest.mark.parametrize(
    ("xyxy", "confidence", "message"),
    [
        pytest.param(
            np.zeros((2, 3), np.float32), [0.5, 0.5], r"expected .*\(2, 4\)", id="columns"
        ),
        pytest.param(np.zeros((2, 4), np.float32), [0.5], r"expected .*\(2,\)", id="rows"),
        pytest.param(np.array([[9, 0, 1, 1]], np.float32), [0.5], "x2 < x1", id="inside out"),
        pytest.param(np.array([[np.nan] * 4], np.float32), [0.5], "not finite", id="no number"),
    ],
)
def test_detections_that_do_not_fit_together_are_refused(
    xyxy: np.ndarray, confidence: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Detections(xyxy, np.array(confidence, np.float32), np.zeros(len(confidence), np.int64))
