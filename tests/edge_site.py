"""A small real site: its file, and the whole edge as a child process, for tests that kill it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.deadlines import eventually
from tests.tiny_model import TinyBox, write_tiny_model

SITE = "harmoni"
VEHICLES: list[TinyBox] = [
    (x, y, x + 44.0, y + 30.0, "car") for x in (5.0, 60.0, 112.0) for y in (8.0, 50.0)
]
"""Six boxes that cover half of the view."""


def write_site(
    folder: Path,
    urls: Mapping[str, str],
    *,
    broker_port: int = 1,
    metrics_port: int | None = None,
    **changes: object,
) -> Path:
    """Write the file of a site that finds a jam within two seconds, and return its path.

    Parameters
    ----------
    urls
        Address by camera.
    broker_port
        On 127.0.0.1. Nobody listens on port 1.
    changes
        Further keys of the site.
    """
    write_tiny_model(folder, VEHICLES)
    site: dict[str, object] = {
        "site": SITE,
        "name": "Harmoni",
        "data_dir": "data",
        "model": "tiny.yaml",
        "broker": {"port": broker_port, "ack_timeout_s": 1},
        "metrics": {"port": metrics_port},
        "cameras": [a_camera(camera, url=url) for camera, url in urls.items()],
    }
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(site | changes, sort_keys=False))
    return path


def a_camera(camera: str, **changes: object) -> dict[str, object]:
    """Return a camera's entry, with one zone over its whole view and impatient time-outs."""
    rule = {"min_duration_s": 1, "clear_duration_s": 1, "smoothing_s": 0.5}
    polygon = [[0, 0], [1, 0], [1, 1], [0, 1]]
    zone = {"zone": "road", "name": "Road", "polygon": polygon, "congestion": rule}
    return {
        "camera": camera,
        "name": camera.capitalize(),
        "open_timeout_s": 2,
        "read_timeout_s": 2,
        "looks_per_s": 10,
        "check_view": False,
        "zones": [zone],
        **changes,
    }


@contextmanager
def edge_process(config: Path, *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `simpang edge run` as a child; it has started when the context is entered."""
    with log.open("ab") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "simpang", "edge", "run", "--config", str(config)],
            stderr=stderr,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
    try:
        eventually(lambda: process.poll() is not None or "watches" in log.read_text())
        yield process
    finally:
        process.kill()
        process.wait()
