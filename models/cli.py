"""``simpang model``: the models that are here, whether they work, and how fast they are."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import numpy as np
import typer

from analytics.frames import Image
from models.bench import BenchResult, bench
from models.confusion_sheet import confusion_sheet
from models.errors import ModelError
from models.evaluation_report import Looked, evaluated, look, report, report_text
from models.manifest import Manifest, find_manifest, load_manifest, shipped_manifests
from models.onnx_detector import OnnxDetector
from models.opencv import limit_threads, write_image
from models.precision_plot import precision_plot
from models.verification import Verdict, verify_model
from simpang import ExitCode

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@app.callback()
def model() -> None:
    """List, verify and time the models that look at the pictures."""


@app.command("list", epilog="Example: simpang model list --json")
def list_models(*, as_json: AsJson = False) -> None:
    """List the models that ship with Simpang."""
    try:
        manifests = [load_manifest(path) for path in shipped_manifests()]
    except ModelError as exc:
        _stop(exc)
    if as_json:
        models = [
            {**manifest.model_dump(mode="json"), "file": manifest.file.name}
            for manifest in manifests
        ]
        typer.echo(json.dumps({"models": models}))
        return
    for manifest in manifests:
        typer.echo(_line(manifest))


@app.command(epilog="Example: simpang model verify traffic")
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Names, or paths of manifests; none means all."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Check manifests, hashes and shapes, and run each model once; exit code 3 on a fault."""
    verdicts = [verify_model(name) for name in names or _shipped_names()]
    if as_json:
        typer.echo(json.dumps({"models": [_verdict_fields(verdict) for verdict in verdicts]}))
    else:
        for verdict in verdicts:
            typer.echo(_verdict_text(verdict))
    if not all(verdict.is_ok for verdict in verdicts):
        raise typer.Exit(ExitCode.INVALID)


@app.command("bench", epilog="Example: simpang model bench traffic --seconds 10 --json")
def bench_model(
    name: Annotated[str, typer.Argument(help="Name, or path of a manifest.")] = "traffic",
    *,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="How long to measure.")] = 5.0,
    as_json: AsJson = False,
) -> None:
    """Time a model on a 1080p picture, on one core."""
    limit_threads(1)
    try:
        detector = OnnxDetector(load_manifest(find_manifest(name)))
        result = bench(detector, _noise(), seconds=seconds)
    except ModelError as exc:
        _stop(exc)
    typer.echo(json.dumps(asdict(result)) if as_json else _bench_text(result))


@app.command(epilog="Example: simpang model evaluate traffic ~/pictures/val --ignore-above 0.3")
def evaluate(  # noqa: PLR0913  # one argument an option
    name: Annotated[str, typer.Argument(help="Name, or path of a manifest.")],
    folder: Annotated[Path, typer.Argument(help="Folder of images/ and labels/ (YOLO text).")],
    *,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Instead of the manifest's.")
    ] = None,
    ignore_above: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the height, from the top, unlabelled.")
    ] = 0.0,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Of the input, instead of the manifest's.")
    ] = None,
    named: Annotated[str, typer.Option(help="Only pictures of such a name.")] = "*",
    shows_none: Annotated[
        bool, typer.Option("--shows-none", help="The pictures hold none of what it finds.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for precision-recall.svg and mistakes.png.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure a model on labelled pictures, whose classes are numbered in the model's order."""
    try:
        manifest = load_manifest(find_manifest(name))
        if size is not None:
            manifest = manifest.resized(*_sides(size))
        detector = OnnxDetector(evaluated(manifest, threshold))
        looked = look(
            detector, folder, named=named, ignore_above=ignore_above, shows_none=shows_none
        )
    except ModelError as exc:
        _stop(exc)
    found = report(detector.manifest, looked)
    typer.echo(json.dumps(asdict(found)) if as_json else report_text(found))
    if out is not None:
        _draw(detector.manifest, looked, out)


def _sides(size: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if found is None:
        msg = f"{size!r} is no size; expected width and height in pixels, as 416x256"
        raise typer.BadParameter(msg, param_hint="--size")
    return int(found[1]), int(found[2])


def _draw(manifest: Manifest, looked: Sequence[Looked], out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        plot = precision_plot(manifest, looked)
        (out / "precision-recall.svg").write_text(plot, encoding="utf-8")
        write_image(out / "mistakes.png", confusion_sheet(manifest, looked))
    except OSError as exc:
        typer.echo(f"{out}: cannot be written: {exc.strerror}", err=True)
        raise typer.Exit(ExitCode.FAILED) from exc


def _stop(exc: ModelError) -> NoReturn:
    typer.echo(str(exc), err=True)
    raise typer.Exit(ExitCode.INVALID) from exc


def _shipped_names() -> Sequence[str]:
    return [path.stem for path in shipped_manifests()]


def _line(manifest: Manifest) -> str:
    size = f"{manifest.input.width_px}x{manifest.input.height_px}"
    classes = ", ".join(manifest.classes)
    return f"{manifest.name}  {manifest.version}  {size}  {manifest.licence}  {classes}"


def _verdict_fields(verdict: Verdict) -> dict[str, object]:
    return {"model": verdict.model, "ok": verdict.is_ok, "problems": verdict.problems}


def _verdict_text(verdict: Verdict) -> str:
    if verdict.is_ok:
        return f"{verdict.model}: ok"
    return "\n".join([f"{verdict.model}: not usable", *(f"  {line}" for line in verdict.problems)])


def _noise() -> Image:
    return np.random.default_rng(0).integers(0, 256, (1080, 1920, 3), dtype=np.uint8)


def _bench_text(result: BenchResult) -> str:
    parts = {
        "preprocess": result.preprocess,
        "inference": result.inference,
        "decode": result.decode,
        "total": result.total,
    }
    rows = [
        f"{name:<12}{spread.p50_ms:>9.2f}{spread.p90_ms:>9.2f}" for name, spread in parts.items()
    ]
    head = f"{result.model} {result.version}, {result.images} images"
    speed = f"{result.images_per_s_per_core} images/s per core"
    return "\n".join([head, f"{'ms':<12}{'p50':>9}{'p90':>9}", *rows, speed])
