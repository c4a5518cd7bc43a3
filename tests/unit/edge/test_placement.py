"""Cameras over workers: even, and nobody is moved who need not be."""

from collections import Counter

import pytest

from edge.placement import placed


@pytest.mark.parametrize(("cameras", "workers"), [(1, 1), (7, 2), (100, 4), (3, 3)])
def test_cameras_are_spread_evenly(cameras: int, workers: int) -> None:
    places = placed([f"c{number}" for number in range(cameras)], workers, {})

    load = Counter(places.values())
    assert max(load.values()) - min(load.values()) <= 1
    assert set(load) == set(range(min(workers, cameras)))


def test_who_has_a_worker_keeps_it_and_who_is_new_goes_where_the_fewest_are() -> None:
    before = {"a": 0, "b": 0, "gone": 1, "c": 1}

    places = placed(["a", "b", "c", "new", "newer"], 2, before)

    assert {name: places[name] for name in "abc"} == {"a": 0, "b": 0, "c": 1}
    assert places["new"] == 1
    assert places["newer"] == 0, "of two that have as many, the first"
