"""How the scripts' commands end when something is wrong: with its words, and without a trace."""

import contextlib
from collections.abc import Iterator

import typer

from simpang import ExitCode


@contextlib.contextmanager
def told(*errors: type[Exception]) -> Iterator[None]:
    """Tell errors of these types in words, and end the process as failed."""
    try:
        yield
    except errors as exc:
        typer.echo(exc, err=True)
        raise typer.Exit(ExitCode.FAILED) from exc
