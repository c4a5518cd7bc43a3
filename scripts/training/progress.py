"""How far a long step is, on a terminal."""

import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

import typer

Item = TypeVar("Item")


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Yield items, with a bar on stderr; where that is no terminal, a line tells what is done."""
    with typer.progressbar(items, label=what, file=sys.stderr) as bar:
        yield from bar
