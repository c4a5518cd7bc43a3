"""A socket in the site's folder on which a running edge answers its own commands.

One JSON object a line each way: ``{"ask": "status"}``, and the answer, or ``{"error": "..."}``.
Whoever may write into the folder may ask; nobody else, and nothing from the network.
"""

import contextlib
import json
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Self

from edge.errors import ControlError, EdgeError

logger = logging.getLogger(__name__)

ANSWER_WITHIN_S = 30.0
_LONGEST_LINE = 64 * 1024

Answer = Callable[[], object]
"""Does what is asked, and returns what JSON can hold; raises `EdgeError` where it cannot."""


class ControlServer:
    """Answers until it is closed.

    Parameters
    ----------
    path
        Where the socket is made; one that an earlier run left behind is replaced.
    answers
        By what may be asked.

    Raises
    ------
    ControlError
        Where the socket cannot be made.
    """

    def __init__(self, path: Path, answers: Mapping[str, Answer]) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        try:
            with _short(path) as short, _private():
                self._server = _Server(short, _handler(answers))
        except OSError as exc:
            msg = f"the socket {path} cannot be made: {exc.strerror}"
            raise ControlError(msg) from exc
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="control", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


def ask(path: Path, what: str) -> dict[str, object]:
    """Ask the edge that runs at ``path``.

    Raises
    ------
    ControlError
        Where none runs, it does not answer, or it cannot do what is asked.
    """
    try:
        with _short(path) as short, socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ANSWER_WITHIN_S)
            line.connect(short)
            line.sendall(json.dumps({"ask": what}).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer = answers.readline()
    except TimeoutError as exc:
        msg = f"the edge at {path} has not answered for {ANSWER_WITHIN_S:g} s"
        raise ControlError(msg) from exc
    except OSError as exc:
        msg = f"no edge runs with the data_dir {path.parent}: {exc.strerror}"
        raise ControlError(msg) from exc
    said = json.loads(answer) if answer else {"error": "the edge ended before it answered"}
    if "error" in said:
        raise ControlError(str(said["error"]))
    assert isinstance(said, dict)
    return said


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def _handler(answers: Mapping[str, Answer]) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        timeout = ANSWER_WITHIN_S

        def handle(self) -> None:
            answer = _answered(self.rfile.readline(_LONGEST_LINE), answers)
            # Who asked may have gone away.
            with contextlib.suppress(OSError):
                self.wfile.write(json.dumps(answer).encode() + b"\n")

    return Handler


def _answered(line: bytes, answers: Mapping[str, Answer]) -> object:
    try:
        asked = json.loads(line)["ask"]
        answer = answers[asked]
    except (ValueError, KeyError, TypeError):
        return {"error": f'expected {{"ask": ...}} with one of {", ".join(answers)}'}
    try:
        return answer()
    except EdgeError as exc:
        return {"error": str(exc)}


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """Give a name for ``path`` that a socket's address has room for: it holds 107 bytes."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@contextlib.contextmanager
def _private() -> Iterator[None]:
    """Let what is made be its owner's alone."""
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)
