"""How a running site is doing, as `simpang edge status` tells it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from analytics.messages import HealthMessage, OutboxFigures
from edge.figures import CameraFigures, SiteFigures, WorkerFigures
from edge.look_figures import AGE_LIMITS_S
from edge.publisher import PublisherSnapshot


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera. Rates are of the last ten to twenty seconds, the rest since the start.

    Attributes
    ----------
    frame_age_p50_s, frame_age_p99_s
        Age of frames when they were looked at: upper limits of their classes; None without a look.
    frame_ages
        How many frames were looked at at which age, see `edge.look_figures`.
    decode_ms, inference_ms
        Mean time of one look's decoding and detection; None without a look.
    losses
        What was not kept, by reason; reasons without any are left out.
    """

    camera: str
    stream: str
    view: str
    fault: str | None
    looks: int
    looks_per_s: float
    frame_age_p50_s: float | None
    frame_age_p99_s: float | None
    frame_ages: tuple[int, ...]
    decode_ms: float | None
    inference_ms: float | None
    reconnects: int
    open_incidents: int
    overloaded: bool
    losses: dict[str, int]


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """All that is to be known of a running site.

    Attributes
    ----------
    pid
        Of the process that holds the outbox and the line to central.
    outbox
        None where its disk does not answer.
    """

    site: str
    pid: int
    cameras: tuple[CameraStatus, ...]
    workers: tuple[WorkerFigures, ...]
    outbox: OutboxFigures | None
    publisher: PublisherSnapshot

    @classmethod
    def read(cls, answer: object) -> "SiteStatus":
        """Return the status that `fields` made."""
        return _STATUS.validate_python(answer, strict=False)

    def fields(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        fields = _STATUS.dump_python(self, mode="json")
        assert isinstance(fields, dict)
        return fields


_STATUS = TypeAdapter(SiteStatus)


def status(site: str, figures: SiteFigures, health: Mapping[str, HealthMessage]) -> SiteStatus:
    """Return how a site is doing.

    Parameters
    ----------
    health
        The newest health message of each camera, by name; a camera may have none yet.
    """
    return SiteStatus(
        site=site,
        pid=os.getpid(),
        cameras=tuple(_camera(one, health.get(one.camera)) for one in figures.cameras),
        workers=figures.workers,
        outbox=figures.outbox,
        publisher=figures.publisher,
    )


def age_quantile(ages: Sequence[int], share: float) -> float | None:
    """Return the age under which ``share`` of the looks were, seconds; None without a look.

    It is the upper limit of an age class (`AGE_LIMITS_S`); of the oldest, which has none, the
    lower.
    """
    count, wanted = 0, share * sum(ages)
    if not wanted:
        return None
    for limit_s, part in zip((*AGE_LIMITS_S, AGE_LIMITS_S[-1]), ages, strict=True):
        count += part
        if count >= wanted:
            return limit_s
    return None


def _camera(figures: CameraFigures, health: HealthMessage | None) -> CameraStatus:
    looks, fault = figures.looks, figures.stream.fault
    losses = figures.losses.model_dump()
    return CameraStatus(
        camera=figures.camera,
        stream=figures.stream.state.value,
        view=figures.view.value,
        fault=None if fault is None else f"{fault.type.value}: {fault.text}",
        looks=looks.looks,
        looks_per_s=0.0 if health is None else health.looks_per_s,
        frame_age_p50_s=age_quantile(looks.ages, 0.5),
        frame_age_p99_s=age_quantile(looks.ages, 0.99),
        frame_ages=looks.ages,
        decode_ms=_mean_ms(looks.decode_s, looks.looks),
        inference_ms=_mean_ms(figures.inference_s, figures.inferences),
        reconnects=figures.stream.reconnects,
        open_incidents=figures.open_incidents,
        overloaded=health is not None and health.overloaded,
        losses={name: count for name, count in losses.items() if count},
    )


def _mean_ms(total_s: float, count: int) -> float | None:
    return round(1000 * total_s / count, 1) if count else None
