"""Looks at all that a site needs before it runs, and says everything that is wrong at once."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.camera_config import CameraSettings
from edge.catalogue import catalogue_problem
from edge.config import SiteSettings, load_site
from edge.errors import ConfigError, OutboxError
from edge.outbox import OutboxReader
from edge.probe import CameraProbe, probe_broker, probe_cameras
from edge.slow_detectors import SlowDetectors
from models.detectors import Detectors
from models.errors import ModelError
from models.manifest import find_manifest, load_manifest


@dataclass(frozen=True, slots=True)
class Reachability:
    """Who answered when asked.

    Attributes
    ----------
    broker_fault
        Why the broker does not take the site; None where it does.
    """

    cameras: tuple[CameraProbe, ...]
    broker_fault: str | None

    @property
    def is_complete(self) -> bool:
        """Whether the broker and every camera answered."""
        return self.broker_fault is None and all(camera.is_ok for camera in self.cameras)


@dataclass(frozen=True, slots=True)
class Report:
    """What `check_site` found.

    Attributes
    ----------
    problems
        What keeps the site from running, one line each.
    site
        Its settings; None where they are not valid.
    waiting
        Messages in the outbox from an earlier run.
    reached
        None where nobody was asked.
    """

    path: Path
    problems: tuple[str, ...]
    site: SiteSettings | None = None
    waiting: int = 0
    reached: Reachability | None = None

    def fields(self) -> dict[str, object]:
        """Return the report as JSON takes it; the keys are always the same."""
        return {
            "config": str(self.path),
            "valid": not self.problems,
            "problems": self.problems,
            "site": self.site.site if self.site else None,
            "model": self.site.model if self.site else None,
            "waiting": self.waiting,
            "reached": _reached_fields(self.reached) if self.reached else None,
        }

    def text(self) -> str:
        """Return the report as people read it."""
        if self.problems or self.site is None:
            return "\n".join([f"{self.path}: not valid", *(f"  {line}" for line in self.problems)])
        lines = [
            f"{self.path}: valid",
            f"  site    {self.site.site}, {_watched_text(self.site.cameras)}",
            f"  model   {self.site.model}, verified",
            f"  outbox  {self.site.outbox_path}, {self.waiting} message(s) wait",
        ]
        if self.reached is not None:
            broker = f"{self.site.broker.host}:{self.site.broker.port}"
            lines.append(f"  broker  {broker}, {self.reached.broker_fault or 'takes this site'}")
            for one in self.reached.cameras:
                lines.append(f"  camera  {one.camera}, {_camera_text(one)}")
                lines += [f"    zone  {zone}, {sight.text()}" for zone, sight in one.sights.items()]
        return "\n".join(lines)


def check_site(path: Path, *, environ: Mapping[str, str], probes: bool) -> Report:
    """Check a site's file and all that it names on this machine; nothing is changed.

    Parameters
    ----------
    probes
        Also ask each camera and the broker for an answer.
    """
    try:
        site = load_site(path, environ=environ)
    except ConfigError as exc:
        return Report(path, exc.problems)
    problems: list[str] = []
    waiting = 0
    try:
        manifest = load_manifest(find_manifest(site.model))
        detectors = Detectors(manifest, provider=site.inference.provider)
        slow_detectors = SlowDetectors(site.slow_models, provider=site.inference.provider)
        for camera in site.cameras:
            detectors.at(camera.look_width_px)
            slow_detectors.of(camera)
    except ModelError as exc:
        problems.append(f"model: {' '.join(str(exc).split())}")
    try:
        waiting = _waiting(site.outbox_path)
    except OutboxError as exc:
        problems.append(f"data_dir: {exc}")
    if problem := catalogue_problem(site):
        problems.append(problem)
    reached = None
    if probes and not problems:
        reached = Reachability(tuple(probe_cameras(site.cameras)), probe_broker(site))
    return Report(path, tuple(problems), site, waiting, reached)


def _watched_text(cameras: Sequence[CameraSettings]) -> str:
    zones = sum(len(camera.zones) for camera in cameras)
    lamps = sum(len(camera.lamps) for camera in cameras)
    counted = f"{len(cameras)} camera(s), {zones} zone(s)"
    return f"{counted}, {lamps} lamp(s)" if lamps else counted


def _waiting(path: Path) -> int:
    if not path.exists():
        return 0
    with OutboxReader(path) as reader:
        return reader.figures(datetime.now(UTC)).depth


def _reached_fields(reached: Reachability) -> dict[str, object]:
    return {
        "broker_fault": reached.broker_fault,
        "cameras": [
            {
                "camera": probe.camera,
                "ok": probe.is_ok,
                "codec": probe.info.codec if probe.info else None,
                "width_px": probe.info.width_px if probe.info else None,
                "height_px": probe.info.height_px if probe.info else None,
                "frames_per_s": probe.info.frames_per_s if probe.info else None,
                "first_frame_s": probe.first_frame_s,
                "fault": probe.fault,
                "text": probe.text,
                "zones": {zone: asdict(sight) for zone, sight in probe.sights.items()},
            }
            for probe in reached.cameras
        ],
    }


def _camera_text(probe: CameraProbe) -> str:
    if probe.info is None:
        return f"{probe.fault}: {probe.text}"
    info = probe.info
    rate = "" if info.frames_per_s is None else f" at {info.frames_per_s:g} frames/s"
    return (
        f"{info.codec} {info.width_px}x{info.height_px}{rate}, "
        f"first picture after {probe.first_frame_s} s"
    )
