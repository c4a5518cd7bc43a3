"""Frames of films as pictures in which nothing is."""

from collections.abc import Sequence
from pathlib import Path

from models.dataset import NO_LABELS, new_dataset, write_labels
from models.opencv import write_image
from scripts.twin.film.stills import frames_of


def write_frames(films: Sequence[Path], out: Path, *, every_s: float) -> int:
    """Write a frame of each film every so many seconds, with empty labels; return how many.

    Raises
    ------
    models.errors.DatasetError
        Where pictures are in the folder already.
    edge.errors.StreamError
        Where a film cannot be played.
    """
    new_dataset(out)
    count = 0
    for film in films:
        for at_s, image in frames_of(film, 1 / every_s):
            stem = f"{film.stem}-{at_s:07.1f}"
            write_labels(out / "labels" / f"{stem}.txt", NO_LABELS)
            write_image(out / "images" / f"{stem}.jpg", image, jpeg_quality=95)
            count += 1
    return count
