"""`python -m scripts.training`: trains a detector that ships, step by step."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, get_args

import typer

from analytics.detections import FloatArray
from analytics.frames import Image
from edge.errors import EdgeError
from models.errors import ModelError
from models.manifest import load_manifest
from scripts.telling import told
from scripts.training.averaging import average, refuse_other_classes
from scripts.training.card import card
from scripts.training.config import Side, TrainingConfig, TrainingError, read_config
from scripts.training.dataset import (
    PERSON,
    People,
    description,
    listed,
    prepare,
    write_weathered,
)
from scripts.training.feedback import Kind, Verdict, write_feedback
from scripts.training.frames import write_frames
from scripts.training.paste import paste
from scripts.training.release import (
    EIGHT_BITS,
    draft,
    loses_too_much,
    measure,
    release_of,
    ship,
    withdraw,
)
from scripts.training.weather import Weather

RUNS = Path("var/training")

PEOPLE_CONFIDENCE = 0.45
"""From here on a person that the earlier model sees is labelled as one."""

PEOPLE_SIDE_PX = 640

Config = Annotated[Path, typer.Argument(help="A file of configs/training.")]

_ERRORS = (TrainingError, ModelError, EdgeError, OSError)
"""What is told in words."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Train a detector: paste, prepare, train, export, quantise, release; needs `.[train]`.",
)


@app.command("prepare")
def _prepare(
    config: Config,
    people: Annotated[
        Path | None, typer.Option(help="Weights that label people where they are not, .pt.")
    ] = None,
) -> None:
    """Check the pictures, label people where they are not, and list what is trained on.

    Example: python -m scripts.training prepare configs/training/traffic.yaml --people coco.pt
    """
    with told(*_ERRORS):
        wanted = read_config(config)
        prepared = prepare(wanted, _folder(wanted) / "data", _people(people))
        typer.echo("\n".join((*prepared.story, *map(str, prepared.descriptions))))


@app.command("weather")
def _weather(
    folder: Annotated[Path, typer.Argument(help="Folder of images/ and labels/.")],
    how: Annotated[Weather, typer.Argument(help="What to do to the pictures.")],
    out: Annotated[Path, typer.Argument(help="Folder of the changed pictures.")],
    config: Annotated[Path, typer.Option(help="Whose classes the labels have.")] = Path(
        "configs/training/traffic.yaml"
    ),
) -> None:
    """Write a copy of labelled pictures by night, in rain, starved of bits, or stretched.

    Example: python -m scripts.training weather ~/pictures/val night var/val-night
    """
    with told(*_ERRORS):
        count = write_weathered(folder, how, out, read_config(config).classes)
        typer.echo(f"{out}: {count} pictures")


@app.command("paste")
def _paste(config: Config) -> None:
    """Put labelled things into the pictures of street cameras, to learn from and to measure on.

    Example: python -m scripts.training paste configs/training/pothole.yaml
    """
    with told(*_ERRORS):
        wanted = read_config(config)
        if wanted.paste is None:
            raise TrainingError(f"{config}: has no `paste`, so there is nothing to make")
        for side in get_args(Side):
            out = _folder(wanted) / "pasted" / side
            shutil.rmtree(out, ignore_errors=True)
            count = paste(wanted.paste, side, out, wanted.seed)
            typer.echo(f"{out}: {count} things")


@app.command("train")
def _train(
    config: Config,
    *,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it was cut off.")] = False,
) -> None:
    """Train, on a GPU where there is one.

    Example: python -m scripts.training train configs/training/traffic.yaml
    """
    from scripts.training import network

    with told(*_ERRORS):
        wanted = read_config(config)
        data = _folder(wanted) / "data"
        last = description(data, len(wanted.stages))
        if not last.is_file():
            raise TrainingError(f"no {last}: run `prepare` first")
        typer.echo(network.train(wanted, data, _folder(wanted), resume=resume))


@app.command("export")
def _export(config: Config) -> None:
    """Write the trained weights as ONNX, or their mean with those of other trainings.

    Example: python -m scripts.training export configs/training/traffic.yaml
    """
    from scripts.training import network

    with told(*_ERRORS):
        wanted = read_config(config)
        last = network.trained_weights(wanted, _folder(wanted))
        if not last.is_file():
            raise TrainingError(f"no {last}: run `train` first")
        _exported(wanted).parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            parts = _all_exported([*wanted.others(), last], wanted, Path(folder))
            average(parts, _exported(wanted))
        # Eight bits of other weights: nobody is to take them for these.
        _exported(wanted, EIGHT_BITS).unlink(missing_ok=True)
        typer.echo(_exported(wanted))


@app.command("start")
def _start(
    config: Config,
    weights: Annotated[
        Path | None, typer.Option(help="Other weights, .pt, that know the same classes.")
    ] = None,
) -> None:
    """Write the weights that training starts from as ONNX, to see what it gained.

    Example: python -m scripts.training start configs/training/traffic.yaml --weights coco.pt
    """
    from scripts.training import network

    with told(*_ERRORS):
        wanted = read_config(config)
        chosen = weights or wanted.start_file()
        file = _folder(wanted) / "start" / f"{chosen.stem}.onnx"
        network.keep_classes(chosen, wanted.classes, file.with_suffix(".pt"))
        network.export(file.with_suffix(".pt"), file)
        typer.echo(draft(wanted, file).file.with_suffix(".yaml"))


