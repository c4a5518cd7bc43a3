"""The slow scene of one 1080p camera: what it takes of a core, and of memory.

Time is the processor's, of this process. The film has no vehicle that a model knows: nothing hides
the ground, so that each look takes in all of it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle

import cv2
import numpy as np

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks, Pixels
from analytics.clean_reference import CleanReference
from analytics.detections import Detections, ObjectClass
from analytics.frames import Frame
from analytics.hidden_ground import HiddenGround, HiddenRule
from analytics.incidents import Sender
from analytics.messages import IncidentKind, ModelVersion
from analytics.slow_finding import CameraGround
from analytics.zones import Zone
from edge.camera_config import CameraSettings
from edge.inspection import Inspection, Task
from edge.keeping import Keeping
from edge.photographer import Photographer
from edge.quiet_tiles import QuietTiles
from edge.reporting import Reporter
from edge.sampling import Sampling
from edge.slow_scene import Seen, SlowScene, SlowTools
from edge.slow_store import SlowStore
from edge.view_config import SLOW_KINDS, GroundPointSettings, ZoneSettings
from models.detector import Detector
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from scripts.bench.contest import Contest, Measure, hold
from scripts.bench.detector import bare_session, load_detector
from scripts.bench.figures import Figure, Row, Unit
from scripts.bench.film import HEIGHT_PX, WIDTH_PX
from scripts.bench.plan import Plan
from scripts.bench.watching import SITE, SOFTWARE, Corners, frames_of

AIM_CORES = 0.003
"""What background and inspections of a camera may take, at an inspection each five minutes."""
AIM_MB = 8.0

LOOK_EVERY_S = 2.0
"""As a watched camera sends key frames."""

ROAD: Corners = ((0.36, 0.25), (0.64, 0.25), (0.96, 0.95), (0.07, 0.95))
"""41 % of the view."""
KERB: Corners = ((0.64, 0.25), (0.69, 0.25), (1.0, 0.75), (1.0, 0.95), (0.96, 0.95))
"""6 % of the view."""

MEDIAN_LOOKS = 15

_INSPECTIONS_WATCHED = 4
"""In each round: what was found in a tile stands for one inspection more at most."""

_SIZE_PX = (WIDTH_PX, HEIGHT_PX)
_ENLARGED_PX_PER_M = 50.0
"""Pixels a metre at which a pothole model's tiles are enlarged twice, the most there is."""
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

_NO_BOXES = np.zeros((0, 4), np.float32)
_BESIDE = Detections(
    np.tile(np.array([[20, 900, 90, 960]], np.float32), (20, 1)),
    np.ones(20, np.float32),
    np.full(20, ObjectClass.CAR, np.int64),
)
"""Vehicles enough for a street, none of them in a zone."""

_OURS = "ours"
_AIM = "the aim"
_LOOKS = "its looks alone"
_INSPECTIONS = "its inspections alone"
_EACH_TILE = "each tile looked at each time"
_CONVERTING = "converting 1080p to BGR"
_MOG2 = "cv2 MOG2, apply"
_MEDIAN = f"np.median of {MEDIAN_LOOKS} looks"
_BARE = "session.run alone"


def measure(plan: Plan) -> list[Row]:
    """Return what a camera's slow scene takes, as a whole and in parts."""
    detectors: dict[IncidentKind, Detector] = {
        kind: OnnxDetector(load_manifest(find_manifest(kind.value)), threads=1)
        for kind in SLOW_KINDS
    }
    within_px = (640, 384)
    with frames_of(plan.film, Sampling(1.0), within_px=within_px) as frames:
        pictures = list(frames)
    background = Background(camera_blocks(), BackgroundRule(every_s=0.0))
    nothing = np.zeros(len(background.blocks), np.bool_)
    for frame in pictures:
        background.look(frame.whole(), nothing, frame.captured_at)
    return [
        *(
            _whole(plan, pictures, detectors, background, px_per_m=px_per_m)
            for px_per_m in (None, _ENLARGED_PX_PER_M)
        ),
        _look(plan, pictures),
        *(_tiles(plan, kind, detectors, background) for kind in SLOW_KINDS),
        _memory(pictures),
    ]


@dataclass(frozen=True, slots=True)
class _Cost:
    """Processor seconds a second of one camera."""

    looks: float
    inspections: float


