"""The list of the films, as the demo and evaluations read it."""

from collections.abc import Iterable
from pathlib import Path

import yaml

from scripts.demo.footage import CLIPS_FILE
from scripts.twin.camera import Box
from scripts.twin.truth import Truth
from scripts.twin.world import SIGNAL_CYCLE_S

_HEAD = """\
# Simulated cameras of a simulated junction; `python -m scripts.twin render` writes this file.
# Corners are fractions of the view; `congested` says when a zone is jammed, in seconds;
# what stands for less than the signal's cycle waits at red. `lamps` are left, top, right, bottom.
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
        },
        "congestion": {"min_duration_s": SIGNAL_CYCLE_S},
    }
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


def _in_view(box: Box, size: tuple[int, int]) -> list[float]:
    width_px, height_px = size
    x1, y1, x2, y2 = box
    return [
        round(x1 / width_px, 4),
        round(y1 / height_px, 4),
        round(x2 / width_px, 4),
        round(y2 / height_px, 4),
    ]