@app.command("quantise")
def _quantise(config: Config) -> None:
    """Write the exported weights in eight bits as well.

    Example: python -m scripts.training quantise configs/training/traffic.yaml
    """
    from scripts.training.quantise import quantise

    with told(*_ERRORS):
        wanted = read_config(config)
        learnt = listed(_folder(wanted) / "data", len(wanted.stages))
        if not (learnt.is_file() and _exported(wanted).is_file()):
            raise TrainingError(f"no {_exported(wanted)} or no {learnt}: run the steps before")
        pictures = sorted({Path(line) for line in learnt.read_text("utf-8").splitlines()})
        file = _exported(wanted, EIGHT_BITS)
        quantise(_exported(wanted), pictures, draft(wanted, _exported(wanted)).input, file)
        typer.echo(file)


@app.command("release")
def _release(
    config: Config,
    beside: Annotated[
        list[Path] | None, typer.Option(help="Manifest to measure beside it; may be repeated.")
    ] = None,
    weights: Annotated[Path, typer.Option(help="Folder of what ships.")] = Path("models/weights"),
    cards: Annotated[Path, typer.Option(help="Folder of the cards.")] = Path("models/cards"),
) -> None:
    """Measure the exported weights, and write weights, manifest and card of what ships.

    Eight bits ship as a model of their own where they cost no class of the first set over a point.

    Example: python -m scripts.training release configs/training/traffic.yaml
    """
    with told(*_ERRORS):
        wanted = read_config(config)
        settings = release_of(wanted)
        full = measure(draft(wanted, _exported(wanted)), wanted)
        ships, seen = [full], [full]
        small = _exported(wanted, EIGHT_BITS)
        withdraw(small.stem, weights)
        if small.is_file():
            eight_bits = measure(draft(wanted, small), wanted)
            seen.append(eight_bits)
            ships += [] if loses_too_much(eight_bits, full) else [eight_bits]
        seen += [measure(load_manifest(file), wanted) for file in beside or ()]
        for one in ships:
            typer.echo(ship(wanted, one, weights))
        page = cards / f"{wanted.name}.md"
        page.write_text(card(wanted, settings, seen), encoding="utf-8")
        typer.echo(page)


@app.command("feedback")
def _feedback(
    export: Annotated[Path, typer.Argument(help="Folder with judgements.jsonl and pictures.")],
    kind: Annotated[Kind, typer.Argument(help="For which detector.")],
    out: Annotated[Path, typer.Argument(help="Folder for images/ and labels/.")],
) -> None:
    """Turn incidents that operators confirmed or dismissed into pictures to learn from.

    Example: python -m scripts.training feedback export-2026-11 pothole var/feedback/pothole
    """
    with told(*_ERRORS):
        counts = write_feedback(export, kind, out)
        by_verdict = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
        typer.echo(f"{out}: {by_verdict}")


@app.command("frames")
def _frames(
    films: Annotated[list[Path], typer.Argument(help="Films that show none of what is sought.")],
    out: Annotated[Path, typer.Option(help="Folder for images/ and labels/.")],
    every_s: Annotated[float, typer.Option(min=0.1, help="Seconds between two frames.")] = 2.0,
) -> None:
    """Write frames of films as pictures with nothing in them, to count false alarms on.

    Example: python -m scripts.training frames clips/*.mp4 --out var/training/clips
    """
    with told(*_ERRORS):
        typer.echo(f"{out}: {write_frames(films, out, every_s=every_s)} pictures")


def _people(weights: Path | None) -> People:
    """Return what labels people: the weights' class of that name."""
    if weights is None:
        return _nobody_to_ask
    from scripts.training import network

    number = next((n for n, name in network.class_names(weights).items() if name == PERSON), None)
    if number is None:
        raise TrainingError(f"{weights} knows no class {PERSON!r}")

    def boxes(picture: Image) -> FloatArray:
        found = network.find(weights, picture, side_px=PEOPLE_SIDE_PX, confidence=PEOPLE_CONFIDENCE)
        return found[found[:, 5] == number, :4]

    return boxes


def _nobody_to_ask(_: Image) -> FloatArray:
    raise TrainingError("pictures lack_people: name weights that label them with --people")


def _all_exported(weights: Sequence[Path], config: TrainingConfig, folder: Path) -> list[Path]:
    """Return weights as ONNX: those that are, and those that are written into ``folder``.

    Raises
    ------
    TrainingError
        Where some find other classes than the configuration's.
    models.errors.ManifestError
        Where some are ONNX without the manifest that names their classes.
    """
    from scripts.training import network

    classes, exported = {}, []
    for number, one in enumerate(weights):
        if one.suffix == ".onnx":
            classes[str(one)] = load_manifest(one.with_suffix(".yaml")).classes
            exported.append(one)
        else:
            classes[str(one)] = tuple(network.class_names(one).values())
            exported.append(folder / f"{number}.onnx")
            network.export(one, exported[-1])
    refuse_other_classes(classes, config.classes)
    return exported


def _exported(config: TrainingConfig, suffix: str = "") -> Path:
    """Return where the exported weights are, or those with a suffix."""
    name = f"{config.name}-{suffix}" if suffix else config.name
    return _folder(config) / "exported" / f"{name}.onnx"


def _folder(config: TrainingConfig) -> Path:
    return (RUNS / config.name).resolve()


if __name__ == "__main__":
    app()
