"""Single pictures of films that are there already."""

from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from edge.sampling import Sampling
from edge.sources import open_file
from scripts.twin.film.sensor import Image

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""When a film is said to start: nobody asks."""


def frames_of(film: Path, per_s: float | None) -> Generator[tuple[float, Image]]:
    """Yield frames of a film, each with its second of the film.

    Parameters
    ----------
    per_s
        How many of a second's; None for every one.

    Raises
    ------
    edge.errors.StreamError
        Where the film cannot be played.
    """
    with closing(
        open_file(film, sampling=Sampling(per_s), start_at=_ANY_TIME, pace="max")
    ) as source:
        for sample in source.samples():
            frame = sample.frame()
            yield frame.media_time_s, frame.image


def picture_at(film: Path, at_s: float) -> Image:
    """Return a film's picture at a second, or its last one.

    Raises
    ------
    edge.errors.StreamError
        Where the film cannot be played.
    ValueError
        Where there is no picture in it.
    """
    last: Image | None = None
    with closing(frames_of(film, None)) as pictures:
        for second, image in pictures:
            last = image
            if second >= at_s:
                break
    if last is None:
        raise ValueError(f"{film}: there is no picture in it")
    return last
