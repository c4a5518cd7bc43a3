"""From exported weights to a model that ships: measured, its manifest and its card written."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from models.evaluation_report import Report, evaluated, look, report
from models.manifest import Manifest, load_manifest
from models.onnx_detector import OnnxDetector
from scripts.training.config import (
    STRIDE_PX,
    MeasuredSet,
    Release,
    TrainingConfig,
    TrainingError,
)

MOST_LOST_AP50 = 0.01
"""Eight bits ship only where they cost no class of the first set more than this."""

LEAST_OBJECTS = 50
"""A class with fewer objects in a set tells nothing, and is left out of the figures."""

EIGHT_BITS = "int8"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model reached on each set, in the order of the release's sets."""

    manifest: Manifest
    reports: tuple[Report, ...]


def draft(config: TrainingConfig, weights: Path) -> Manifest:
    """Write a manifest beside exported weights, without figures, and return it.

    Raises
    ------
    TrainingError
        Where the configuration does not say how the model ships, or the weights are missing.
    models.errors.ManifestError
        Where that makes no valid manifest.
    """
    settings = release_of(config)
    if not weights.is_file():
        raise TrainingError(f"no {weights}: run `export` first")
    _write(weights.with_suffix(".yaml"), _fields(config, settings, weights))
    return load_manifest(weights.with_suffix(".yaml"))


def measure(manifest: Manifest, config: TrainingConfig) -> Measured:
    """Measure a model on the sets of a configuration's release.

    Raises
    ------
    TrainingError
        Where a set is not there, or the model's classes are not those of the labels.
    models.errors.ModelError
        Where the model does not run, or a set's labels are wrong.
    """
    if manifest.classes != config.classes:
        wanted, found = ", ".join(config.classes), ", ".join(manifest.classes)
        raise TrainingError(f"{manifest.name} finds {found}; expected {wanted}, in this order")
    settings = release_of(config)
    detector = OnnxDetector(evaluated(manifest))
    return Measured(manifest, tuple(_report(detector, one) for one in settings.sets))


def loses_too_much(eight_bits: Measured, full: Measured) -> bool:
    """Tell whether eight bits cost a class of the first set more than `MOST_LOST_AP50`.

    Classes with fewer than `LEAST_OBJECTS` objects are not asked; where there are no others, nobody
    could tell, and they do.
    """
    before, after = full.reports[0].by_class, eight_bits.reports[0].by_class
    lost = [
        before[name].ap50 - after[name].ap50
        for name in before
        if before[name].objects >= LEAST_OBJECTS
    ]
    return not lost or max(lost) > MOST_LOST_AP50


def ship(config: TrainingConfig, measured: Measured, folder: Path) -> Path:
    """Copy a model's weights into a folder, write its manifest there, and return that."""
    settings, source = release_of(config), measured.manifest.file
    target = folder / source.name
    shutil.copyfile(source, target)
    fields = _fields(config, settings, target)
    fields["metrics"] = list(_metrics(settings.sets, measured.reports))
    _write(target.with_suffix(".yaml"), fields)
    return target.with_suffix(".yaml")


def withdraw(name: str, folder: Path) -> None:
    """Remove a model's weights and manifest from a folder, where they are there."""
    for suffix in (".onnx", ".yaml"):
        (folder / f"{name}{suffix}").unlink(missing_ok=True)


def release_of(config: TrainingConfig) -> Release:
    """Return how a model ships.

    Raises
    ------
    TrainingError
        Where its configuration does not say it.
    """
    if config.release is None:
        raise TrainingError(f"{config.name} has no `release`: expected how it ships")
    return config.release


def _report(detector: OnnxDetector, one: MeasuredSet) -> Report:
    looked = look(detector, one.resolved(), named=one.named, shows_none=one.shows_none)
    return report(detector.manifest, looked)


def _fields(config: TrainingConfig, settings: Release, weights: Path) -> dict[str, object]:
    width, height = config.input_px
    fields: dict[str, object] = {
        "name": weights.stem,
        "version": settings.version,
        "file": weights.name,
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "input": {
            "width_px": width,
            "height_px": height,
            "colour": "rgb",
            "scale": "0-1",
            "multiple_px": STRIDE_PX,
        },
        "head": "raw",
        "nms_iou": settings.nms_iou,
        "classes": list(config.classes),
        "floor": settings.floor,
        "threshold": settings.threshold,
        "thresholds": dict(settings.thresholds),
        "licence": "AGPL-3.0-or-later",
        "data": " ".join(settings.data.split()),
    }
    return fields


def _metrics(sets: Sequence[MeasuredSet], reports: Sequence[Report]) -> list[dict[str, object]]:
    metrics: list[dict[str, object]] = []
    for one, found in zip(sets, reports, strict=True):
        told = {
            name: round(figures.ap50, 3)
            for name, figures in found.by_class.items()
            if figures.objects >= LEAST_OBJECTS
        }
        if told:
            metrics.append({"data": one.name, "measure": "ap50", "by_class": told})
        if found.picture_auc is not None and len(found.thresholds) == 1:
            auc = dict.fromkeys(found.thresholds, round(found.picture_auc, 3))
            metrics.append({"data": one.name, "measure": "picture-auc", "by_class": auc})
    return metrics


def _write(file: Path, fields: dict[str, object]) -> None:
    page = f"models/cards/{str(fields['name']).removesuffix('-' + EIGHT_BITS)}.md"
    head = f"# Written by `python -m scripts.training release`. The story behind it: {page}\n"
    text = yaml.safe_dump(fields, sort_keys=False, default_flow_style=None, width=96)
    file.write_text(head + text, encoding="utf-8")
