"""How contestants of `make bench` are compared."""

import itertools
import time

import pytest

from scripts.bench.contest import Contest, hold, per_core_second, per_second
from scripts.bench.figures import Beside, Unit


def test_contestants_take_turns_and_nobody_always_follows_the_same_one() -> None:
    order: list[str] = []

    def contestant(name: str) -> float:
        order.append(name)
        return 1.0

    hold({name: lambda name=name: contestant(name) for name in "abc"}, rounds=3)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
    assert "".join(order) == "abcbcacab"


def test_every_round_is_kept() -> None:
    numbers = itertools.count(1)
    contest = hold({"a": lambda: float(next(numbers))}, rounds=3)
    assert contest.laps == {"a": [1.0, 2.0, 3.0]}
    assert contest.median("a") == 2.0


def test_a_ratio_compares_laps_of_one_round() -> None:
    # The machine was slow in the last round, for both.
    contest = Contest({"ours": [100.0, 100.0, 10.0], "peer": [50.0, 50.0, 5.0]})
    assert contest.ratio("ours", "peer") == 2.0


def test_a_figure_holds_the_peers_that_it_names() -> None:
    contest = Contest({"ours": [3.0], "peer": [2.0], "other": [1.0]})
    figure = contest.figure("a.b", "what", Unit.MS, "ours", "peer")
    assert (figure.value, figure.beside) == (3.0, (Beside("peer", 2.0, 1.5),))


def test_waiting_costs_no_core_second() -> None:
    def wait() -> int:
        time.sleep(0.05)
        return 1

    assert per_second(wait)() == pytest.approx(20, rel=0.5)
    assert per_core_second(wait)() > 100
