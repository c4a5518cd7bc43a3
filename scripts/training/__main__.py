"""`python -m scripts.training`: trains a detector that ships, step by step."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from analytics.detections import FloatArray
from analytics.frames import Image
from models.errors import ModelError
from scripts.training.config import TrainingConfig, TrainingError, read_config
from scripts.training.dataset import PERSON, prepare
from simpang import ExitCode

RUNS = Path("var/training")

PEOPLE_CONFIDENCE = 0.45
"""From here on a person that the earlier model sees is labelled as one."""

PEOPLE_SIDE_PX = 640

Config = Annotated[Path, typer.Argument(help="A file of configs/training.")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Train a detector: prepare, train, export. Needs `pip install '.[train]'`.",
)


@app.command("prepare")
def _prepare(
    config: Config,
    people: Annotated[Path, typer.Option(help="Weights that label people, .pt.")],
) -> None:
    """Check the pictures, label people where they are not, and list what is trained on.

    Example: python -m scripts.training prepare configs/training/traffic.yaml --people coco.pt
    """
    from scripts.training import network

    number = next((n for n, name in network.class_names(people).items() if name == PERSON), None)

    def boxes(picture: Image) -> FloatArray:
        found = network.find(people, picture, side_px=PEOPLE_SIDE_PX, confidence=PEOPLE_CONFIDENCE)
        return found[found[:, 5] == number, :4]

    with _told():
        if number is None:
            raise TrainingError(f"{people} knows no class {PERSON!r}")
        wanted = read_config(config)
        typer.echo(prepare(wanted, _folder(wanted) / "data", boxes))


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

    with _told():
        wanted = read_config(config)
        data = _folder(wanted) / "data" / "data.yaml"
        if not data.is_file():
            raise TrainingError(f"no {data}: run `prepare` first")
        typer.echo(network.train(wanted, data, _folder(wanted), resume=resume))


@app.command("export")
def _export(
    config: Config,
    out: Annotated[Path, typer.Option(help="Folder of the ONNX file.")] = Path("models/weights"),
) -> None:
    """Write the best epoch's weights as ONNX, and print their hash for the manifest.

    Example: python -m scripts.training export configs/training/traffic.yaml --out var/weights
    """
    from scripts.training import network

    with _told():
        wanted = read_config(config)
        weights = network.best_weights(wanted, _folder(wanted))
        if not weights.is_file():
            raise TrainingError(f"no {weights}: run `train` first")
        file = out / f"{wanted.name}.onnx"
        network.export(weights, wanted, file)
        typer.echo(f"{file} {hashlib.sha256(file.read_bytes()).hexdigest()}")


def _folder(config: TrainingConfig) -> Path:
    return (RUNS / config.name).resolve()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (TrainingError, ModelError, OSError) as exc:
        typer.echo(exc, err=True)
        raise typer.Exit(ExitCode.FAILED) from exc


if __name__ == "__main__":
    app()
