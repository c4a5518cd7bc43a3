"""Pictures that are nearly the same: one photo at two sizes, or a frame and its neighbour."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import DatasetError
from models.opencv import read_image

Digest = NDArray[np.bool_]
"""256 bits of one picture, see `digest`."""

MOST_BITS = 10
"""Pictures whose digests differ in no more of the 256 bits are nearly the same."""

_SIDE = 16


def copied(files: Sequence[Path], known: Sequence[Digest]) -> set[Path]:
    """Return those of ``files`` that are nearly a picture of which `digests` are known.

    Raises
    ------
    models.errors.DatasetError
        Where a picture cannot be read.
    """
    return {
        file
        for file in files
        if any(int((found != one).sum()) <= MOST_BITS for found in digests([file]) for one in known)
    }


def digests(files: Sequence[Path]) -> list[Digest]:
    """Return the digests of pictures, without those of even surfaces, which all look the same.

    Raises
    ------
    models.errors.DatasetError
        Where a picture cannot be read.
    """
    return [found for file in files if (found := digest(file)).sum() > MOST_BITS]


def digest(file: Path) -> Digest:
    """Return 256 bits that nearly the same pictures share: where it gets brighter to the right.

    Notes
    -----
    The difference hash, as "dHash" by Neal Krawetz, "Kind of Like That", 2013, with 16 rows.
    """
    image = read_image(file)
    if image is None:
        raise DatasetError(f"{file}: cannot be read; expected a JPEG or PNG")
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (_SIDE + 1, _SIDE), interpolation=cv2.INTER_AREA)
    brighter: Digest = small[:, 1:] > small[:, :-1]
    return brighter.reshape(-1)
