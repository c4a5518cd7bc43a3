"""Films made side by side: each in a process of its own, with one thread."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import cv2

from scripts.twin.film.encoder import FilmWriter
from scripts.twin.film.reel import Reel
from scripts.twin.looks import LOOKS
from scripts.twin.plates import plates_file
from scripts.twin.scenario import Scenario
from scripts.twin.truth import Truth, truth_text, write_truth

ONE_THREAD = {"LP_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""For Mesa's software rasteriser and for numpy: each process has a core to itself."""

_IDENTICAL = "truth identical"


@dataclass(frozen=True, slots=True)
class Done:
    """A film that was made or checked.

    Attributes
    ----------
    story
        What came out, in a few words.
    as_stored
        Whether its truth is what is stored; always so where it was just made.
    """

    film: str
    story: str
    as_stored: bool = True


@dataclass(frozen=True, slots=True)
class Work:
    """One scenario, and where its plates lie and its film belongs.

    Attributes
    ----------
    frames
        Only so many; None for all.
    """

    scenario: Scenario
    plates: Path
    out: Path
    frames: int | None = None

    @property
    def film(self) -> Path:
        """The film's file."""
        return self.out / f"{self.scenario.name}.mp4"

    @property
    def truth(self) -> Path:
        """The truth's file."""
        return self.out / f"{self.scenario.name}.json"

    def missing_plates(self) -> list[Path]:
        """Return the plates that it needs and that are not baked yet."""
        scenario, wet = self.scenario, LOOKS[self.scenario.look].wet
        cameras = filter(None, (scenario.camera, scenario.turned_camera))
        files = [plates_file(self.plates, camera, wet=wet) for camera in cameras]
        return [file for file in files if not file.is_file()]


def render(work: Work) -> Done:
    """Write a film and its truth, and tell whether that is what was there before."""
    started = time.monotonic()
    reel, truths = Reel(work.scenario, work.plates), []
    with FilmWriter(work.film, work.scenario.pixels, work.scenario.fps) as film:
        for shot in reel.shots(last=work.frames):
            film.write(shot.image)
            truths.append(shot.truth)
    truth = reel.truth(truths)
    verdict = _compared(truth, work.truth)
    write_truth(work.truth, truth)
    took = time.monotonic() - started
    size = work.film.stat().st_size / 1e6
    return Done(work.film.name, f"{len(truths)} frames in {took:.0f} s, {size:.1f} MB, {verdict}")


def check(work: Work) -> Done:
    """Work out a film's truth again, and compare it with what is stored."""
    reel = Reel(work.scenario, work.plates)
    verdict = _compared(reel.truth(list(reel.frame_truths())), work.truth)
    return Done(work.film.name, verdict, as_stored=verdict == _IDENTICAL)


def _compared(truth: Truth, stored: Path) -> str:
    if not stored.is_file():
        return "no truth was stored"
    same = stored.read_text(encoding="utf-8") == truth_text(truth)
    return _IDENTICAL if same else "truth differs"


def each(task: Callable[[Work], Done], works: Sequence[Work], *, jobs: int) -> Iterator[Done]:
    """Yield what came of each work, as it is done; the longest films are started first.

    The first error ends it; it is raised as it was.

    Raises
    ------
    FileNotFoundError
        With all plates that are not baked yet.
    """
    missing = sorted({str(file) for work in works for file in work.missing_plates()})
    if missing:
        raise FileNotFoundError(f"not baked yet: {', '.join(missing)}; `make footage` bakes them")
    longest_first = sorted(works, key=lambda work: -_effort(work))
    with _pool(jobs) as pool:
        futures = [pool.submit(task, work) for work in longest_first]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _effort(work: Work) -> int:
    width, height = work.scenario.pixels
    return work.scenario.frames * width * height


def _pool(jobs: int) -> Executor:
    os.environ.update(ONE_THREAD)
    # Spawned: a forked process would share its parent's OpenGL.
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, spawn, initializer=cv2.setNumThreads, initargs=(1,))
