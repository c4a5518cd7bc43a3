"""What a bench found: figures, each with what it is measured against; as a table and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

DIGITS = 3
"""Significant digits of every number: a fourth would change from run to run."""

_HEADER = ("figure", "value", "unit", "beside it", "value", "ratio")


class Unit(StrEnum):
    """What a figure counts; a core second is one second of processor time."""

    FRAMES = "frames/s per core"
    IMAGES = "images/s per core"
    LOOKS = "looks/s per core"
    CAMERAS = "cameras per core"
    INCIDENTS = "incidents/s"
    PUTS = "puts/s"
    CORES = "cores per camera"
    PERCENT = "%"
    S = "s"
    MS = "ms"
    MB = "MB"


class NotMeasuredError(Exception):
    """A section cannot give its figures here; says why, in words."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A peer that does the same work, or the limit that the work cannot pass.

    Attributes
    ----------
    ratio
        Our figure divided by this one, as the median over the rounds of the bench.
    """

    what: str
    value: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of ours.

    Attributes
    ----------
    key
        Its name for programs: the section, a dot, and what it measures there.
    what
        Its name for people.
    value, unit
        The median over the rounds. Less is better for milliseconds and megabytes, else more.
    """

    key: str
    what: str
    value: float
    unit: Unit
    beside: tuple[Beside, ...]


@dataclass(frozen=True, slots=True)
class NotRun:
    """A figure, or a whole section, that could not be measured here."""

    key: str
    what: str
    not_run: str


Row = Figure | NotRun


def rounded(value: float) -> float:
    """Return ``value`` with `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS}g}")


def table(rows: Sequence[Row]) -> str:
    """Return the figures as lines of aligned columns, with a line for each thing beside one."""
    cells = [_HEADER, *(line for row in rows if isinstance(row, Figure) for line in _lines(row))]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADER))]
    lines = [_aligned(_HEADER, widths), "-" * (sum(widths) + 2 * len(widths) - 2)]
    for row in rows:
        if isinstance(row, NotRun):
            lines.append(f"{row.what}  not run: {row.not_run}")
        else:
            lines += [_aligned(line, widths) for line in _lines(row)]
    return "\n".join(lines)


def shown(value: float) -> str:
    """Return a rounded number as it stands in the table."""
    return f"{value:.0f}" if abs(value) >= 10**DIGITS else f"{value:g}"


def _lines(figure: Figure) -> Iterator[tuple[str, ...]]:
    ours = (figure.what, shown(figure.value), figure.unit.value)
    if not figure.beside:
        yield (*ours, "", "", "")
    for beside in figure.beside:
        yield (*ours, beside.what, shown(beside.value), shown(beside.ratio))
        ours = ("", "", "")


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = {1, 4, 5}
    padded = [
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
