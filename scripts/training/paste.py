"""Labelled things of close photos put where a camera on a pole would see them.

A thing is cut out of its photo, scaled to metres, flattened as the ground is there, given the light
of the place, and sent through H.264 with the picture around it. Things of the photos to learn from
are put into the streets to learn from, others into other streets: nothing is on both sides.

A hole is no object of its own but a change of the road: what is pasted is how much darker or
lighter it is than the road around it, channel by channel, and that is applied to the road of the
camera. Rubbish is cut out along its outline (GrabCut: Rother et al., 2004) and gets a contact
shadow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detections import BoolArray, FloatArray, IntArray
from analytics.frames import Image
from models.dataset import LabelledPicture, Labels, new_dataset, pictures, write_labels
from models.opencv import write_image
from scripts.training.config import Labelled, Paste, Side, Surface, TrainingError
from scripts.training.h264 import as_sent
from scripts.training.light import Light, linear, shown
from scripts.training.progress import progress
from scripts.training.streets import Street, streets

Alpha = NDArray[np.float32]
"""How much of each pixel is the thing's, ``(h, w)``, 0 to 1."""

MARGIN = 0.3
"""How much of its surroundings is cut out with a thing, as a share of its box."""

_LEAST_SOURCE_PX = 36
_MOST_SOURCE_PX = 200
_LEAST_PX = (13.0, 5.0)
"""Width and height under which a thing is not pasted: nobody could make it out."""

_BRIGHTEST = {Surface.ROAD: 3.5, Surface.KERB: 2.2}
"""How much brighter than its surroundings a thing is at most: water mirrors the sky."""

_TRIES = 12
"""Places that are tried for a thing until one is in view and large enough."""

_ZOOMS = (1.0, 1.0, 1.5, 2.0)
"""Part of the picture that is shown, as tiles of a camera with more pixels would."""

_LEAST_INSIDE = 0.25
"""Share of a street's own box that must lie in the shown part, for it to be labelled there."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A thing with a margin of `MARGIN` around its box.

    Attributes
    ----------
    light
        Its pixels over the light around it: 1 where it is as bright as its surroundings.
    alpha
        What of it is the thing.
    """

    light: Light
    alpha: Alpha


def paste(settings: Paste, side: Side, out: Path, seed: int) -> int:
    """Write pictures of streets with things in them, and return how many there are.

    Parameters
    ----------
    side
        Of the streets and things; the other side's are in none of the pictures.

    Raises
    ------
    TrainingError
        Where no street tells its scale, or no thing can be cut out.
    models.errors.DatasetError
        Where pictures or labels are missing or wrong.
    """
    rng = np.random.default_rng(seed)
    views = streets(settings.streets.folder(side), settings.street_classes)
    things = cutouts(settings.things.folder(side), settings.named, settings.surface)
    if not views or not things:
        raise TrainingError(f"{len(views)} streets and {len(things)} things: expected some of each")
    new_dataset(out)
    count = 0
    wanted = settings.pictures.train if side == "train" else settings.pictures.val
    for number in progress(range(wanted), f"streets, {side}"):
        street = views[rng.integers(len(views))]
        picture = street.pictures[rng.integers(len(street.pictures))]
        image, labels, things_in_it = _composed(street, picture, things, settings, rng)
        write_labels(out / "labels" / f"{number:05d}.txt", labels)
        write_image(out / "images" / f"{number:05d}.jpg", image)
        count += things_in_it
    return count


def cutouts(folder: Path, named: Sequence[str], surface: Surface) -> list[Cutout]:
    """Return the things of a labelled folder that are large and whole enough to cut out.

    Parameters
    ----------
    named
        Patterns, as a shell has them, one of which a picture's name has to match.
    """
    found = []
    named_so = [
        picture
        for picture in pictures(folder)
        if any(fnmatch(picture.image_file.name, pattern) for pattern in named)
    ]
    for picture in progress(named_so, "cutting out"):
        image = picture.image()
        height, width = image.shape[:2]
        for box in picture.labels(1).xyxy((width, height)).tolist():
            one = _cut(image, box, surface)
            if one is not None:
                found.append(one)
    return found


