"""What is baked holds every light that the films and the training pictures show."""

from pathlib import Path

import pytest

from scripts.twin.bake.jobs import NEEDED, TRAINING, Job
from scripts.twin.looks import LOOKS, Look
from scripts.twin.pictures import scenarios
from scripts.twin.plates import light_layers
from scripts.twin.scenario import Scenario, read_scenario
from scripts.twin.world import CAMERAS

SCENARIOS = Path(__file__).parents[4] / "scripts" / "twin" / "scenarios"
FILMS = [read_scenario(file) for file in sorted(SCENARIOS.glob("*.yaml"))]


def shown(look: Look, camera: str) -> set[str]:
    """Return the layers of a camera that a look has light of; lamps share one weight."""
    return {
        layer
        for layer in light_layers(CAMERAS[camera].street)
        if max(look.weights.get("lamps" if layer.startswith("lamp:") else layer, (0.0,))) > 0
    }


def baked(jobs: tuple[Job, ...], camera: str, *, wet: bool) -> Job:
    (job,) = (job for job in jobs if (job.camera, job.wet) == (camera, wet))
    return job


@pytest.mark.parametrize(
    ("scenario", "jobs"),
    [(film, NEEDED) for film in FILMS] + [(scenario, TRAINING) for scenario in scenarios()],
    ids=lambda value: value.name if isinstance(value, Scenario) else "",
)
def test_every_light_of_a_look_is_baked_at_the_films_size(
    scenario: Scenario, jobs: tuple[Job, ...]
) -> None:
    look = LOOKS[scenario.look]
    for camera in filter(None, (scenario.camera, scenario.turned_camera)):
        job = baked(jobs, camera, wet=look.wet)

        assert shown(look, camera) <= set(job.lights or light_layers(CAMERAS[camera].street))
        assert job.size >= scenario.pixels