class _Camera:
    """A camera whose pictures come one after the other for as long as it is asked."""

    def __init__(
        self,
        settings: CameraSettings,
        pictures: Sequence[Frame],
        detectors: Mapping[IncidentKind, Detector],
    ) -> None:
        self._for_s = _INSPECTIONS_WATCHED * settings.inspection.every_s
        self._frames = _going_on(pictures)
        traffic = load_detector()
        keeping = Keeping(lambda _: None, monotonic=time.monotonic)
        reporters = {
            kind: Reporter(_sender(settings, detector), keeping)
            for kind, detector in detectors.items()
        }
        self._scene = SlowScene(
            settings,
            SlowTools(detectors, SlowStore(None)),
            reporters,
            Photographer(settings.camera, traffic, traffic),
            reply=lambda _: None,
        )

    def watch(self) -> _Cost:
        """Watch for a few inspections, and return what it took."""
        looks_s = inspections_s = 0.0
        for _ in range(round(self._for_s / LOOK_EVERY_S)):
            frame = next(self._frames)
            started_s = time.process_time()
            self._scene.look(Seen(frame, Detections.none()))
            looked_s = time.process_time()
            while self._scene.work(frame.captured_at):
                pass
            looks_s += looked_s - started_s
            inspections_s += time.process_time() - looked_s
        return _Cost(looks_s / self._for_s, inspections_s / self._for_s)


def settings_of(px_per_m: float | None) -> CameraSettings:
    """Return a camera that looks for both kinds.

    Parameters
    ----------
    px_per_m
        Pixels a metre on its ground, seen from straight above; None where that is not known.
    """
    return CameraSettings(
        camera="slow",
        name="slow",
        simulated=True,
        zones=(
            ZoneSettings(
                zone="road",
                name="road",
                polygon=ROAD,
                looks_for=(IncidentKind.CONGESTION, IncidentKind.POTHOLE),
            ),
            ZoneSettings(zone="kerb", name="kerb", polygon=KERB, looks_for=(IncidentKind.RUBBISH,)),
        ),
        ground=() if px_per_m is None else _from_above(px_per_m),
    )


def camera_blocks() -> Blocks:
    """Return what is kept of that camera's view."""
    return Blocks.of([Zone.of("road", ROAD), Zone.of("kerb", KERB)], _SIZE_PX)


def _whole(
    plan: Plan,
    pictures: Sequence[Frame],
    detectors: Mapping[IncidentKind, Detector],
    background: Background,
    *,
    px_per_m: float | None,
) -> Figure:
    settings = settings_of(px_per_m)
    camera = _Camera(settings, pictures, detectors)
    camera.watch()  # learns the scene, and warms up
    costs: list[_Cost] = []
    each_tile: list[float] = []
    for _ in range(plan.size.rounds):
        costs.append(camera.watch())
        started_s = time.process_time()
        for kind in SLOW_KINDS:
            _inspect(kind, detectors, background, settings)
        every_tile_s = time.process_time() - started_s
        each_tile.append(costs[-1].looks + every_tile_s / settings.inspection.every_s)
    contest = Contest(
        {
            _OURS: [cost.looks + cost.inspections for cost in costs],
            _AIM: [AIM_CORES] * len(costs),
            _LOOKS: [cost.looks for cost in costs],
            _INSPECTIONS: [cost.inspections for cost in costs],
            _EACH_TILE: each_tile,
        }
    )
    key = "slow.cores" if px_per_m is None else "slow.cores_enlarged"
    what = "slow scene, one 1080p camera"
    if px_per_m is not None:
        what += f", tiles enlarged at {px_per_m:g} px/m"
    return contest.figure(key, what, Unit.CORES, _OURS, _AIM, _LOOKS, _INSPECTIONS, _EACH_TILE)


def _look(plan: Plan, pictures: Sequence[Frame]) -> Figure:
    """Compare one look with others that learn from as many pixels."""
    blocks = camera_blocks()
    whole = [frame.whole() for frame in pictures]
    images = cycle(whole)
    # Others want one picture: the blocks below each other.
    strips = [_strip(blocks.taken(image)) for image in whole]
    stack = np.stack([strip for strip, _ in zip(cycle(strips), range(MEDIAN_LOOKS), strict=False)])
    background = Background(blocks, BackgroundRule(every_s=0.0))
    hiding = HiddenGround(blocks, HiddenRule(every_s=LOOK_EVERY_S))
    mog2 = cv2.createBackgroundSubtractorMOG2(detectShadows=False)
    one = cycle(strips)
    contestants: dict[str, Callable[[], object]] = {
        _OURS: lambda: background.look(
            next(images),
            hiding.look(_BESIDE, _BEGIN, open_boxes=_NO_BOXES, near_boxes=_NO_BOXES),
            _BEGIN,
        ),
        _CONVERTING: pictures[0].whole,
        _MOG2: lambda: mog2.apply(next(one)),
        _MEDIAN: lambda: np.median(stack, axis=0),
    }
    for _ in range(MEDIAN_LOOKS):  # until what is learnt is settled
        for name in (_OURS, _MOG2):
            contestants[name]()
    times = {name: 1 if name == _MEDIAN else 10 for name in contestants}
    timed = {name: _milliseconds(run, times[name]) for name, run in contestants.items()}
    contest = hold(timed, rounds=plan.size.rounds)
    what = f"  a look into its background, {_zone_share():.0%} of the view"
    return contest.figure("slow.look_ms", what, Unit.MS, _OURS, _CONVERTING, _MOG2, _MEDIAN)


