"""The edge's own socket: asked on a real one, by itself and by what is no command."""

import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.control import ControlServer, ask
from edge.errors import ControlError, EdgeError


def fails() -> object:
    msg = "the disk is gone"
    raise EdgeError(msg)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    # Longer than the address of a socket may be.
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    path = folder / "edge.sock"
    with ControlServer(path, {"status": lambda: {"site": "harmoni"}, "reload": fails}):
        yield path


def test_what_is_asked_is_answered_each_time(path: Path) -> None:
    assert ask(path, "status") == ask(path, "status") == {"site": "harmoni"}


def test_what_cannot_be_done_is_told_to_who_asked(path: Path) -> None:
    with pytest.raises(ControlError, match="the disk is gone"):
        ask(path, "reload")
    with pytest.raises(ControlError, match="one of status, reload"):
        ask(path, "sing")


def test_only_its_owner_may_ask(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("words", [b"\n", b"[]\n", b"\xff\xfe\n", b'{"ask": {}}\n'])
def test_nonsense_gets_an_answer_and_does_not_end_it(
    path: Path, words: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path.name)
        line.sendall(words)
        answer = json.loads(line.makefile("rb").readline())
    assert "expected" in answer["error"]
    assert ask(path, "status") == {"site": "harmoni"}


def test_where_no_edge_runs_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="no edge runs with the data_dir"):
        ask(tmp_path / "edge.sock", "status")


def test_a_socket_that_was_left_behind_is_replaced_and_taken_away_at_the_end(
    tmp_path: Path,
) -> None:
    path = tmp_path / "edge.sock"
    path.touch()
    with ControlServer(path, {"status": dict}):
        assert ask(path, "status") == {}
    assert not path.exists()
