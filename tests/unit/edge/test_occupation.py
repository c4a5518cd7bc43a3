"""Whether a thread works or waits."""

import pytest

from edge.occupation import Occupation

FRAME_S = 0.04


@pytest.mark.parametrize(("works_s", "is_full"), [(0.035, True), (0.005, False)])
def test_a_thread_is_full_where_it_works_more_than_it_waits(works_s: float, is_full: bool) -> None:
    occupation = Occupation()
    for _ in range(100):
        occupation.note(works_s, FRAME_S - works_s)

    assert occupation.is_full is is_full


def test_a_thread_that_was_held_up_once_is_not_full_for_it() -> None:
    occupation = Occupation()
    for waits_s in (0.035, 0.6, 0.0, 0.0, 0.0, 0.035):
        occupation.note(0.005, waits_s)

    assert not occupation.is_full
