"""Pictures that are nearly the same: one photo at two sizes, or a frame and its neighbour."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import DatasetError
from models.opencv import read_image

MOST_BITS = 10
"""Pictures whose digests differ in no more of the 256 bits are nearly the same."""

_SIDE = 16


def copied(files: Sequence[Path], originals: Sequence[Path]) -> set[Path]:
    """Return those of ``files`` that are nearly one of ``originals``.

    Raises
    ------
    models.errors.DatasetError
        Where a picture cannot be read.
    """
    known = [found for file in originals if _tells_something(found := digest(file))]
    return {
        file
        for file in files
        if _tells_something(found := digest(file))
        and any(int((found != one).sum()) <= MOST_BITS for one in known)
    }


def digest(file: Path) -> NDArray[np.bool_]:
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
    brighter: NDArray[np.bool_] = small[:, 1:] > small[:, :-1]
    return brighter.reshape(-1)


def _tells_something(bits: NDArray[np.bool_]) -> bool:
    """Tell whether a digest is of more than an even surface, which all look the same."""
    return bool(bits.sum() > MOST_BITS)
