"""`python -m scripts.twin`: renders the simulated cameras' films from their scenario files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from edge.errors import EdgeError
from models.errors import ModelError
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from models.opencv import write_image
from scripts.telling import told
from scripts.twin import pictures, slow_pictures
from scripts.twin.film.clips_file import write_clips
from scripts.twin.film.reel import Reel
from scripts.twin.film.sensor import Image
from scripts.twin.film.sheet import write_sheet
from scripts.twin.film.stills import picture_at
from scripts.twin.film.studio import Done, Work, check, each, render
from scripts.twin.recall import measure, table
from scripts.twin.render.device import NoDeviceError
from scripts.twin.scenario import Scenario, ScenarioError, read_scenario
from scripts.twin.traffic.simulation import SimulationError
from scripts.twin.truth import read_truth
from simpang import ExitCode

SCENARIOS = Path(__file__).parent / "scenarios"
FOOTAGE = Path("tests/data/footage")

Names = Annotated[list[str] | None, typer.Argument(help="Scenarios by name; all if none is given.")]
Plates = Annotated[Path, typer.Option(help="Folder with the baked backgrounds.")]
Out = Annotated[Path, typer.Option(help="Folder of the films and their truth.")]
Jobs = Annotated[int, typer.Option(min=1, help="How many films at a time.")]

_PLATES = Path("var/twin/plates")

_ERRORS = (OSError, NoDeviceError, SimulationError, ValueError, EdgeError, ModelError)
"""What is told in words."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Films of a simulated junction, and what is true of them.",
)


@app.command("render")
def _render(
    names: Names = None,
    plates: Plates = _PLATES,
    out: Out = FOOTAGE,
    jobs: Jobs = 2,
    frames: Annotated[int | None, typer.Option(min=1, help="Only the first frames.")] = None,
    *,
    missing: Annotated[bool, typer.Option("--missing", help="Only films not there yet.")] = False,
) -> None:
    """Write films and their truth, and list them in clips.yaml.

    Example: python -m scripts.twin render junction-jam --frames 20 --out /tmp/trial
    """
    out.mkdir(parents=True, exist_ok=True)
    works = [Work(scenario, plates, out, frames) for scenario in _scenarios(names)]
    if missing:
        works = [work for work in works if not (work.film.is_file() and work.truth.is_file())]
    _work(render, works, jobs)
    typer.echo(_listed(out))


@app.command("list")
def _list(out: Out = FOOTAGE) -> None:
    """Write clips.yaml anew from the truths that are stored, and render nothing.

    Example: python -m scripts.twin list
    """
    with told(*_ERRORS):
        typer.echo(_listed(out))


@app.command("check")
def _check(
    names: Names = None, plates: Plates = _PLATES, out: Out = FOOTAGE, jobs: Jobs = 2
) -> None:
    """Work out the truth again, and say whether it is what is stored.

    Example: python -m scripts.twin check junction-jam
    """
    done = _work(check, [Work(scenario, plates, out) for scenario in _scenarios(names)], jobs)
    if not all(film.as_stored for film in done):
        raise typer.Exit(ExitCode.FAILED)


@app.command("still")
def _still(
    name: Annotated[str, typer.Argument(help="A scenario by name.")],
    at_s: Annotated[float, typer.Argument(min=0, help="Second of the film.")],
    out: Annotated[Path, typer.Option(help="The picture's file: .png or .jpg.")],
    plates: Plates = _PLATES,
) -> None:
    """Write one frame as a picture.

    Example: python -m scripts.twin still junction-jam 30 --out jam.png
    """
    (scenario,) = _scenarios([name])
    with told(*_ERRORS):
        write_image(out, _frame(scenario, at_s, plates), jpeg_quality=95)
    typer.echo(out)


@app.command("sheet")
def _sheet(
    out: Annotated[Path, typer.Option(help="The page's file.")] = Path("docs/images/twin.jpg"),
    footage: Annotated[Path, typer.Option(help="Folder of the films.")] = FOOTAGE,
) -> None:
    """Write a page with one still of each film.

    Example: python -m scripts.twin sheet --out /tmp/films.jpg
    """
    with told(*_ERRORS):
        films = [(s, footage / f"{s.name}.mp4") for s in _scenarios(None)]
        write_sheet(out, [(s.title, picture_at(film, s.still_at_s)) for s, film in films])
    typer.echo(out)


@app.command("pictures")
def _pictures(
    plates: Plates = _PLATES,
    out: Annotated[Path, typer.Option(help="Folder of the pictures.")] = Path("var/twin/pictures"),
    jobs: Jobs = 2,
) -> None:
    """Write labelled pictures to train detectors on, from cameras without a film.

    Below OUT: traffic, pothole and rubbish. Their plates: python -m scripts.twin.bake --training
    """
    traffic, slow = pictures.scenarios(), slow_pictures.scenarios()
    _work(pictures.write_pictures, [Work(one, plates, out / "traffic") for one in traffic], jobs)
    _work(slow_pictures.write_pictures, [Work(one, plates, out) for one in slow], jobs)
    typer.echo(out)


@app.command("recall")
def _recall(
    names: Names = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Name, or path of a manifest; may be repeated.")
    ] = None,
    width: Annotated[
        int | None, typer.Option(min=1, help="Of the input, instead of the manifest's.")
    ] = None,
    footage: Annotated[Path, typer.Option(help="Folder of the films.")] = FOOTAGE,
) -> None:
    """Say how much of what is truly in the films a traffic model sees.

    Example: python -m scripts.twin recall junction-jam --model traffic
    """
    films = [footage / f"{scenario.name}.mp4" for scenario in _scenarios(names)]
    with told(*_ERRORS):
        for name in model or ["traffic"]:
            manifest = load_manifest(find_manifest(name))
            detector = OnnxDetector(manifest if width is None else manifest.resized(width))
            truths = [(film, read_truth(film.with_suffix(".json"))) for film in films]
            found = [measure(film, truth, detector) for film, truth in truths]
            typer.echo(f"{detector.manifest.name} {detector.manifest.version}\n{table(found)}")


def _listed(folder: Path) -> Path:
    files = [folder / f"{scenario.name}.json" for scenario in _scenarios(None)]
    return write_clips(folder, [read_truth(file) for file in files if file.is_file()])


def _scenarios(names: Sequence[str] | None) -> list[Scenario]:
    """Return scenarios by name, all where none is named; ends with everything that is wrong."""
    files = {file.stem: file for file in sorted(SCENARIOS.glob("*.yaml"))}
    scenarios, problems = [], []
    for name in names or files:
        if name not in files:
            problems.append(f"no scenario {name!r}; there are {', '.join(files)}")
            continue
        try:
            scenarios.append(read_scenario(files[name]))
        except ScenarioError as exc:
            problems.append(str(exc))
    if problems:
        typer.echo("\n".join(problems), err=True)
        raise typer.Exit(ExitCode.INVALID)
    return scenarios


def _work(task: Callable[[Work], Done], works: Sequence[Work], jobs: int) -> list[Done]:
    """Do the work, and print a line a film."""
    done = []
    with told(*_ERRORS):
        for number, film in enumerate(each(task, works, jobs=jobs), start=1):
            typer.echo(f"[{number}/{len(works)}] {film.film}: {film.story}", err=True)
            done.append(film)
    return done


def _frame(scenario: Scenario, at_s: float, plates: Path) -> Image:
    number = min(round(at_s * scenario.fps), scenario.frames - 1)
    (shot,) = Reel(scenario, plates).shots(first=number, last=number + 1)
    return shot.image


if __name__ == "__main__":
    app()
