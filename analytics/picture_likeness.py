"""What two pictures of one place tell of what was there: the same, gone flat, or covered."""

from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from analytics.detections import BoolArray
from analytics.frames import Image
from analytics.likeness import Thumbs, alike, light, pattern_correlation

_Pixel = TypeVar("_Pixel", bound=np.generic)

_CELL_PX: Final = 8
"""Side of what is compared around a thing."""
_MOST_SHIFT_PX: Final = 6
_RIM: Final = 0.2
"""Of a thing's width and height, on each side."""
_SAME_SCENE: Final = 0.8
"""Correlation from which on two pictures of a thing show the same thing."""
_STILL: Final = 0.6
"""Of what a spot differed by, from which on it counts as still there."""


def is_same_scene(now: Image, was: Image, box: tuple[float, float, float, float]) -> bool:
    """Return whether the middle of two pictures of one place shows the same thing.

    Parameters
    ----------
    now, was
        BGR uint8 of one size.
    box
        Around the thing, in pixels of the pictures.

    Notes
    -----
    Correlation of the pixels of the thing and its rim. A hole and the patch that mended it are both
    dark on grey; how they are dark within their outline is not the same.
    """
    if now.shape != was.shape:
        return False
    part = _around(box, was.shape)
    return float(pattern_correlation(now[part][None], was[part][None])[0]) >= _SAME_SCENE


def roughness(now: Image, was: Image, box: tuple[float, float, float, float]) -> float:
    """Return how rough a part of a picture is, as a share of how rough it was; inf of flat ones.

    A road is smooth where a hole is filled. A shadow whose edge lies on it, or something on it,
    makes it no smoother. The light of the whole picture is taken out.

    Parameters
    ----------
    now, was
        BGR uint8 of one size.
    box
        In pixels of the pictures.
    """
    before, after = (_grey_under(box, one) for one in (was, now))
    scale = float(np.median(was)) / max(float(np.median(now)), 1.0)
    rough = float(before.std())
    return float(after.std()) * scale / rough if rough else np.inf


def kept_detail(
    now: Image, was: Image, box: tuple[float, float, float, float], known: BoolArray
) -> float:
    """Return the share of the detail of a part of a picture that is still there, 0 to 1.

    A patch takes all of a hole's rubble and of its rim away, but along its own edge, where
    `roughness` sees as much as before. Water that rises in it leaves the rim.

    Parameters
    ----------
    now, was
        BGR uint8 of one size.
    box
        In pixels of the pictures.
    known
        Which pixels of ``now`` count, ``(h, w)``.

    Notes
    -----
    Of the spots whose grey differed most from that of spots an eighth of the box away, half of all,
    the share that still differ by `_STILL` as much. The light is that of the whole picture, or that
    of the box where it has darkened more: a shadow may lie on it alone. Water is brighter than the
    hole that it fills, and tells nothing of the light of the rim.
    """
    shift = _shift(now, was)
    part = _around(box, was.shape, rim=0.0)
    after = np.where(_moved(known, shift), _moved(now, shift).mean(axis=2), np.nan)
    before = np.where(np.isnan(after), np.nan, was.mean(axis=2))
    differed, differ = _differences(before[part]), _differences(after[part])
    if np.isnan(differ).all():
        return 1.0
    lit = max(
        np.nanmedian(before[shown]) / max(np.nanmedian(after[shown]), 1.0)
        for shown in ((slice(None), slice(None)), part)
    )
    detailed = differed >= np.nanmedian(differed)
    return float((differ[detailed] * lit >= _STILL * differed[detailed]).mean())


def changed_around(now: Image, was: Image, box: tuple[float, float, float, float]) -> float:
    """Return the share of what lies around a box that shows something else than it did, 0 to 1.

    Parameters
    ----------
    now, was
        BGR uint8 of one size.
    box
        In pixels of the pictures; nothing under it counts.
    """
    down, across = was.shape[0] // _CELL_PX, was.shape[1] // _CELL_PX
    y, x = np.mgrid[0:down, 0:across].reshape(2, -1) * _CELL_PX
    x1, y1, x2, y2 = box
    outside = (x + _CELL_PX <= x1) | (x >= x2) | (y + _CELL_PX <= y1) | (y >= y2)
    if not outside.any():
        return 0.0
    after, before = (_cells(image, down, across) for image in (now, was))
    same = alike(after, before, light(after, before, outside))
    return float((~same[outside]).mean())


def aligned(now: Image, was: Image) -> Image:
    """Return a picture moved by whole pixels so that it lies on another, its rim repeated.

    Notes
    -----
    Phase correlation (Kuglin and Hines, 1975). A pole that sways moves a view by a few pixels; what
    would have to be moved farther is left as it is.
    """
    return _moved(now, _shift(now, was))


def _shift(now: Image, was: Image) -> tuple[int, int]:
    """Return by how many pixels, down and across, a picture is to be moved to lie on another."""
    a, b = (image.mean(axis=2) for image in (was, now))
    spectrum = np.fft.fft2(a - a.mean()) * np.conj(np.fft.fft2(b - b.mean()))
    found = np.fft.ifft2(spectrum / np.maximum(np.abs(spectrum), 1e-6)).real
    row, column = divmod(int(found.argmax()), found.shape[1])
    dy = row - found.shape[0] if row > found.shape[0] // 2 else row
    dx = column - found.shape[1] if column > found.shape[1] // 2 else column
    return (dy, dx) if max(abs(dy), abs(dx)) <= _MOST_SHIFT_PX else (0, 0)


def _moved(image: npt.NDArray[_Pixel], shift: tuple[int, int]) -> npt.NDArray[_Pixel]:
    """Return a picture, or a mask of one, moved so far; its rim is repeated."""
    dy, dx = shift
    most = _MOST_SHIFT_PX
    height, width = image.shape[:2]
    padded = np.pad(image, ((most, most), (most, most), *((0, 0),) * (image.ndim - 2)), mode="edge")
    return padded[most - dy : most - dy + height, most - dx : most - dx + width].copy()


def _grey_under(box: tuple[float, float, float, float], image: Image) -> npt.NDArray[np.float64]:
    part: npt.NDArray[np.float64] = image[_around(box, image.shape, rim=0.0)].mean(axis=2)
    return part


def _differences(grey: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how much spots an eighth of the shorter side apart differ, down and across."""
    step = max(round(min(grey.shape) / 8), 1)
    down, across = grey[step:] - grey[:-step], grey[:, step:] - grey[:, :-step]
    off: npt.NDArray[np.float64] = np.abs(np.concatenate([down.ravel(), across.ravel()]))
    return off


def _cells(image: Image, down: int, across: int) -> Thumbs:
    part = image[: down * _CELL_PX, : across * _CELL_PX].astype(np.float32)
    cells = part.reshape(down, _CELL_PX, across, _CELL_PX, 3).swapaxes(1, 2)
    return cells.reshape(down * across, _CELL_PX, _CELL_PX, 3)


def _around(
    box: tuple[float, float, float, float], shape: tuple[int, ...], *, rim: float = _RIM
) -> tuple[slice, slice]:
    """Return the part of a picture that a box and its rim take."""
    x1, y1, x2, y2 = box
    dx, dy = rim * (x2 - x1), rim * (y2 - y1)
    left, right = max(round(x1 - dx), 0), min(round(x2 + dx) + 1, shape[1])
    top, bottom = max(round(y1 - dy), 0), min(round(y2 + dy) + 1, shape[0])
    return slice(top, bottom), slice(left, right)
