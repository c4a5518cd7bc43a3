"""The mean of weights."""

import numpy as np
import pytest

from scripts.training.averaging import averaged, refuse_other_classes
from scripts.training.config import TrainingError


def test_each_array_is_the_mean_of_all() -> None:
    parts = [{"kernel": np.array([[start, start + 4]], np.float32)} for start in (0, 1, 5)]

    assert averaged(parts)["kernel"].tolist() == [[2, 6]]


def test_counts_of_steps_are_those_of_the_last() -> None:
    parts = [{"steps": np.int64(10)}, {"steps": np.int64(25)}]

    assert averaged(parts)["steps"] == 25


def test_weights_alone_are_themselves() -> None:
    kernel = np.array([1, 2], np.float32)

    assert averaged([{"kernel": kernel}])["kernel"].tolist() == [1, 2]


@pytest.mark.parametrize("other", [{"kernel": np.zeros((2, 3))}, {"bias": np.zeros((2, 2))}, {}])
def test_another_network_is_refused(other: dict[str, np.ndarray]) -> None:
    with pytest.raises(TrainingError, match="one network"):
        averaged([other, {"kernel": np.zeros((2, 2))}])


@pytest.mark.parametrize("classes", [["car"], ["bus", "car"], ["car", "bus", "truck"]])
def test_weights_of_other_classes_are_refused(classes: list[str]) -> None:
    refuse_other_classes({"one.pt": ["car", "bus"], "other.pt": ["car", "bus"]})

    with pytest.raises(TrainingError, match=r"one\.pt finds .*; expected car, bus, in this order"):
        refuse_other_classes({"one.pt": classes, "other.pt": ["car", "bus"]})
