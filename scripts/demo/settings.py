"""The configuration files of a demo run: the same that an installer would write by hand."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from scripts.demo.footage import Clip, shown, slug

HOST = "127.0.0.1"
SITE = "demo"

INSPECTION = {
    "every_s": 3,
    "background_every_s": 0.5,
    "background_looks": 10,
    "least": 2,
    "over_s": 4,
    "gone_s": 4,
}
"""Its films compress days into a minute: there hours are seconds."""

STREET_LIGHT = {"nights": 1, "dark_s": 8.0, "shine_s": 6.0}
"""A night of the films lasts for seconds, and each comes again after a minute."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the demo: its folder, its ports, and what stands in it.

    Attributes
    ----------
    folder
        Fresh for each run, so that no complaint of an earlier one is in the way.
    broker_port, http_port
        On ``127.0.0.1``.
    """

    folder: Path
    broker_port: int
    http_port: int

    @property
    def url(self) -> str:
        """The dashboard's address."""
        return f"http://{HOST}:{self.http_port}/"

    @property
    def logs(self) -> Path:
        """Folder of the processes' logs."""
        return self.folder / "logs"

    @property
    def central_file(self) -> Path:
        """Configuration of central."""
        return self.folder / "central.yaml"

    @property
    def site_file(self) -> Path:
        """Configuration of the edge site."""
        return self.folder / "site.yaml"


def new_run(data: Path, *, http_port: int, at: datetime) -> Run:
    """Make a fresh run folder below ``data``, named by the time.

    Parameters
    ----------
    http_port
        Where the dashboard shall listen; 0 takes a free port.

    Raises
    ------
    OSError
        Where the folder cannot be made.
    """
    data.mkdir(parents=True, exist_ok=True)
    stamp = at.strftime("%Y%m%d-%H%M%S")
    number = 1
    while True:
        folder = data / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
            continue
        run = Run(folder.resolve(), free_port(), http_port or free_port())
        run.logs.mkdir()
        return run


def central_settings(run: Run) -> dict[str, object]:
    """Return what ``simpang central serve`` needs to know."""
    return {
        "listen": {"host": HOST, "port": run.http_port},
        "database_url": f"sqlite:///{run.folder / 'central.db'}",
        "broker": {"host": HOST, "port": run.broker_port},
        "sites": [SITE],
    }


def site_settings(
    run: Run, clips: Sequence[Clip], urls: Mapping[str, str], *, model: str
) -> dict[str, object]:
    """Return what ``simpang edge run`` needs to know.

    Parameters
    ----------
    urls
        Where each clip is played, by camera.
    model
        Name of a model that ships, or the path of a manifest.
    """
    return {
        "site": SITE,
        "name": "Demo",
        "data_dir": str(run.folder / "edge"),
        "model": model,
        "broker": {"host": HOST, "port": run.broker_port},
        "metrics": {"port": None},
        "cameras": [camera_settings(clip, urls[clip.camera]) for clip in clips],
    }


def write_yaml(path: Path, settings: Mapping[str, object]) -> None:
    """Write a configuration file."""
    path.write_text(yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True), "utf-8")


def free_port() -> int:
    """Return a port of ``127.0.0.1`` that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def camera_settings(clip: Clip, url: str) -> dict[str, object]:
    """Return the edge's settings for a camera that shows ``clip``, played at ``url``."""
    zones = [
        {
            "zone": slug(name),
            "name": shown(name),
            "polygon": [list(corner) for corner in corners],
            "looks_for": list(clip.looks_for.get(name, ("congestion",))),
            **({"congestion": dict(clip.congestion)} if clip.congestion else {}),
        }
        for name, corners in clip.zones.items()
    ]
    settings: dict[str, object] = {
        "camera": clip.camera,
        "name": clip.shown_name,
        "url": url,
        "simulated": True,
        "zones": zones,
    }
    if clip.looks_for:
        settings["inspection"] = INSPECTION
    if clip.ground:
        settings["ground"] = [
            {"view": [x, y], "east_m": east, "north_m": north} for x, y, east, north in clip.ground
        ]
    if clip.lamps:
        settings["lamps"] = [
            {"lamp": slug(lamp), "name": shown(lamp), "box": list(box)}
            for lamp, box in clip.lamps.items()
        ]
        settings["street_light"] = STREET_LIGHT
    return settings
