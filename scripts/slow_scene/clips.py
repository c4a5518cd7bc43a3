"""The plain clips, in which there is neither a hole nor rubbish, stretched over a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from analytics.messages import IncidentKind
from scripts.slow_scene.cameras import Corners
from scripts.slow_scene.scenario import DAYLIGHT, EVERY, FRAMES, Step, moment
from scripts.training.config import TrainingError
from scripts.twin.film.stills import frames_of

FILM_EVERY_S = 2.0
"""Seconds of the film between two of its pictures that are shown."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    zones: dict[str, Corners]


class _Clips(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    clips: dict[str, _Entry]


@dataclass(frozen=True, slots=True)
class Clip:
    """A film and its zones, in each of which both holes and rubbish are looked for."""

    name: str
    film: Path
    zones: tuple[tuple[Corners, tuple[IncidentKind, ...]], ...]

    def steps(self) -> Iterator[Step]:
        """Yield a day of it: its pictures over and over, in the periods that a scenario has.

        Raises
        ------
        edge.errors.StreamError
            Where the film cannot be played.
        """
        pictures = [image for _, image in frames_of(self.film, 1 / FILM_EVERY_S)]
        shown = cycle(pictures)
        for hour in DAYLIGHT:
            for number, image in enumerate(islice(shown, FRAMES)):
                yield Step(moment(1, hour) + number * EVERY, image)


def clips(folder: Path) -> list[Clip]:
    """Return the clips that a folder's ``clips.yaml`` names.

    Raises
    ------
    TrainingError
        Where there is none.
    """
    file = folder / "clips.yaml"
    if not file.is_file():
        raise TrainingError(f"no {file}: expected the clips' names and zones")
    told = _Clips.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    both = (IncidentKind.POTHOLE, IncidentKind.RUBBISH)
    return [
        Clip(Path(name).stem, folder / name, tuple((zone, both) for zone in entry.zones.values()))
        for name, entry in told.clips.items()
    ]
