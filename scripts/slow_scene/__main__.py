"""`python -m scripts.slow_scene`: makes scenarios over real frames, and measures on them."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from edge.errors import EdgeError
from models.errors import ModelError
from models.opencv import write_image
from scripts.slow_scene.clips import clips
from scripts.slow_scene.report import lines_of, record, summary
from scripts.slow_scene.scenario import Scenario, Truth
from scripts.slow_scene.scoring import Score, score
from scripts.slow_scene.sheet import sheet
from scripts.slow_scene.stage import Play
from scripts.slow_scene.testing import TEST_SET
from scripts.slow_scene.tuning import TUNE_SET
from scripts.telling import told
from scripts.training.config import TrainingError


class Set(StrEnum):
    """Which scenarios."""

    TUNE = "tune"
    TEST = "test"
    CLIPS = "clips"
    """The plain clips, in which nothing is."""


_A_DRAW = 1000
"""Between the seeds of two draws: no two scenarios share one."""

_SCENARIOS = {Set.TUNE: TUNE_SET, Set.TEST: TEST_SET, Set.CLIPS: ()}

Which = Annotated[Set, typer.Option("--set", help="Which scenarios.")]
Only = Annotated[
    list[str] | None, typer.Option("--only", help="Name of a scenario or clip; may be repeated.")
]
Out = Annotated[Path, typer.Option(help="Folder of the pictures.")]

_ERRORS = (TrainingError, ModelError, EdgeError, OSError)
"""What is told in words."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Scenarios of slow things over real frames; SIMPANG_DATA names the labelled pictures.",
)


@app.command("make")
def _make(
    out: Out,
    which: Which = Set.TEST,
    only: Only = None,
    every: Annotated[int, typer.Option(min=1, help="Only each so many'th picture.")] = 20,
) -> None:
    """Write pictures of scenarios.

    Example: python -m scripts.slow_scene make --set test --out var/slow-scene --every 20
    """
    with told(*_ERRORS):
        for scenario in _chosen(_SCENARIOS[which], only):
            folder = out / scenario.name
            folder.mkdir(parents=True, exist_ok=True)
            count = 0
            for step in Play(scenario).steps(every):
                write_image(folder / f"{step.captured_at:%d-%H%M%S}.jpg", step.image)
                count += 1
            typer.echo(f"{folder}: {count} pictures")


@app.command("sheet")
def _sheet(
    out: Out,
    which: Which = Set.TEST,
    only: Only = None,
    every: Annotated[int, typer.Option(min=1, help="Only each so many'th picture.")] = 43,
) -> None:
    """Write one sheet of small pictures a scenario, with the places of its things marked.

    Example: python -m scripts.slow_scene sheet --set test --out var/slow-scene
    """
    with told(*_ERRORS):
        out.mkdir(parents=True, exist_ok=True)
        for scenario in _chosen(_SCENARIOS[which], only):
            played = Play(scenario)
            write_image(
                out / f"{scenario.name}.png", sheet(list(played.steps(every)), played.truth)
            )
            typer.echo(out / f"{scenario.name}.png")


@app.command("evaluate")
def _evaluate(
    which: Which = Set.TEST,
    only: Only = None,
    draw: Annotated[
        int,
        typer.Option(min=0, help="Another draw of each scenario: other photos, traffic and light."),
    ] = 0,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="File for all of it, as JSON.")
    ] = None,
) -> None:
    """Run the edge's pipeline on scenarios, and tell what it found, missed and made up.

    Example: python -m scripts.slow_scene evaluate --set tune --only corner-mended
    """
    with told(*_ERRORS):
        scores = []
        played = _clips(only) if which is Set.CLIPS else _scenarios(which, only, draw)
        for found, lines in played:
            scores.append(found)
            typer.echo("\n".join(lines))
        typer.echo(summary(scores))
        if json_file is not None:
            json_file.write_text(json.dumps(record(scores), indent=2) + "\n", encoding="utf-8")


def _scenarios(
    which: Set, only: Sequence[str] | None, draw: int
) -> Iterator[tuple[Score, list[str]]]:
    from scripts.slow_scene.playing import Models, play, settings_of, zones_of

    models = Models()
    for scenario in _chosen(_SCENARIOS[which], only):
        played = Play(replace(scenario, seed=scenario.seed + _A_DRAW * draw))
        camera = settings_of(scenario.name, zones_of(played.truth))
        heard = play(camera, played.steps(), models, played.truth)
        found = score(scenario.name, played.truth, heard.messages, heard.answers)
        yield found, lines_of(found, heard.texts)


def _clips(only: Sequence[str] | None) -> Iterator[tuple[Score, list[str]]]:
    from scripts.slow_scene.playing import Models, play, settings_of

    models = Models()
    folder = Path(os.path.expandvars("${SIMPANG_DATA}/clips"))
    for clip in clips(folder):
        if only and clip.name not in only:
            continue
        camera = settings_of(clip.name.replace("_", "-"), clip.zones)
        heard = play(camera, clip.steps(), models)
        nothing = Truth((1, 1), (), (), (), (), ())
        found = score(clip.name, nothing, heard.messages, heard.answers)
        yield found, lines_of(found, heard.texts)


def _chosen(scenarios: Sequence[Scenario], only: Sequence[str] | None) -> list[Scenario]:
    """Return the scenarios of these names, or all.

    Raises
    ------
    TrainingError
        Where there is none of such a name.
    """
    known = {scenario.name: scenario for scenario in scenarios}
    unknown = [name for name in only or () if name not in known]
    if unknown:
        raise TrainingError(f"no scenario {', '.join(unknown)}: expected of {', '.join(known)}")
    return [known[name] for name in only or known]


if __name__ == "__main__":
    app()
