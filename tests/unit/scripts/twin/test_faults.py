import numpy as np
import pytest

from scripts.twin.film.faults import PAN_S, Cover, Turn, turned_part
from scripts.twin.scenario import Fault
from scripts.twin.world import CAMERAS

SIZE = (160, 90)
TURNED = Fault(kind="turned", from_s=10, to_s=40)


def test_a_camera_is_turned_within_seconds_and_back_when_the_fault_ends() -> None:
    assert turned_part(TURNED, 10) == 0
    assert 0 < turned_part(TURNED, 10 + PAN_S / 2) < 1
    assert turned_part(TURNED, 10 + PAN_S) == 1
    assert turned_part(TURNED, 40 - PAN_S) == 1
    assert turned_part(TURNED, 40) == 0


def test_the_sweep_starts_at_one_view_and_ends_at_the_other() -> None:
    turn = Turn(CAMERAS["south"], CAMERAS["south-turned"], SIZE)
    rng = np.random.default_rng(1)
    light = np.kron(rng.random((9, 16, 3)), np.ones((10, 10, 1))).astype(np.float32)

    assert np.abs(turn.sweep(light, TURNED, 10.0) - light).mean() < 0.01
    assert np.abs(turn.sweep(light, TURNED, 10 + PAN_S) - light).mean() < 0.01
    assert np.abs(turn.sweep(light, TURNED, 10 + PAN_S / 3) - light).mean() > 0.05


def test_a_sweep_needs_two_views_from_one_place() -> None:
    with pytest.raises(ValueError, match=r"'street' stands at .* 'south' stands"):
        Turn(CAMERAS["south"], CAMERAS["street"], SIZE)


def test_a_cover_hides_most_of_the_picture_and_leaves_no_detail() -> None:
    light = np.random.default_rng(2).random((90, 160, 3)).astype(np.float32)

    covered = Cover(SIZE, seed=1).over(light)

    hidden = np.abs(covered - light).mean(axis=2) > 0.1
    assert hidden.mean() > 0.5
    assert covered.mean() < 0.6 * light.mean()
