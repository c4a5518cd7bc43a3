"""``simpang edge``: one site's commands. Parse, call, print; what they do is elsewhere."""

import json
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from analytics.messages import (
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    OutboxFigures,
    encode,
)
from edge import app as edge_app
from edge.check import check_site
from edge.config import (
    DEFAULT_MODEL,
    POTHOLE_MODEL,
    RUBBISH_MODEL,
    control_path,
    load_camera,
    load_site,
)
from edge.control import ask
from edge.errors import ConfigError, EdgeError, StreamError
from edge.keeping import Keep
from edge.outbox import Entry, OutboxReader
from edge.replay import EvidenceFolder, ReplayResult, incident_line, replay
from edge.slow_detectors import SlowDetectors
from edge.status import SiteStatus
from edge.status_table import table
from models.detectors import Detectors
from models.errors import ModelError
from models.manifest import find_manifest, load_manifest
from simpang import ExitCode

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

ConfigFile = Annotated[Path, typer.Option("--config", metavar="FILE", help="The site's YAML file.")]
WATCH_EVERY_S = 2.0
CLEAR_SCREEN = "\x1b[2J\x1b[H"  # ECMA-48: erase all, cursor home

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


class Speed(StrEnum):
    """How fast a film is played."""

    REAL_TIME = "real-time"
    MAX = "max"


@app.callback(epilog="Example: simpang edge check --config site.yaml")
def edge() -> None:
    """Watch one site's cameras and send what they find."""


