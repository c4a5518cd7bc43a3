"""The parts of a view that are kept as a picture: square blocks, those of some zones only.

A road zone covers a third of a view. Keeping its blocks and nothing else is what makes a background
of a 1080p camera cost a few megabytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.detections import BoolArray, FloatArray, IntArray
from analytics.frames import Image
from analytics.zones import GRID_HEIGHT, GRID_WIDTH, Zone

Pixels = npt.NDArray[np.uint8]
"""Blocks of a picture, BGR, ``(n, side, side, 3)``."""
Window = tuple[int, int, int, int]
"""Left, top, right and bottom in whole pixels of a picture."""

_ACROSS: Final = 80
"""Blocks across a view: 24 px of a 1080p camera, 1.25 % of any. A hole that is worth finding covers
a few, and a motorcycle does not cover a whole lane of them."""
_LEAST_SIDE_PX: Final = 8
_MARGIN_CELLS: Final = 4
"""Around a zone, in `Zone.cells`: what a detector sees beside a thing at its rim."""

GREY: Final = 114
"""What is not kept, in a picture that is put together; a detector's letterbox has the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Which blocks of a picture are kept.

    Attributes
    ----------
    size_px
        Width and height of the picture.
    side_px
        Side of a block.
    row, column
        Where each block lies, in blocks from the top left, int64, shape ``(n,)``.
    """

    size_px: tuple[int, int]
    side_px: int
    row: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]

    @classmethod
    def of(cls, zones: Sequence[Zone], size_px: tuple[int, int]) -> "Blocks":
        """Return the blocks that some zones and a margin around them touch."""
        cells = np.zeros((GRID_HEIGHT, GRID_WIDTH), np.bool_)
        for zone in zones:
            cells |= zone.cells
        return cls._where(_widened(cells), size_px)

    def part(self, number: npt.NDArray[np.intp]) -> "Blocks":
        """Return some of the blocks."""
        return Blocks(self.size_px, self.side_px, self.row[number], self.column[number])

    def inside(self, window: Window) -> BoolArray:
        """Return which blocks lie in a window with all of their pixels, ``(n,)``."""
        left, top, right, bottom = window
        side = self.side_px
        across, down = self.column * side, self.row * side
        return np.asarray(
            (across >= left) & (across + side <= right) & (down >= top) & (down + side <= bottom)
        )

    def taken_from(self, image: Image, window: Window) -> Pixels:
        """Return the blocks of a picture of a window only, in which all of them lie."""
        left, top = window[:2]
        side = self.side_px
        rows = self.row * side - top
        columns = self.column * side - left
        pixels: Pixels = np.stack(
            [
                image[y : y + side, x : x + side]
                for y, x in zip(rows.tolist(), columns.tolist(), strict=True)
            ]
        )
        return pixels

    def within(self, window: Window) -> tuple["Blocks", npt.NDArray[np.intp]]:
        """Return those of the blocks that lie at least in part in a window, and which they are."""
        number = np.flatnonzero(self.touched(np.array([window], np.float32)))
        return self.part(number), number

    @classmethod
    def _where(cls, cells: BoolArray, size_px: tuple[int, int]) -> "Blocks":
        width, height = size_px
        side = max(_LEAST_SIDE_PX, round(width / _ACROSS))
        rows, columns = -(-height // side), -(-width // side)
        kept = np.zeros((rows, columns), np.bool_)
        y, x = np.nonzero(cells)
        # A cell of the grid may touch more than one block: both of its ends count.
        for dy in (0, 1):
            for dx in (0, 1):
                r = np.minimum((y + dy * 0.999) * height / GRID_HEIGHT // side, rows - 1)
                c = np.minimum((x + dx * 0.999) * width / GRID_WIDTH // side, columns - 1)
                kept[r.astype(int), c.astype(int)] = True
        row, column = np.nonzero(kept)
        return cls(size_px, side, row.astype(np.int64), column.astype(np.int64))

    def __len__(self) -> int:
        return len(self.row)

    def where(self) -> npt.NDArray[np.int32]:
        """Return which blocks these are, to be compared: others give other numbers."""
        head = (*self.size_px, self.side_px)
        return np.concatenate([head, self.row, self.column]).astype(np.int32)

    def check(self, where: npt.NDArray[np.int32]) -> None:
        """Check that what `where` gave is of these blocks.

        Raises
        ------
        ValueError
            Where it is of others.
        """
        if not np.array_equal(where, self.where()):
            raise ValueError("of other zones or of another picture size")

    def taken(self, image: Image) -> Pixels:
        """Return the blocks of a picture of `size_px`, a copy; beyond its rim the rim goes on."""
        side = self.side_px
        height, width = image.shape[:2]
        down, across = -height % side, -width % side
        if down or across:
            image = np.pad(image, ((0, down), (0, across), (0, 0)), mode="edge")
        rows, columns = image.shape[0] // side, image.shape[1] // side
        grid = image.reshape(rows, side, columns, side, 3)
        taken: Pixels = grid[self.row, :, self.column]
        return taken

    def touched(self, xyxy: FloatArray) -> BoolArray:
        """Return which blocks lie at least in part under one of the boxes in pixels, ``(n,)``."""
        touched = np.zeros(len(self), np.bool_)
        for x1, y1, x2, y2 in (xyxy / self.side_px).tolist():
            touched |= (
                (self.column + 1 > x1) & (self.column < x2) & (self.row + 1 > y1) & (self.row < y2)
            )
        return touched

    def under(self, box: FloatArray, offsets_px: IntArray) -> BoolArray:
        """Return which of some pixels of each block lie under a box.

        Parameters
        ----------
        box
            In pixels of the picture, ``(4,)``.
        offsets_px
            Where these pixels lie in a block, across as well as down, ``(k,)``.

        Returns
        -------
        BoolArray
            ``(n, k, k)``, rows before columns.
        """
        left, top, right, bottom = box.tolist()
        x, y = (at[:, None] * self.side_px + offsets_px for at in (self.column, self.row))
        inside: BoolArray = ((y >= top) & (y < bottom))[:, :, None] & ((x >= left) & (x < right))[
            :, None, :
        ]
        return inside

    def picture(self, pixels: Pixels, window: Window, shown: BoolArray | None = None) -> Image:
        """Return a part of the picture put together again.

        Parameters
        ----------
        pixels
            What `taken` gave.
        window
            The part, within the picture.
        shown
            Which blocks to show, ``(n,)``; None for all.

        Returns
        -------
        Image
            BGR uint8 of the window's size; grey where no block is kept or shown.
        """
        side = self.side_px
        left, top, right, bottom = window
        first_row, first_column = top // side, left // side
        rows, columns = -(-bottom // side) - first_row, -(-right // side) - first_column
        grid: Pixels = np.full((rows, side, columns, side, 3), GREY, np.uint8)
        row, column = self.row - first_row, self.column - first_column
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        if shown is not None:
            inside &= shown
        grid[row[inside], :, column[inside]] = pixels[inside]
        whole = grid.reshape(rows * side, columns * side, 3)
        down, across = top - first_row * side, left - first_column * side
        part: Image = whole[down : down + bottom - top, across : across + right - left]
        return np.ascontiguousarray(part)

    def area(self, of: BoolArray, window: Window) -> BoolArray:
        """Return which pixels of a window within the picture lie in some blocks, ``(h, w)``.

        Parameters
        ----------
        of
            Which blocks, ``(n,)``.
        """
        left, top, right, bottom = window
        y, x = np.arange(top, bottom) // self.side_px, np.arange(left, right) // self.side_px
        cells = np.zeros((y[-1] + 1, x[-1] + 1), np.bool_)
        inside = of & (self.row <= y[-1]) & (self.column <= x[-1])
        cells[self.row[inside], self.column[inside]] = True
        area: BoolArray = cells[y[:, None], x]
        return area


def _widened(cells: BoolArray) -> BoolArray:
    wide = cells.copy()
    for axis in (0, 1):
        for step in range(1, _MARGIN_CELLS + 1):
            ahead, behind = np.roll(cells, step, axis), np.roll(cells, -step, axis)
            # What rolls over the rim comes in at the other side, where nothing is.
            index = (slice(None),) * axis
            ahead[(*index, slice(0, step))] = False
            behind[(*index, slice(-step, None))] = False
            wide |= ahead | behind
        cells = wide.copy()
    return wide
