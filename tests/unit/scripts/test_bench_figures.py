"""The table of `make bench`."""

import pytest

from scripts.bench.figures import Beside, Figure, NotRun, Unit, rounded, table


def test_the_table_shows_each_figure_with_all_that_stands_beside_it() -> None:
    figure = Figure(
        key="decode.every_frame",
        what="decode",
        value=183.0,
        unit=Unit.FRAMES,
        beside=(Beside("cv2", 153.0, 1.2), Beside("PyAV", 1220.0, 0.15)),
    )
    header, rule, first, second = table([figure]).splitlines()
    assert header.split("  ")[0] == "figure"
    assert set(rule) == {"-"}
    assert first.split() == ["decode", "183", "frames/s", "per", "core", "cv2", "153", "1.2"]
    assert second.split() == ["PyAV", "1220", "0.15"]


def test_the_numbers_of_a_column_end_below_each_other() -> None:
    figures = [
        Figure(f"x.{value}", "x", value, Unit.MS, (Beside("y", value, 1.0),))
        for value in (0.25, 19.6, 1370.0)
    ]
    lines = table(figures).splitlines()[2:]
    assert len({line.index(" ms ") for line in lines}) == 1
    assert len({len(line) for line in lines}) == 1


def test_what_was_not_run_says_why() -> None:
    row = NotRun("delivery.postgresql", "delivery, PostgreSQL", "PostgreSQL is not installed")
    line = table([row]).splitlines()[-1]
    assert line == "delivery, PostgreSQL  not run: PostgreSQL is not installed"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.067712, 0.0677), (39.12, 39.1), (2934.7, 2930.0), (0.0, 0.0)],
)
def test_numbers_keep_three_digits(value: float, expected: float) -> None:
    assert rounded(value) == expected
