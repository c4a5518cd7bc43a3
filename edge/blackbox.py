"""What each thread of a worker was busy with, in memory that outlives the process.

Foreign code, a codec above all, may take the whole process down. Python then still writes which
thread it was (`faulthandler`), and this tells which camera that thread had in hand.
"""

import mmap
import os
import re
import struct
import threading

_ROW = struct.Struct("<Q64s")
"""A thread, as `threading.get_ident` names it, and a camera's slug."""

_ROWS = 1024
"""More than twice the cameras of a site."""

SIZE_BYTES = _ROW.size * _ROWS

_CRASHED = re.compile(r"Current thread 0x([0-9a-f]+).*?(?=\n\n|\nThread 0x|\Z)", re.DOTALL)
"""The part of `faulthandler`'s words that tells of the thread which crashed."""


class BlackBox:
    """The worker's end; a thread's note replaces the one before.

    Parameters
    ----------
    handle
        File descriptor of a file of `SIZE_BYTES`, shared with the supervisor.
    """

    def __init__(self, handle: int) -> None:
        self._memory = mmap.mmap(handle, SIZE_BYTES)
        self._lock = threading.Lock()
        self._rows: dict[int, int] = {}

    def note(self, camera: str) -> None:
        """Note that the calling thread now works for ``camera``; empty for none."""
        # A thread that ended leaves its row behind, and the next of the same number takes it over.
        thread = threading.get_ident()
        with self._lock:
            row = self._rows.setdefault(thread, len(self._rows) % _ROWS)
        _ROW.pack_into(self._memory, row * _ROW.size, thread, camera.encode())


def culprit(handle: int, crash: str) -> str | None:
    """Return the camera that the thread which crashed had in hand; None where it had none.

    Parameters
    ----------
    handle
        Of the `BlackBox`.
    crash
        What `faulthandler` wrote.
    """
    thread = _CRASHED.search(crash)
    if thread is None:
        return None
    threads = dict(_ROW.iter_unpack(os.pread(handle, SIZE_BYTES, 0)))
    camera = threads.get(int(thread[1], 16), b"").rstrip(b"\0").decode()
    return camera or None


def trace_of(crash: str) -> str:
    """Return where the thread which crashed was, with what happened to it; empty for no crash."""
    thread = _CRASHED.search(crash)
    return "" if thread is None else f"{crash.partition(chr(10))[0]}\n{thread[0]}"