@app.command(epilog="Example: simpang edge check --config site.yaml --probe")
def check(
    *,
    config: ConfigFile,
    probe: Annotated[
        bool, typer.Option("--probe", help="Also ask each camera and the broker for an answer.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell whether a site could run; exit code 3 where it is not valid, 4 where one is silent.

    Changes nothing; the site may be running.
    """
    report = check_site(config, environ=os.environ, probes=probe)
    typer.echo(json.dumps(report.fields()) if as_json else report.text())
    if report.problems:
        raise typer.Exit(ExitCode.INVALID)
    if report.reached is not None and not report.reached.is_complete:
        raise typer.Exit(ExitCode.UNREACHABLE)


@app.command(epilog="Example: simpang edge run --config site.yaml")
def run(*, config: ConfigFile) -> None:
    """Watch the site's cameras until SIGTERM or Ctrl-C; a second Ctrl-C ends at once."""
    try:
        edge_app.run(config, environ=os.environ, software=version("simpang"))
    except EdgeError as exc:
        _stop(exc)


@app.command(epilog="Example: simpang edge status --config site.yaml --watch")
def status(
    *,
    config: ConfigFile,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every two seconds.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how a running site is doing: its cameras, workers and outbox."""
    while True:
        answer = _asked(config, "status")
        if watch and not as_json:
            typer.echo(CLEAR_SCREEN, nl=False)
        typer.echo(json.dumps(answer) if as_json else table(SiteStatus.read(answer)))
        if not watch:
            return
        time.sleep(WATCH_EVERY_S)


@app.command(epilog="Example: simpang edge reload --config site.yaml")
def reload(*, config: ConfigFile, as_json: AsJson = False) -> None:
    """Let a running site read its configuration again; cameras that stay the same go on.

    Nothing changes where the configuration is not valid.
    """
    answer = _asked(config, "reload")
    typer.echo(json.dumps(answer) if as_json else answer["text"])


@app.command("replay", epilog="Example: simpang edge replay jam.mp4 --camera camera.yaml --json")
def replay_film(
    film: Annotated[Path, typer.Argument(metavar="FILE", help="A film.")],
    *,
    camera: Annotated[Path, typer.Option(metavar="CAMERA.yaml", help="The camera's settings.")],
    model: Annotated[
        str, typer.Option(metavar="NAME", help="A model that ships, or a manifest's path.")
    ] = DEFAULT_MODEL,
    speed: Annotated[
        Speed, typer.Option(help="As fast as it can be looked at, or as a camera would send it.")
    ] = Speed.MAX,
    start_at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Time of the first frame, ISO 8601 with offset; default: now."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each incident message as one JSON line.")
    ] = False,
    evidence: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the blurred pictures there.")
    ] = None,
) -> None:
    """Run a camera's pipeline on a film and print every incident; no broker is needed."""
    started_at = _aware(start_at)
    try:
        settings = load_camera(camera, environ=os.environ)
        slow_models = {
            IncidentKind.POTHOLE: POTHOLE_MODEL,
            IncidentKind.RUBBISH: RUBBISH_MODEL,
        }
        result = replay(
            film,
            settings,
            Detectors(load_manifest(find_manifest(model))),
            _printer(EvidenceFolder(evidence) if evidence else None, as_json=as_json),
            slow_detectors=SlowDetectors(slow_models).of(settings),
            start_at=started_at,
            pace="max" if speed is Speed.MAX else "real_time",
            software=version("simpang"),
        )
    except (EdgeError, ModelError) as exc:
        _stop(exc)
    typer.echo(_summary(result), err=True)


@app.command(epilog="Example: simpang edge outbox --config site.yaml --json")
def outbox(
    *,
    config: ConfigFile,
    limit: Annotated[int, typer.Option(min=0, help="Show at most so many messages.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show what waits on the disk for central; also while the site runs."""
    try:
        settings = load_site(config, environ=os.environ)
        with OutboxReader(settings.outbox_path) as reader:
            figures = reader.figures(datetime.now(UTC))
            entries = reader.entries(limit=limit)
    except EdgeError as exc:
        _stop(exc)
    if as_json:
        shown = [_entry_fields(entry) for entry in entries]
        typer.echo(json.dumps({**figures.model_dump(mode="json"), "messages": shown}))
    else:
        typer.echo("\n".join([_figures_text(figures), *map(_entry_text, entries)]))


def _asked(config: Path, what: str) -> dict[str, object]:
    try:
        return ask(control_path(config), what)
    except EdgeError as exc:
        _stop(exc)


def _stop(exc: EdgeError | ModelError) -> NoReturn:
    is_invalid = isinstance(exc, ConfigError | ModelError)
    typer.echo(exc.text if isinstance(exc, StreamError) else str(exc), err=True)
    raise typer.Exit(ExitCode.INVALID if is_invalid else ExitCode.FAILED) from exc


def _aware(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        msg = f"{text!r} is no time with its offset, expected one like 2026-08-17T10:00:00+07:00"
        raise typer.BadParameter(msg, param_hint="--start-at")
    return at.astimezone(UTC)


def _printer(folder: EvidenceFolder | None, *, as_json: bool) -> Keep:
    def keep(messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        for message in messages:
            if isinstance(message, IncidentMessage):
                typer.echo(encode(message) if as_json else incident_line(message))
            elif folder is not None:
                folder.write(message)

    return keep


def _summary(result: ReplayResult) -> str:
    counts = {
        "look(s)": result.looks,
        "incident(s) open at the end": result.open_incidents,
        "broken picture(s) in the film": result.undecodable,
        "picture(s) withheld": result.evidence_withheld,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def _figures_text(figures: OutboxFigures) -> str:
    age = "" if figures.oldest_age_s is None else f", the oldest for {figures.oldest_age_s:.0f} s"
    return f"{figures.depth} message(s) wait{age}; {figures.size_bytes / 2**20:.1f} MiB on disk"


def _entry_text(entry: Entry) -> str:
    return f"{entry.put_at:%Y-%m-%d %H:%M:%S}Z  {entry.topic}  {len(entry.payload)} bytes"


def _entry_fields(entry: Entry) -> dict[str, object]:
    return {
        "message_id": str(entry.message_id),
        "topic": entry.topic,
        "put_at": entry.put_at.isoformat(),
        "size_bytes": len(entry.payload),
    }
