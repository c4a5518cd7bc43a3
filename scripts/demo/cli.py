"""The command: starts every process, tells what happens, and ends them all."""

import contextlib
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from central.broker import EmbeddedBroker, EmbeddedBrokerError
from scripts.demo.children import Child, ChildError
from scripts.demo.footage import EXPECTED, Clip, FootageError, read_footage
from scripts.demo.settings import (
    HOST,
    Run,
    central_settings,
    new_run,
    site_settings,
    write_yaml,
)
from scripts.demo.story import Api, CentralUnreachableError, Story
from simpang import ExitCode

OWN_FOOTAGE = Path(__file__).resolve().parents[2] / "tests" / "data" / "footage"
"""The simulated junction's films, in the checkout."""

OWN_CAMERAS = (
    "junction-jam",
    "junction-red-lights",
    "street-pothole",
    "junction-rubbish",
    "street-lamp-dark",
)
"""Those of them that the demo shows: a jam, queues that clear, potholes, rubbish, and a lamp."""

READY_TIMEOUT_S = 60.0
LOOK_EVERY_S = 1.0

app = typer.Typer(no_args_is_help=False, pretty_exceptions_enable=False, add_completion=False)


@app.command(epilog="Example: simpang demo --footage my-films --duration 120")
def demo(
    *,
    footage: Annotated[
        Path | None,
        typer.Option(
            envvar="SIMPANG_FOOTAGE",
            help="Folder of films with a clips.yaml; else the simulated junction is shown.",
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(help="Everything is written below it, each run in a fresh folder.")
    ] = Path("var/demo"),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the dashboard; 0 takes a free one.")
    ] = 0,
    cameras: Annotated[
        int | None,
        typer.Option(min=1, help="At most this many, jams first; else 5 simulated, or all of DIR."),
    ] = None,
    model: Annotated[
        str, typer.Option(help="A model that ships, or the path of a manifest.")
    ] = "traffic",
    duration: Annotated[
        float | None, typer.Option(min=1, help="Seconds to run for; else until Ctrl-C.")
    ] = None,
) -> None:
    """Run the whole system on this machine, watching films as cameras.

    Starts a broker, central, an RTSP server and one edge site on free ports of 127.0.0.1, prints
    the dashboard's address and one line for each thing that happens. Ctrl-C ends it all.
    """
    try:
        folder, clips = _footage(footage, at_most=cameras)
        run = new_run(data, http_port=port, at=datetime.now(UTC))
        _run(run, folder, clips, model=_absolute(model), duration_s=duration)
    except FootageError as exc:
        typer.echo(exc, err=True)
        raise typer.Exit(ExitCode.INVALID) from exc
    except (ChildError, EmbeddedBrokerError, OSError) as exc:
        typer.echo(exc, err=True)
        raise typer.Exit(ExitCode.FAILED) from exc


def _footage(named: Path | None, *, at_most: int | None) -> tuple[Path, tuple[Clip, ...]]:
    if named is not None:
        return named.resolve(), read_footage(named.resolve())[:at_most]
    if not OWN_FOOTAGE.is_dir():
        typer.echo(
            "The simulated films are in a checkout only: "
            f"give --footage DIR, or set SIMPANG_FOOTAGE;\n{EXPECTED}",
            err=True,
        )
        raise typer.Exit(ExitCode.INVALID)
    clips = {clip.camera: clip for clip in read_footage(OWN_FOOTAGE)}
    first = [clips.pop(camera) for camera in OWN_CAMERAS]
    return OWN_FOOTAGE, (*first, *clips.values())[: at_most or len(first)]


def _absolute(model: str) -> str:
    # The site's file lies in the run's folder, and paths in it start there.
    return str(Path(model).resolve()) if "/" in model or model.endswith(".yaml") else model


def _run(
    run: Run, folder: Path, clips: Sequence[Clip], *, model: str, duration_s: float | None
) -> None:
    """Start all, tell what happens until the end, and stop all in the opposite order."""
    # SIGINT too: a shell that starts the demo in the background has it ignored.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    _say(f"Simpang demo: {len(clips)} films as cameras, from {folder}")
    _say(f"Data and logs: {run.folder}")
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as processes:
        broker = EmbeddedBroker(run.folder / "broker", run.broker_port)
        processes.callback(broker.stop)
        broker.start()
        children = _start(run, folder, clips, model, processes)
        _say(f"Dashboard: {run.url}")
        _say("Ctrl-C ends it." if duration_s is None else f"It ends in {duration_s:g} s.")
        _say(
            "Potholes, rubbish and a dark lamp open complaints within two minutes, and end mended;"
        )
        _say("a jam does once it has stood for longer than a red light.\n")
        _tell(run, broker, children, duration_s)
    _say("All processes have ended.")


def _start(
    run: Run, folder: Path, clips: Sequence[Clip], model: str, processes: contextlib.ExitStack
) -> list[Child]:
    """Start central, the cameras and the edge, each as soon as what it needs is ready."""

    def child(name: str, *arguments: str) -> Child:
        started = Child(name, arguments, run.logs)
        processes.callback(started.stop)
        return started

    write_yaml(run.central_file, central_settings(run))
    central = ("simpang", "central")
    migration = child("migrate", *central, "migrate", "--config", str(run.central_file))
    migration.finish(timeout_s=READY_TIMEOUT_S)
    serve = child("central", *central, "serve", "--config", str(run.central_file))
    films = [f"{clip.camera}={folder / clip.file}" for clip in clips]
    cameras = child("cameras", "scripts.rtsp", *films)
    cameras.wait_until(lambda: len(_urls(cameras)) == len(clips), timeout_s=READY_TIMEOUT_S)
    serve.wait_until(Api(HOST, run.http_port).is_ready, timeout_s=READY_TIMEOUT_S)
    write_yaml(run.site_file, site_settings(run, clips, _urls(cameras), model=model))
    edge = child("edge", "simpang", "edge", "run", "--config", str(run.site_file))
    return [serve, cameras, edge]


def _urls(cameras: Child) -> dict[str, str]:
    """Return the addresses that the RTSP server has printed so far, by camera."""
    lines = cameras.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.rpartition("/")[2]: line for line in lines if line.startswith("rtsp://")}


def _tell(
    run: Run, broker: EmbeddedBroker, children: Sequence[Child], duration_s: float | None
) -> None:
    """Print what happens, until the time is up."""
    api, story = Api(HOST, run.http_port), Story()
    started = time.monotonic()
    while duration_s is None or time.monotonic() - started < duration_s:
        if not broker.is_running:
            msg = f"the broker ended by itself; its log is under {run.folder / 'broker'}"
            raise EmbeddedBrokerError(msg)
        for child in children:
            child.check()
        with contextlib.suppress(CentralUnreachableError):
            for line in story.lines(api.cameras(), api.incidents(), api.complaints()):
                _say(f"{datetime.now(UTC).astimezone():%H:%M:%S}  {line}")
        time.sleep(LOOK_EVERY_S)


def _say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)
