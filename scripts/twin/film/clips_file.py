"""The list of the films, as the demo and evaluations read it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import yaml

from scripts.demo.footage import CLIPS_FILE
from scripts.twin.camera import Box
from scripts.twin.truth import Truth
from scripts.twin.world import SIGNAL_CYCLE_S

_KERB_M = 3.0
"""How far around rubbish the kerb is watched."""

_HEAD = """\
# Simulated cameras of a simulated junction; `python -m scripts.twin render` writes this file.
# Corners are fractions of the view; `congested` says when a zone is jammed, in seconds;
# what stands for less than the signal's cycle waits at red. `lamps` are left, top, right, bottom;
# `ground` are points of the view, x and y, and where they lie, metres east and north of the camera.
"""


def write_clips(folder: Path, truths: Iterable[Truth]) -> Path:
    """Write ``clips.yaml`` beside the films and return it."""
    clips = {truth.film: _clip(truth) for truth in truths}
    file = folder / CLIPS_FILE
    text = yaml.safe_dump({"clips": clips}, sort_keys=False, default_flow_style=None, width=100)
    file.write_text(_HEAD + text, encoding="utf-8")
    return file


def _clip(truth: Truth) -> dict[str, object]:
    clip: dict[str, object] = {
        "name": truth.title,
        "camera": truth.camera,
        "look": truth.look,
        "fps": truth.fps,
        "size": list(truth.size),
        "zones": {
            name: [list(corner) for corner in zone.polygon] for name, zone in truth.zones.items()
        }
        | _kerbs(truth),
        "congestion": {"min_duration_s": SIGNAL_CYCLE_S},
    }
    looks_for = _looks_for(truth)
    if looks_for:
        clip["looks_for"] = looks_for
        clip["ground"] = _ground(truth)
    if truth.lamps:
        clip["lamps"] = {lamp.lamp: _in_view(lamp.box, truth.size) for lamp in truth.lamps}
    congested = {
        name: [list(span) for span in zone.congested]
        for name, zone in truth.zones.items()
        if zone.congested
    }
    if congested:
        clip["congested"] = congested
    return clip


def _looks_for(truth: Truth) -> dict[str, list[str]]:
    """Return what is looked for in the zones of a film that shows slow things; else nothing."""
    kinds = {thing.kind for thing in truth.things}
    roads = {name: ["congestion", "pothole"] for name in truth.zones if "pothole" in kinds}
    return roads | {name: ["rubbish"] for name in _kerbs(truth)}


def _kerbs(truth: Truth) -> dict[str, list[list[float]]]:
    """Return the ground around rubbish as a zone: the part of the kerb where people leave it."""
    places = np.array([thing.ground for thing in truth.things if thing.kind == "rubbish"])
    if not len(places):
        return {}
    x, y = places.mean(axis=0)
    reach = _KERB_M
    corners = [(x - reach, y + reach), (x + reach, y + reach)]
    corners += [(x + reach, y - reach), (x - reach, y - reach)]
    return {"kerb": [_point(truth, *corner) for corner in corners]}


def _ground(truth: Truth) -> list[list[float]]:
    """Return a camera's calibration: the corners of a square on the ground before it."""
    zone = np.array(next(iter(truth.zones.values())).polygon)
    # Back from the view to the ground: where z is 0 the projection is a homography.
    size = np.array(truth.size)
    back = np.linalg.inv(np.array(truth.projection)[:, [0, 1, 3]])
    points = []
    for x, y in zone:
        there = back @ (x * size[0], y * size[1], 1.0)
        east, north = there[:2] / there[2] - np.array(truth.camera_position[:2])
        points.append([round(float(v), 4) for v in (x, y, east, north)])
    return points


def _point(truth: Truth, x: float, y: float) -> list[float]:
    seen = np.array(truth.projection) @ (x, y, 0.0, 1.0)
    across, down = seen[:2] / seen[2] / np.array(truth.size)
    return [round(float(min(max(v, 0.0), 1.0)), 4) for v in (across, down)]


def _in_view(box: Box, size: tuple[int, int]) -> list[float]:
    width_px, height_px = size
    x1, y1, x2, y2 = box
    return [
        round(x1 / width_px, 4),
        round(y1 / height_px, 4),
        round(x2 / width_px, 4),
        round(y2 / height_px, 4),
    ]
