"""The shared footage: fixed cameras with zones and right answers; absent outside the workshop."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

DATA = Path(os.environ.get("SIMPANG_DATA", Path(__file__).parents[2] / "shared" / "data"))
CLIPS = DATA / "clips"

needs_clips = pytest.mark.skipif(
    not (CLIPS / "clips.yaml").is_file(),
    reason="the shared footage is not here: set SIMPANG_DATA to the folder that holds clips/",
)


@dataclass(frozen=True)
class Clip:
    """A clip, its zones in fractions of the view, and the zones that are jammed in it."""

    path: Path
    zones: dict[str, list[tuple[float, float]]]
    congested: frozenset[str]


def load_clip(name: str) -> Clip:
    """Return the clip ``name``.mp4 as ``clips.yaml`` describes it."""
    described = yaml.safe_load((CLIPS / "clips.yaml").read_text(encoding="utf-8"))["clips"]
    entry = described[f"{name}.mp4"]
    return Clip(CLIPS / f"{name}.mp4", entry["zones"], frozenset(entry.get("congested", {})))
