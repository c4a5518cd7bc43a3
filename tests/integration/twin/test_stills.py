"""Stills of films, and the files they are written to."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import EdgeError
from models.opencv import read_image, write_image
from scripts.twin.film.stills import picture_at
from tests.footage import write_clip

pytestmark = [pytest.mark.integration, pytest.mark.computes]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of two seconds, dark at first and then bright."""
    file = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_clip(file, [(0.2, 1.0), (0.8, 1.0)], fps=5, size=(160, 96))


def test_a_still_is_of_its_second_and_the_last_one_after_the_end(film: Path) -> None:
    early, late, after = (picture_at(film, at_s).mean() for at_s in (0.4, 1.6, 60.0))

    assert early < late - 50
    assert abs(after - late) < 3


def test_a_film_without_a_picture_is_told_by_name(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()

    with pytest.raises(EdgeError, match=r"empty\.mp4"):
        picture_at(empty, 0.0)


def test_a_still_is_written_as_its_ending_says(tmp_path: Path) -> None:
    still = np.random.default_rng(1).integers(0, 255, (24, 32, 3), dtype=np.uint8)

    write_image(tmp_path / "still.png", still)

    stored = read_image(tmp_path / "still.png")
    assert stored is not None
    assert np.array_equal(stored, still)
    with pytest.raises(OSError, match=r"still\.gif7: no such kind"):
        write_image(tmp_path / "still.gif7", still)
