"""What a farm consists of, and what its command line takes."""

from pathlib import Path

import pytest

from scripts.camera_farm import FAULTS, KEY_FRAMES_APART_S, Plan, main
from scripts.rtsp import Fault

FILMS = [Path("a.mp4"), Path("b.mp4")]


def phases(plan: Plan) -> list[float]:
    """How far each camera's key frames are behind the grid, in seconds."""
    return [(feed.phase_s or 0.0) % KEY_FRAMES_APART_S for feed in plan.feeds().values()]


def test_cameras_are_numbered_and_show_the_films_in_turn() -> None:
    feeds = Plan(3, FILMS).feeds()

    assert list(feeds) == ["cam-001", "cam-002", "cam-003"]
    assert [feed.path for feed in feeds.values()] == [FILMS[0], FILMS[1], FILMS[0]]


def test_key_frames_are_spread_evenly_or_meet() -> None:
    assert sorted(phases(Plan(4, FILMS))) == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert phases(Plan(4, FILMS, in_phase=True)) == [0.0] * 4


def test_cameras_that_show_the_same_film_show_other_parts_of_it() -> None:
    feeds = list(Plan(6, FILMS, in_phase=True).feeds().values())

    assert len({(feed.path, feed.phase_s) for feed in feeds}) == 6


def test_the_seed_says_which_cameras_fail_and_that_none_fails_twice() -> None:
    faults = {"stall": 2, "slow": 1, "backward": 1}
    plan = Plan(20, FILMS, faults, seed=3)
    feeds = plan.feeds()

    assert sorted(plan.failing().values()) == ["backward", "slow", "stall", "stall"]
    assert plan.failing() == Plan(20, FILMS, faults, seed=3).failing()
    assert plan.failing() != Plan(20, FILMS, faults, seed=4).failing()
    for path, name in plan.failing().items():
        assert feeds[path].fault is FAULTS[name]
        assert (feeds[path].answer_after_s > 0) == (name == "slow")
        assert (feeds[path].jump_s < 0) == (name == "backward")
    assert sum(feed.fault is Fault.STALL for feed in feeds.values()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cameras", "0"], "0 is no number of cameras"),
        (["--faults", "stall"], "stall is no fault=count"),
        (["--faults", "hiccup=1"], "the faults are stall, drop"),
        (["--cameras", "1", "--film", "a.mp4", "--faults", "stall=2"], "more cameras than the 1"),
    ],
)
def test_a_wrong_command_line_is_refused_in_words(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_film_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--film", "missing.mp4"])

    assert caught.value.code == 1
    assert "missing.mp4" in capsys.readouterr().err
