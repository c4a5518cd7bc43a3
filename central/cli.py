"""``simpang central``: the city side's commands. Parse, call, print; what they do is elsewhere."""

import json
import logging
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from central import app as central_app
from central.admission import retry_dead_letter
from central.config import CentralSettings, load_central
from central.errors import (
    CentralError,
    ConfigError,
    SchemaError,
    StoreUnavailableError,
)
from central.reading import DeadLetterItem
from central.store import DeadLetter, Store
from simpang import ExitCode

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)

ConfigFile = Annotated[Path, typer.Option("--config", metavar="FILE", help="Central's YAML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@app.callback()
def central() -> None:
    """Take incidents in, open complaints, and show them."""
    for chatty in ("alembic", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@app.command(epilog="Example: simpang central serve --config central.yaml")
def serve(*, config: ConfigFile) -> None:
    """Run central until SIGTERM or Ctrl-C."""
    try:
        central_app.serve(load_central(config, environ=os.environ))
    except CentralError as error:
        _stop(error)


@app.command(epilog="Example: simpang central check --config central.yaml")
def check(*, config: ConfigFile, as_json: AsJson = False) -> None:
    """Tell whether a configuration is valid; connects to nothing. Exit code 3 where it is not."""
    try:
        load_central(config, environ=os.environ)
    except ConfigError as error:
        if not as_json:
            _stop(error)
        typer.echo(json.dumps({"path": str(error.path), "problems": error.problems}))
        raise typer.Exit(ExitCode.INVALID) from error
    if as_json:
        typer.echo(json.dumps({"path": str(config), "problems": []}))
    else:
        typer.echo(f"{config} is valid")


@app.command(epilog="Example: simpang central migrate --config central.yaml")
def migrate(*, config: ConfigFile) -> None:
    """Bring the database to this program's schema; creates it where there is none."""
    # Here, and not above: no other command needs Alembic.
    from central.store.migrating import migrate as migrate_database

    try:
        settings = load_central(config, environ=os.environ)
        database = central_app.open_books(settings)
        try:
            typer.echo(f"the schema is at {migrate_database(database)}")
        finally:
            database.close()
    except CentralError as error:
        _stop(error)


@app.command("dead-letters", epilog="Example: simpang central dead-letters --config c.yaml --json")
def dead_letters(
    *,
    config: ConfigFile,
    limit: Annotated[int, typer.Option(min=1, help="List at most this many.")] = 100,
    show: Annotated[
        int | None, typer.Option(metavar="ID", help="Show this one whole, and list none.")
    ] = None,
    retry: Annotated[
        int | None, typer.Option(metavar="ID", help="Take this one again, then list the rest.")
    ] = None,
    drop: Annotated[
        int | None, typer.Option(metavar="ID", help="Remove this one for good, then list the rest.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the messages that could not be taken, the one seen last first."""
    with _books(config) as (settings, store):
        if show is not None:
            typer.echo(_shown(store.dead_letter(show), as_json=as_json))
            return
        if retry is not None:
            retry_dead_letter(store, retry, sites=settings.sites, at=datetime.now(UTC))
        if drop is not None:
            store.drop_dead_letter(drop, at=datetime.now(UTC))
        letters = store.dead_letters(limit=limit)
    if as_json:
        fields = [asdict(letter) for letter in letters]
        typer.echo(json.dumps({"dead_letters": fields}, default=str))
    else:
        typer.echo("\n".join(_line(letter) for letter in letters) or "no dead letters")


@contextmanager
def _books(config: Path) -> Iterator[tuple[CentralSettings, Store]]:
    try:
        settings = load_central(config, environ=os.environ)
        database = central_app.open_books(settings)
        try:
            store = Store(database, settings.policies, settings.recheck.policy())
            store.check()
            yield settings, store
        finally:
            database.close()
    except CentralError as error:
        _stop(error)


def _shown(letter: DeadLetter, *, as_json: bool) -> str:
    if as_json:
        payload = b64encode(letter.payload).decode()
        return json.dumps(asdict(letter) | {"payload": payload, "is_whole": letter.is_whole})
    kept = "all" if letter.is_whole else f"the first {len(letter.payload)}"
    return "\n".join(
        [
            f"{letter.fault.value}: {letter.detail}",
            f"on {letter.topic}, {letter.size_bytes} bytes, of which {kept} are kept:",
            letter.payload_text,
        ]
    )


def _line(letter: DeadLetterItem) -> str:
    seen = f"{letter.last_seen_at:%Y-%m-%d %H:%M:%S}Z, {letter.times_seen} times"
    what = f"{letter.fault.value}, {letter.size_bytes} bytes on {letter.topic}"
    return f"{letter.dead_letter_id}  {seen}: {what}: {letter.detail}"


def _stop(error: CentralError) -> NoReturn:
    typer.echo(error, err=True)
    if isinstance(error, ConfigError | SchemaError):
        code = ExitCode.INVALID
    elif isinstance(error, StoreUnavailableError):
        code = ExitCode.UNREACHABLE
    else:
        code = ExitCode.FAILED
    raise typer.Exit(code) from error
