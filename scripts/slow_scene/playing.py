"""Plays pictures to the edge's own pipeline, with the models that ship, and asks it to look again.

The only module here that knows the edge. Everything is as a city gets it, but for the clock: of an
hour a few minutes are shown, so the inspections follow one another faster.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from analytics.frames import Frame
from analytics.messages import (
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    RecheckAnswer,
    new_id,
)
from edge.camera_config import CameraSettings
from edge.config import POTHOLE_MODEL, RUBBISH_MODEL
from edge.pipeline import CameraPipeline
from edge.rechecks import RecheckOrder, RecheckReply
from edge.slow_detectors import SlowDetectors
from edge.slow_scene import SlowTools
from edge.slow_store import SlowStore
from edge.view_config import InspectionSettings, ZoneSettings
from edge.views import KeptView
from models.detector import Detector
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from scripts.slow_scene.cameras import Corners
from scripts.slow_scene.scenario import ANSWER_WITHIN, Ask, Step, Truth
from scripts.slow_scene.scoring import is_of, told_of

INSPECTION = InspectionSettings(every_s=120, background_every_s=10, stands_s=600)
"""Of a scenario: two or three inspections in five minutes, on every picture of it. What
would have to stand for two hours is shown for ten minutes in them."""

ROAD, KERB = (IncidentKind.POTHOLE,), (IncidentKind.RUBBISH,)

_SITE = "scenarios"


class Models:
    """The models that ship, each loaded once."""

    def __init__(self) -> None:
        self.traffic: Detector = OnnxDetector(load_manifest(find_manifest("traffic-int8")))
        self.slow = SlowDetectors(
            {IncidentKind.POTHOLE: POTHOLE_MODEL, IncidentKind.RUBBISH: RUBBISH_MODEL}
        )


@dataclass(slots=True)
class Heard:
    """What a pipeline told.

    Attributes
    ----------
    messages
        All revisions, in the order in which they were kept.
    answers
        To those rechecks that were done.
    texts
        Why each recheck was answered so.
    """

    messages: list[IncidentMessage] = field(default_factory=list)
    answers: dict[Ask, RecheckAnswer] = field(default_factory=dict)
    texts: dict[Ask, str] = field(default_factory=dict)


def settings_of(
    name: str, zones: Sequence[tuple[Corners, tuple[IncidentKind, ...]]]
) -> CameraSettings:
    """Return a camera's settings: as they come, with zones and what is looked for in each."""
    return CameraSettings(
        camera=name,
        name=name,
        inspection=INSPECTION,
        zones=tuple(
            ZoneSettings.model_validate(
                {
                    "zone": f"zone-{number}",
                    "name": f"Zone {number}",
                    "polygon": corners,
                    "looks_for": looks_for,
                }
            )
            for number, (corners, looks_for) in enumerate(zones, start=1)
        ),
    )


def zones_of(truth: Truth) -> list[tuple[Corners, tuple[IncidentKind, ...]]]:
    """Return a scenario's zones: holes are looked for on its road, rubbish on its kerbs."""
    return [*((one, ROAD) for one in truth.road), *((one, KERB) for one in truth.kerbs)]


def play(
    camera: CameraSettings, steps: Iterable[Step], models: Models, truth: Truth | None = None
) -> Heard:
    """Return what the camera's pipeline tells of pictures, and answers to the truth's rechecks."""
    heard = Heard()
    waiting = [] if truth is None else sorted(truth.asks, key=lambda ask: ask.at)
    asked: dict[UUID, Ask] = {}

    def keep(messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        heard.messages += [one for one in messages if isinstance(one, IncidentMessage)]

    def reply(to: RecheckReply) -> None:
        ask = asked[to.order.command_id]
        heard.texts[ask] = to.text if to.reason is None else to.reason.value
        if to.answer is not None:
            heard.answers[ask] = to.answer

    pipeline = CameraPipeline(
        _SITE,
        camera,
        models.traffic,
        keep,
        view=KeptView(None),
        slow=SlowTools(models.slow.of(camera), SlowStore(None)),
        software="scenarios",
        reply=reply,
    )
    begun_at: datetime | None = None
    for number, step in enumerate(steps):
        begun_at = begun_at or step.captured_at
        while waiting and truth is not None and waiting[0].at <= step.captured_at:
            ask = waiting.pop(0)
            order = _order(ask, truth, heard, camera.camera)
            if order is not None:
                asked[order.command_id] = ask
                pipeline.recheck(order)
        media_time_s = (step.captured_at - begun_at).total_seconds()
        pipeline.look(Frame(step.image, step.captured_at, media_time_s, number))
        while pipeline.work():
            pass
    pipeline.finish()
    return heard


def _order(ask: Ask, truth: Truth, heard: Heard, camera: str) -> RecheckOrder | None:
    """Return the command that asks for the newest incident of a thing; None where none is known."""
    thing = truth.thing(ask.thing)
    of_it = [one for one in told_of(heard.messages) if is_of(one, thing, truth.size_px)]
    if not of_it:
        return None
    return RecheckOrder(new_id(ask.at), camera, of_it[-1].incident_id, ask.at + ANSWER_WITHIN)
