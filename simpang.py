"""The one command: mounts each package's sub-commands, and loads none before it is asked for."""

import importlib
import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from importlib.metadata import version
from typing import Annotated, TextIO

import typer

LOG_FIELDS = ("site_id", "camera_id", "incident_id", "complaint_id")
"""What a log record may carry as `extra`: one trail from a frame to an agency."""


class ExitCode(IntEnum):
    """What the exit code of every command says; listed in ``docs/cli.md``."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INVALID = 3
    UNREACHABLE = 4


class LogLevel(StrEnum):
    """How much of the story goes to stderr."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Part:
    """A package's sub-commands.

    Attributes
    ----------
    module
        Where its Typer ``app`` is.
    extra
        What has to be installed for it, as pip takes it.
    help
        One line for ``simpang --help``.
    """

    module: str
    extra: str
    help: str

    def load(self) -> typer.Typer:
        """Import the sub-commands.

        Raises
        ------
        ModuleNotFoundError
            Where a library of its extra is not installed.
        """
        app = importlib.import_module(self.module).app
        assert isinstance(app, typer.Typer), self.module
        return app


PARTS = {
    "edge": Part("edge.cli", "edge", "One site: cameras in, messages out."),
    "central": Part("central.cli", "central", "The city side: incidents in, complaints out."),
    "model": Part("models.cli", "edge", "The models: list, verify and time them."),
    "demo": Part("scripts.demo", "edge,central", "The whole system on this machine, on footage."),
}


class JsonLines(logging.Formatter):
    """Writes each record as one JSON object with fixed keys."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        line |= {name: str(vars(record)[name]) for name in LOG_FIELDS if name in vars(record)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logging(level: LogLevel, stream: TextIO) -> None:
    """Send all logs to ``stream``: as text to a terminal, else as JSON lines."""
    text = logging.Formatter("%(asctime)sZ %(levelname)-7s %(name)s: %(message)s")
    text.converter = time.gmtime
    handler = logging.StreamHandler(stream)
    handler.setFormatter(text if stream.isatty() else JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


def _show_version(*, is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"simpang {version('simpang')}")
        raise typer.Exit


@app.callback(epilog="Example: simpang edge check --config site.yaml")
def _simpang(
    *,
    log_level: Annotated[
        LogLevel, typer.Option(help="How much of the story goes to stderr.")
    ] = LogLevel.INFO,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda is_asked: _show_version(is_asked=is_asked),
            help="Print the version and end.",
        ),
    ] = False,
) -> None:
    """CCTV analytics for a city, from camera to complaint."""
    set_up_logging(log_level, sys.stderr)


def _mount(name: str, part: Part) -> None:
    # A command that hands all its arguments on, because a mounted group must be imported to be
    # listed: `simpang --help` would then ask a central-only machine for the edge's libraries.
    app.command(
        name,
        help=part.help,
        add_help_option=False,
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "allow_interspersed_args": False,
        },
    )(_handed_on(part))


def _handed_on(part: Part) -> Callable[[typer.Context], None]:
    def run(ctx: typer.Context) -> None:
        try:
            sub_app = part.load()
        except ModuleNotFoundError as exc:
            hint = f"pip install 'simpang[{part.extra}]'"
            typer.echo(f"{ctx.command_path} needs {exc.name}, see: {hint}", err=True)
            raise typer.Exit(ExitCode.FAILED) from exc
        typer.main.get_command(sub_app)(args=ctx.args, prog_name=ctx.command_path)

    return run


for _name, _part in PARTS.items():
    _mount(_name, _part)


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
