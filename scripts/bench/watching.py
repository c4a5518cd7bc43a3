"""A camera that is a film: what the pipeline and the memory sections both watch."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from analytics.frames import Frame, Image
from edge.camera_config import CameraSettings
from edge.outbox import Outbox
from edge.pipeline import CameraPipeline
from edge.sampling import EVERY_PICTURE, Sampling
from edge.sources import open_file
from edge.view_config import ZoneSettings
from edge.views import KeptView
from models.detector import Detector

SITE = "bench"
SOFTWARE = "bench"
OUTBOX_BYTES = 256 * 1024 * 1024

Corners = tuple[tuple[float, float], ...]

WHOLE_VIEW: dict[str, Corners] = {"view": ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))}


def camera_of(name: str, zones: dict[str, Corners]) -> CameraSettings:
    """Return the settings of a camera that watches ``zones``, corners in fractions of the view."""
    return CameraSettings(
        camera=name,
        name=name,
        simulated=True,
        zones=tuple(
            ZoneSettings(zone=zone, name=zone, polygon=corners) for zone, corners in zones.items()
        ),
    )


@contextmanager
def frames_of(
    film: Path,
    sampling: Sampling,
    *,
    limit: int | None = None,
    within_px: tuple[int, int] | None = None,
) -> Iterator[Iterator[Frame]]:
    """Give a film's frames as fast as they can be read, ``limit`` at most.

    Parameters
    ----------
    within_px
        Width and height that they are scaled down to fit in; None for as they come.
    """
    at = datetime.now(UTC)
    source = open_file(film, sampling=sampling, within_px=within_px, start_at=at, pace="max")
    with closing(source):
        yield (sample.frame() for sample in islice(source.samples(), limit))


def first_picture(film: Path) -> Image:
    """Return a film's first picture, BGR uint8, shape ``(h, w, 3)``."""
    with frames_of(film, EVERY_PICTURE, limit=1) as frames:
        return next(frames).image


def watch(
    films: Sequence[tuple[Path, CameraSettings]],
    detector: Detector,
    outbox_path: Path,
    *,
    sampling: Sampling,
    limit: int | None = None,
) -> int:
    """Watch films with one detector and one outbox, in turns, and return how often was looked.

    Parameters
    ----------
    limit
        Looks at each film, at most.
    """
    looks = 0
    with ExitStack() as open_parts:
        outbox = open_parts.enter_context(Outbox(outbox_path, limit_bytes=OUTBOX_BYTES))
        keep = partial(outbox.put, at=datetime.now(UTC))
        cameras = []
        for film, settings in films:
            pipeline = CameraPipeline(
                SITE, settings, detector, keep, view=KeptView(None), software=SOFTWARE
            )
            opening = frames_of(film, sampling, limit=limit)
            cameras.append((pipeline, open_parts.enter_context(opening)))
        while cameras:
            watching = []
            for pipeline, frames in cameras:
                frame = next(frames, None)
                if frame is not None:
                    pipeline.look(frame)
                    looks += 1
                    watching.append((pipeline, frames))
            cameras = watching
    return looks
