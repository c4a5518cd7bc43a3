"""What a process takes of the machine, as Linux tells in ``/proc``."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_USER, _SYSTEM = 11, 12
"""Fields of ``/proc/<pid>/stat`` behind the name, from 0: proc(5), utime and stime."""

_RESIDENT = 1
"""Field of ``/proc/<pid>/statm``, from 0: proc(5)."""


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """Processor time since the start, seconds, and resident memory."""

    processor_s: float = 0.0
    memory_bytes: int = 0


def process_figures(pid: int) -> ProcessFigures:
    """Return what a process takes; nothing where it is gone."""
    folder = Path("/proc", str(pid))
    try:
        # The name, in brackets, may hold anything, spaces and brackets too.
        stat = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
        pages = (folder / "statm").read_text("utf-8").split()
    except OSError:
        return ProcessFigures()
    processor_s = (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICKS_PER_S
    return ProcessFigures(processor_s, int(pages[_RESIDENT]) * _PAGE_BYTES)