def pasted(image: Image, cutout: Cutout, box: tuple[int, int, int, int], surface: Surface) -> Image:
    """Return a picture, BGR uint8, with a thing in it.

    Parameters
    ----------
    box
        Left, top, width and height of the thing itself in pixels; its margin lies around it and
        has to be inside the picture too.
    """
    left, top, width, height = box
    across, down = round(width * MARGIN), round(height * MARGIN)
    size = (width + 2 * across, height + 2 * down)
    rows, columns = (
        slice(top - down, top + height + down),
        slice(left - across, left + width + across),
    )
    light = cv2.resize(cutout.light, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(cutout.alpha, size, interpolation=cv2.INTER_AREA)[:, :, None]
    scene = linear(image[rows, columns])
    if surface is Surface.ROAD:
        changed = scene * (1 + alpha * (light - 1))
    else:
        around = np.median(scene.reshape(-1, 3), axis=0)
        # Between the place's colour and its brightness: a bag is not as coloured as its kerb.
        tint = (around + around.mean()) / 2
        ground = (
            scene * (1 - 0.55 * _shadow(np.asarray(alpha[:, :, 0], np.float32), down))[:, :, None]
        )
        changed = ground * (1 - alpha) + alpha * light * tint
    result = image.copy()
    result[rows, columns] = shown(changed)
    return result


def _composed(
    street: Street,
    picture: LabelledPicture,
    things: Sequence[Cutout],
    settings: Paste,
    rng: np.random.Generator,
) -> tuple[Image, Labels, int]:
    """Return a street's picture, or a part of it, with things where there is room, and how many."""
    image = picture.image()
    height, width = image.shape[:2]
    ground = street.road if settings.surface is Surface.ROAD else street.kerb()
    labels = picture.labels(len(settings.street_classes))
    vehicles = labels.xyxy((width, height))
    covered = _covered(vehicles, ground.shape)
    zoom = float(rng.choice(_ZOOMS))
    left, top = (
        rng.integers(0, width - width / zoom + 1),
        rng.integers(0, height - height / zoom + 1),
    )
    view = cv2.warpAffine(
        image, np.array([[zoom, 0, -left * zoom], [0, zoom, -top * zoom]]), (width, height)
    )
    scene: Image = np.asarray(view, np.uint8)
    boxes: list[tuple[int, int, int, int]] = []
    wanted = int(rng.integers(0, settings.most_things + 1))
    for _ in range(_TRIES * wanted):
        if len(boxes) == wanted:
            break
        box = _place(street, ground, covered, (left, top, zoom), settings, rng)
        thing = things[int(rng.integers(len(things)))]
        if box is None or any(_touch(box, other) for other in boxes):
            continue
        scene = pasted(
            scene, thing if rng.random() < 0.5 else _mirrored(thing), box, settings.surface
        )
        boxes.append(box)
    if settings.labels is Labelled.STREET:
        corners = (vehicles - [left, top, left, top]) * zoom
        kinds = labels.class_id
    else:
        corners = np.array([(x, y, x + w, y + h) for x, y, w, h in boxes]).reshape(-1, 4)
        kinds = np.zeros(len(boxes), np.int64)
    sent = as_sent(scene, quality=int(rng.integers(20, 33)))
    return sent, _inside(kinds, corners, (width, height)), len(boxes)


def _inside(kinds: IntArray, corners: FloatArray, size: tuple[int, int]) -> Labels:
    """Return labels of what shows enough in a picture of a size; ``corners`` are in its pixels."""
    shown = np.clip(corners, 0, [*size, *size])
    area, whole = (
        (some[:, 2] - some[:, 0]) * (some[:, 3] - some[:, 1]) for some in (shown, corners)
    )
    is_inside = area > _LEAST_INSIDE * whole
    low, high = shown[is_inside, :2], shown[is_inside, 2:]
    boxes = np.hstack([(low + high) / 2, high - low]) / [*size, *size]
    return Labels(kinds[is_inside], boxes.astype(np.float32))


def _place(
    street: Street,
    ground: BoolArray,
    covered: BoolArray,
    window: tuple[float, float, float],
    settings: Paste,
    rng: np.random.Generator,
) -> tuple[int, int, int, int] | None:
    """Return the box of a thing in the shown window, or None where chance found no room."""
    left, top, zoom = window
    height, width = ground.shape
    rows, columns = np.nonzero(ground & ~covered)
    if not len(rows):
        return None
    pick = int(rng.integers(len(rows)))
    row, column = float(rows[pick]), float(columns[pick])
    wide = float(rng.uniform(*settings.width_m)) * street.px_per_m(row) * zoom
    if settings.surface is Surface.ROAD:
        tall = wide * max(street.flatness(row), 0.1) * float(rng.uniform(0.75, 1.35))
    else:
        tall = wide * float(rng.uniform(0.5, 1.0))
    x, y = (column - left) * zoom - wide / 2, (row - top) * zoom - tall
    fits = (
        x - wide * MARGIN > 1
        and x + wide * (1 + MARGIN) < width - 1
        and y - tall * MARGIN > 1
        and y + tall * (1 + MARGIN) < height - 1
    )
    if not fits or wide < _LEAST_PX[0] or tall < _LEAST_PX[1]:
        return None
    # What stands on it would be painted over.
    half, high = wide / zoom / 2 * (1 + MARGIN), tall / zoom * (1 + MARGIN)
    part = (
        slice(max(round(row - high), 0), round(row) + 1),
        slice(max(round(column - half), 0), round(column + half) + 1),
    )
    if covered[part].any():
        return None
    return round(x), round(y), round(wide), round(tall)


def _cut(image: Image, box: Sequence[float], surface: Surface) -> Cutout | None:
    """Return a thing, or None where it is too small, too large, or reaches out of its photo."""
    left, top, right, bottom = box
    wide, tall = right - left, bottom - top
    across, down = wide * MARGIN, tall * MARGIN
    height, width = image.shape[:2]
    outer = (left - across, top - down, right + across, bottom + down)
    is_whole = outer[0] >= 0 and outer[1] >= 0 and outer[2] <= width and outer[3] <= height
    if min(wide, tall) < _LEAST_SOURCE_PX or not is_whole:
        return None
    part = image[round(outer[1]) : round(outer[3]), round(outer[0]) : round(outer[2])]
    shrink = min(1.0, _MOST_SOURCE_PX / max(part.shape[:2]))
    small = cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    light = linear(np.asarray(small, np.uint8))
    inner = _inner(light.shape[:2])
    around = np.median(light[~inner], axis=0)
    alpha = (
        _soft(inner) if surface is Surface.ROAD else _outlined(np.asarray(small, np.uint8), inner)
    )
    if alpha is None:
        return None
    # A close photo's reflections and deep shadows are more than a camera on a pole would see.
    over = np.clip(light / np.maximum(around, 0.01), 0.08, _BRIGHTEST[surface])
    cutout = Cutout(np.asarray(over, np.float32), alpha)
    return cutout if surface is Surface.ROAD else _trimmed(cutout)


def _trimmed(cutout: Cutout) -> Cutout:
    """Return a cutout whose box fits the outline that was found in a looser one."""
    rows, columns = np.nonzero(cutout.alpha > 0.5)
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    down, across = round((bottom - top) * MARGIN), round((right - left) * MARGIN)
    part = slice(top - down, bottom + down), slice(left - across, right + across)
    return Cutout(cutout.light[part].copy(), cutout.alpha[part].copy())


def _inner(shape: tuple[int, ...]) -> BoolArray:
    """Return the thing's own box within its margin."""
    height, width = shape[:2]
    down, across = (round(side * MARGIN / (1 + 2 * MARGIN)) for side in (height, width))
    inner = np.zeros((height, width), np.bool_)
    inner[down : height - down, across : width - across] = True
    return inner


def _soft(inner: BoolArray) -> Alpha:
    """Return an oval that fills the box and fades out over its margin."""
    height, width = inner.shape
    down = np.linspace(-1, 1, height)[:, None] * (1 + 2 * MARGIN)
    across = np.linspace(-1, 1, width)[None, :] * (1 + 2 * MARGIN)
    out = (np.abs(down) ** 2.5 + np.abs(across) ** 2.5) ** (1 / 2.5)
    return np.asarray(np.clip((1 + MARGIN - out) / MARGIN, 0, 1), np.float32)


def _outlined(image: Image, inner: BoolArray) -> Alpha | None:
    """Return a thing's outline within its box; None where none is found."""
    mask = np.where(inner, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(image, mask, (0, 0, 1, 1), *models, 3, cv2.GC_INIT_WITH_MASK)
    found = (mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)
    if not 0.3 < found[inner].mean() < 0.95:
        return None
    return np.asarray(cv2.GaussianBlur(found.astype(np.float32), (0, 0), 1.0), np.float32)


def _shadow(alpha: Alpha, down: int) -> Alpha:
    """Return the shade on the ground under and around the lower part of a thing."""
    lower = alpha.copy()
    lower[: len(lower) // 2] = 0
    return np.asarray(cv2.GaussianBlur(lower, (0, 0), max(down * 0.6, 1.0)), np.float32)


def _mirrored(cutout: Cutout) -> Cutout:
    return Cutout(
        np.ascontiguousarray(cutout.light[:, ::-1]), np.ascontiguousarray(cutout.alpha[:, ::-1])
    )


def _covered(boxes: FloatArray, shape: tuple[int, int]) -> BoolArray:
    covered = np.zeros(shape, np.bool_)
    for left, top, right, bottom in boxes.round().astype(int).tolist():
        covered[max(top - 3, 0) : bottom + 3, max(left - 3, 0) : right + 3] = True
    return covered


def _touch(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return abs(2 * a[0] + a[2] - 2 * b[0] - b[2]) < 1.4 * (a[2] + b[2]) and (
        abs(2 * a[1] + a[3] - 2 * b[1] - b[3]) < 1.4 * (a[3] + b[3])
    )
