"""The one command: loads nothing before it is asked for, and says what is missing."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

import simpang
from simpang import PARTS, ExitCode, LogLevel, set_up_logging

HEAVY = ["av", "cv2", "onnxruntime", "paho", "fastapi", "sqlalchemy", "edge", "central", "models"]


def python(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_help_of_all_parts_loads_none_of_them() -> None:
    program = (
        "import sys, simpang\n"
        "sys.argv = ['simpang', '--help']\n"
        "try: simpang.main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    ended = python(program)
    assert ended.stdout.splitlines()[-1] == "[]", ended.stderr
    assert all(f" {name} " in ended.stdout for name in PARTS)


def test_a_part_whose_libraries_are_missing_says_what_to_install() -> None:
    program = (
        "import sys, simpang\n"
        "sys.modules['av'] = None\n"
        "sys.argv = ['simpang', 'edge', 'check', '--config', 'x']\n"
        "simpang.main()"
    )
    ended = python(program)
    assert ended.returncode == ExitCode.FAILED
    assert ended.stderr.strip().endswith("needs av, see: pip install 'simpang[edge]'")
    assert "Traceback" not in ended.stderr


def test_arguments_reach_the_part_as_they_were_given() -> None:
    result = CliRunner().invoke(simpang.app, ["edge", "check", "--config", "no-such.yaml"])
    assert result.exit_code == ExitCode.INVALID
    assert "no-such.yaml: not valid" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["--version"], ExitCode.DONE, id="version"),
        pytest.param(["nonsense"], ExitCode.USAGE, id="no such part"),
        pytest.param(["edge", "nonsense"], ExitCode.USAGE, id="no such command"),
        pytest.param(["edge", "check"], ExitCode.USAGE, id="a missing option"),
        pytest.param(["--log-level", "loud", "edge"], ExitCode.USAGE, id="no such level"),
    ],
)
def test_exit_codes_tell_bad_usage_from_success(arguments: list[str], code: ExitCode) -> None:
    assert CliRunner().invoke(simpang.app, arguments).exit_code == code


def test_a_service_logs_json_lines_with_the_fields_of_the_trail(
    root_logger: logging.Logger,
) -> None:
    stream = io.StringIO()
    set_up_logging(LogLevel.INFO, stream)
    root_logger.debug("not this")
    root_logger.info("a %s", "word", extra={"camera_id": "one", "other": 1})
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        root_logger.exception("it broke")
    told, broke = map(json.loads, stream.getvalue().splitlines())
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "info", "logger": "root", "text": "a word", "camera_id": "one"}
    assert "ZeroDivisionError" in broke["traceback"]


def test_a_terminal_gets_text(root_logger: logging.Logger) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    set_up_logging(LogLevel.WARNING, stream)
    root_logger.warning("plain words")
    assert stream.getvalue().endswith("Z WARNING root: plain words\n")
