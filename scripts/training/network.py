"""The network, through ultralytics: the only module here that imports it."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Read when ultralytics is imported: nothing is fetched, nothing is reported.
os.environ.setdefault("YOLO_OFFLINE", "true")

import torch
from ultralytics import YOLO, settings
from ultralytics.engine import trainer
from ultralytics.utils import torch_utils

from analytics.frames import Image
from scripts.training.config import Stage, TrainingConfig

Boxes = NDArray[np.float32]
"""``(n, 6)``: left, top, right, bottom in pixels of the picture, score, class."""


def train(config: TrainingConfig, data: Path, folder: Path, *, resume: bool) -> Path:
    """Train stage by stage, and return the weights of the last one's best epoch.

    Parameters
    ----------
    data
        ultralytics' description of the pictures.
    folder
        Where each stage keeps what it makes, in ``stage-1`` and so on.
    resume
        Leave finished stages as they are, and go on with the one that was cut off.
    """
    settings.update(sync=False)
    _use_the_whole_processor()
    best = config.start_file()
    for number, stage in enumerate(config.stages, start=1):
        best = _train_stage(config, stage, best, data, folder / f"stage-{number}", resume=resume)
    return best


def best_weights(config: TrainingConfig, folder: Path) -> Path:
    """Return where `train` leaves its weights in ``folder``."""
    return _best(folder / f"stage-{len(config.stages)}")


def export(weights: Path, config: TrainingConfig, file: Path) -> None:
    """Write weights as ONNX with an end-to-end head: ``(1, 300, 6)``, no metadata."""
    import onnx

    width, height = config.input_px
    made = YOLO(weights).export(
        format="onnx", imgsz=(height, width), opset=17, simplify=True, nms=False, device="cpu"
    )
    network = onnx.load(made)
    # It names folders of the machine that trained.
    del network.metadata_props[:]
    onnx.save(network, file)
    Path(made).unlink()


def find(weights: Path, picture: Image, *, side_px: int, confidence: float) -> Boxes:
    """Return what weights see in a BGR picture, classes as the weights number them."""
    (result,) = _loaded(weights).predict(
        picture, imgsz=side_px, conf=confidence, verbose=False, device="cpu"
    )
    assert result.boxes is not None
    return np.asarray(result.boxes.data.cpu().numpy(), np.float32)


def class_names(weights: Path) -> dict[int, str]:
    """Return the classes of weights by their numbers."""
    names: dict[int, str] = _loaded(weights).names
    return names


def _train_stage(
    config: TrainingConfig, stage: Stage, start: Path, data: Path, folder: Path, *, resume: bool
) -> Path:
    finished = folder / "finished"
    last = folder / "weights" / "last.pt"
    if resume and finished.is_file():
        return _best(folder)
    if resume and last.is_file():
        YOLO(last).train(resume=True)
    else:
        finished.unlink(missing_ok=True)
        where = {"project": str(folder.parent), "name": folder.name, "data": str(data)}
        YOLO(start).train(**where, **_how(config, stage))
    finished.touch()
    return _best(folder)


def _best(folder: Path) -> Path:
    return folder / "weights" / "best.pt"


def _how(config: TrainingConfig, stage: Stage) -> dict[str, Any]:
    """Return ultralytics' settings; those that it would choose by itself are all named."""
    look = config.augmentation
    return {
        "imgsz": stage.side_px,
        "epochs": stage.epochs,
        "batch": config.batch,
        "nbs": config.batch,
        "optimizer": "AdamW",
        "lr0": stage.learning_rate,
        "lrf": 0.02,
        "cos_lr": True,
        "warmup_epochs": stage.warmup_epochs,
        "warmup_bias_lr": 0.0,
        "close_mosaic": stage.plain_epochs,
        "hsv_h": look.hue,
        "hsv_s": look.saturation,
        "hsv_v": look.brightness,
        "translate": look.shift,
        "scale": look.scale,
        "fliplr": look.mirror,
        "mosaic": look.mosaic,
        "seed": config.seed,
        "device": 0 if torch.cuda.is_available() else "cpu",
        "amp": "bf16" if torch.cuda.is_available() else False,
        "workers": min(2, os.cpu_count() or 1),
        "plots": False,
        "exist_ok": True,
    }


def _use_the_whole_processor() -> None:
    """Undo what ultralytics does not do on a CPU: every core, and half precision."""
    # One core is left idle otherwise, which on a small machine is half of it.
    torch_utils.NUM_THREADS = os.cpu_count() or 1
    if not torch.cuda.is_available():
        trainer.autocast = lambda *_, **__: torch.autocast("cpu", dtype=torch.bfloat16)


@cache
def _loaded(weights: Path) -> Any:  # noqa: ANN401  # ultralytics hands out what it loads untyped
    return YOLO(weights)
