"""What can be seen of each actor: its exact box, and the share of its pixels that nothing hides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Actor
from scripts.twin.camera import Box, Camera
from scripts.twin.render.device import Target, device
from scripts.twin.render.meshes import mesh
from scripts.twin.render.placement import Placed, projected_box

ATLAS = 2048
"""Side of the target on which every actor is drawn alone, pixels."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What can be seen of one actor.

    Attributes
    ----------
    actor
        Which.
    box
        x0, y0, x1, y1 in the film's pixels around all of it, as if nothing hid it, cut at the rim.
    visible
        Share of its pixels in the picture that neither actors nor the static scene hide, 0 to 1.
    inside
        Share of its whole box that lies inside the picture, 0 to 1.
    """

    actor: Actor
    box: Box
    visible: float
    inside: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    placed: Placed
    box: Box
    inside: float
    frame: tuple[int, int, int, int]
    """The box in whole pixels of the larger picture that is counted on: x, y, width, height."""


class Observer:
    """Counts pixels on a picture ``scale`` times as large as the film."""

    def __init__(
        self,
        camera: Camera,
        size: tuple[int, int],
        clip_from_world: NDArray[np.float64],
        scale: int,
    ) -> None:
        self._camera, self._size, self._scale = camera, size, scale
        self._clip = clip_from_world
        self._whole = (size[0] * scale, size[1] * scale)
        self._program = device().program("outline.vert", "mark.frag")
        self._together = device().target(self._whole, 1, depth=True)
        self._alone = device().target((ATLAS, ATLAS), 1)

    def sightings(
        self, all_placed: Sequence[Placed], draw_scene_depth: Callable[[Target], None]
    ) -> tuple[Sighting, ...]:
        """Return what can be seen of actors, in their order; those without a pixel are left out.

        Parameters
        ----------
        all_placed
            Everything that can hide something.
        draw_scene_depth
            Writes the static scene's depth on a target.
        """
        seen = [c for placed in all_placed if (c := self._candidate(placed)) is not None]
        if not seen:
            return ()
        marks = self._marks([candidate.placed for candidate in seen], draw_scene_depth)
        visible = np.bincount(marks.ravel(), minlength=len(seen) + 1)[1:]
        own = self._own_pixels(seen)
        return tuple(
            Sighting(
                candidate.placed.actor,
                candidate.box,
                min(float(count) / float(total), 1.0),
                candidate.inside,
            )
            for candidate, count, total in zip(seen, visible, own, strict=True)
            if total
        )

    def cover(
        self, all_placed: Sequence[Placed], draw_scene_depth: Callable[[Target], None]
    ) -> NDArray[np.float32]:
        """Return the share of each of the film's pixels that actors cover together, ``(h, w)``.

        Parameters
        ----------
        all_placed, draw_scene_depth
            As for `sightings`.
        """
        covered = self._marks(all_placed, draw_scene_depth) > 0
        width, height = self._size
        samples = covered.reshape(height, self._scale, width, self._scale)
        share: NDArray[np.float32] = samples.mean(axis=(1, 3), dtype=np.float32)
        return share

    def _marks(
        self, all_placed: Sequence[Placed], draw_scene_depth: Callable[[Target], None]
    ) -> NDArray[np.int32]:
        """Return at each pixel of the larger picture which actor is nearest, from 1; 0 for none."""
        draw_scene_depth(self._together)
        device().state(depth="nearer")
        for number, placed in enumerate(all_placed, start=1):
            # Half floats hold whole numbers up to 2048 exactly.
            self._program.set(
                clip_from_model=self._clip @ placed.world_from_model, value=float(number)
            )
            self._program.draw(mesh(placed.shape.name, placed.step))
        marks: NDArray[np.int32] = self._together.read()[..., 0].astype(np.int32)
        return marks

    def _candidate(self, placed: Placed) -> _Candidate | None:
        whole = projected_box(placed, self._camera, self._size)
        if whole is None:
            return None
        width, height = self._size
        x0, x1 = (float(np.clip(x, 0, width)) for x in (whole[0], whole[2]))
        y0, y1 = (float(np.clip(y, 0, height)) for y in (whole[1], whole[3]))
        if x1 <= x0 or y1 <= y0:
            return None
        inside = (x1 - x0) * (y1 - y0) / ((whole[2] - whole[0]) * (whole[3] - whole[1]))
        left, top = int(x0 * self._scale), int(y0 * self._scale)
        right, bottom = int(np.ceil(x1 * self._scale)), int(np.ceil(y1 * self._scale))
        frame = (left, top, right - left, bottom - top)
        return _Candidate(placed, (x0, y0, x1, y1), inside, frame)

    def _own_pixels(self, seen: Sequence[_Candidate]) -> NDArray[np.int64]:
        """Return how many pixels each covers in the picture where it is alone."""
        own = np.zeros(len(seen), np.int64)
        order = sorted(range(len(seen)), key=lambda i: (-seen[i].frame[3], i))
        while order:
            tiles, order = _shelves(order, [candidate.frame[2:] for candidate in seen])
            self._alone.start()
            device().state()
            for i, (x, y) in tiles.items():
                left, top, width, height = seen[i].frame
                self._alone.show((x - left, y - top, *self._whole), (x, y, width, height))
                matrix = self._clip @ seen[i].placed.world_from_model
                self._program.set(clip_from_model=matrix, value=1.0)
                self._program.draw(mesh(seen[i].placed.shape.name, seen[i].placed.step))
            rows = max(y + seen[i].frame[3] for i, (_, y) in tiles.items())
            marks = self._alone.read(rows)[..., 0] > 0
            for i, (x, y) in tiles.items():
                width, height = seen[i].frame[2:]
                own[i] = np.count_nonzero(marks[y : y + height, x : x + width])
        return own


def _shelves(
    order: Sequence[int], sizes: Sequence[tuple[int, int]]
) -> tuple[dict[int, tuple[int, int]], list[int]]:
    """Lay rectangles, tallest first, in rows on the atlas.

    Returns
    -------
    tiles, rest
        Where each lies that fits, and the others.
    """
    tiles: dict[int, tuple[int, int]] = {}
    rest: list[int] = []
    x = y = shelf = 0
    for i in order:
        width, height = sizes[i]
        if x + width > ATLAS:
            x, y, shelf = 0, y + shelf, 0
        if y + height > ATLAS:
            rest.append(i)
            continue
        tiles[i] = (x, y)
        x, shelf = x + width, max(shelf, height)
    return tiles, rest