def _tiles(
    plan: Plan,
    kind: IncidentKind,
    detectors: Mapping[IncidentKind, Detector],
    background: Background,
) -> Figure:
    inspect = partial(_inspect, kind, detectors, background, settings_of(None))
    tiles = inspect()
    manifest = detectors[kind].manifest
    bare = bare_session(manifest.file, manifest.input)
    contest = hold(
        {
            _OURS: _milliseconds(inspect, 1),
            _BARE: _milliseconds(lambda: [bare() for _ in range(tiles)], 1),
        },
        rounds=plan.size.rounds,
    )
    what = f"  {tiles} tiles looked at for {kind.value}"
    return contest.figure(f"slow.{kind.value}_ms", what, Unit.MS, _OURS, _BARE)


def _memory(pictures: Sequence[Frame]) -> Figure:
    background = Background(camera_blocks(), BackgroundRule(every_s=0.0))
    nothing = np.zeros(len(background.blocks), np.bool_)
    background.look(pictures[0].whole(), nothing, _BEGIN)
    reference = CleanReference(background.blocks)
    hidden = HiddenGround(background.blocks, HiddenRule())
    reference.update(background, _BEGIN, occupied=nothing, faint=nothing, standing=nothing)
    ours_mb = (background.nbytes + reference.nbytes + hidden.nbytes) / 1e6
    contest = Contest({_OURS: [ours_mb], _AIM: [AIM_MB]})
    return contest.figure(
        "slow.memory", "  its scenes and what stands before them", Unit.MB, _OURS, _AIM
    )


def _inspect(
    kind: IncidentKind,
    detectors: Mapping[IncidentKind, Detector],
    background: Background,
    settings: CameraSettings,
) -> int:
    """Look at each tile of what a camera's zones look for, and return how many there were."""
    zone = Zone.of("road", ROAD) if kind is IncidentKind.POTHOLE else Zone.of("kerb", KERB)
    ground = CameraGround(*_SIZE_PX, settings.ground_plane)
    quiet = QuietTiles(every_s=settings.inspection.every_s)
    inspection = Inspection([Task(kind, zone)], detectors, ground, quiet)
    tiles = 0
    while not inspection.is_done:
        inspection.step(background, _BEGIN)
        tiles += 1
    inspection.results()
    return tiles


def _zone_share() -> float:
    return float((Zone.of("road", ROAD).cells | Zone.of("kerb", KERB).cells).mean())


def _strip(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels.reshape(-1, pixels.shape[2], 3))


def _going_on(pictures: Sequence[Frame]) -> Iterator[Frame]:
    at = _BEGIN
    for frame in cycle(pictures):
        yield replace(frame, captured_at=at)
        at += timedelta(seconds=LOOK_EVERY_S)


def _sender(settings: CameraSettings, detector: Detector) -> Sender:
    manifest = detector.manifest
    model = ModelVersion(name=manifest.name, version=manifest.version)
    return Sender(SITE, settings.camera, settings.position, SOFTWARE, (model,))


def _from_above(px_per_m: float) -> tuple[GroundPointSettings, ...]:
    width_m, height_m = WIDTH_PX / px_per_m, HEIGHT_PX / px_per_m
    return tuple(
        GroundPointSettings(view=(x, y), east_m=x * width_m, north_m=(1 - y) * height_m)
        for x, y in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    )


def _milliseconds(run: Callable[[], object], times: int) -> Measure:
    """Return a measurement: milliseconds of processor time for one run."""

    def lap() -> float:
        started_s = time.process_time()
        for _ in range(times):
            run()
        return 1000 * (time.process_time() - started_s) / times

    return lap
