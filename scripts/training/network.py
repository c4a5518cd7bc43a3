"""The network, through ultralytics: the only module here that imports it.

YOLO26 comes with two heads: one that gives each object once, and one whose duplicates are to be
suppressed. Only the second is trained and exported: it finds more (of ``traffic-v0``, motorcycles
have AP50 0.784 with it and 0.752 with the other), suppressing costs 0.3 ms a picture, and the first
one's loss takes time and, as training goes on, nearly all the weight.
"""

import os
import shutil
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
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.utils import torch_utils

from analytics.frames import Image
from scripts.training.config import Stage, TrainingConfig, TrainingError
from scripts.training.dataset import description

Boxes = NDArray[np.float32]
"""``(n, 6)``: left, top, right, bottom in pixels of the picture, score, class."""


class _Trainer(DetectionTrainer):  # type: ignore[misc]  # ultralytics ships no types
    """ultralytics' trainer with one head, and tensors laid out as a processor likes them best.

    Channels last: 1.5 times the pictures a second of the default layout on a CPU with bfloat16.
    """

    def get_model(self, cfg: Any = None, weights: Any = None, verbose: Any = True) -> Any:  # noqa: ANN401, FBT002  # ultralytics' own signature
        model = super().get_model({**cfg, "end2end": False}, weights, verbose)
        return model.to(memory_format=torch.channels_last)

    def preprocess_batch(self, batch: Any) -> Any:  # noqa: ANN401  # ultralytics' own signature
        batch = super().preprocess_batch(batch)
        batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
        return batch


def train(config: TrainingConfig, data: Path, folder: Path, *, resume: bool) -> Path:
    """Train stage by stage, and return the weights that the last one ends with.

    Not those of its best epoch: they are an average over many steps already, the learning rate has
    come to rest, and a mean over classes of which some have four objects chooses by chance.

    Parameters
    ----------
    data
        Folder that `dataset.prepare` made.
    folder
        Where each stage keeps what it makes, in ``stage-1`` and so on.
    resume
        Leave finished stages as they are, and go on with the one that was cut off.
    """
    settings.update(sync=False)
    _use_the_whole_processor()
    if not resume:
        # Of a run before this one: resuming this one must not take them for its own.
        for stage_folder in folder.glob("stage-*"):
            shutil.rmtree(stage_folder)
    weights = config.start_file()
    for number, stage in enumerate(config.stages, start=1):
        weights = _train_stage(
            config,
            stage,
            weights,
            description(data, number),
            folder / f"stage-{number}",
            resume=resume,
        )
    return weights


def trained_weights(config: TrainingConfig, folder: Path) -> Path:
    """Return where `train` leaves the weights of the last stage in ``folder``."""
    return _last(folder / f"stage-{len(config.stages)}")


def export(weights: Path, file: Path) -> None:
    """Write weights as ONNX with a raw head, ``(1, 4 + classes, n)``, and no metadata.

    They take pictures of any height and width that 32 divides.
    """
    import onnx

    made = YOLO(weights).export(format="onnx", dynamic=True, opset=17, simplify=True, device="cpu")
    file.parent.mkdir(parents=True, exist_ok=True)
    network = onnx.load(made)
    Path(made).unlink()
    # It names folders of the machine that trained.
    del network.metadata_props[:]
    onnx.save(network, file)


def keep_classes(weights: Path, classes: tuple[str, ...], file: Path) -> None:
    """Write weights that find only some of their classes, in the order given, as ``.pt``.

    Raises
    ------
    TrainingError
        Where the weights do not know one of them.
    """
    loaded = YOLO(weights)
    known = {name: number for number, name in loaded.names.items()}
    strangers = [name for name in classes if name not in known]
    if strangers:
        raise TrainingError(f"{weights} knows no class {', '.join(strangers)}")
    rows = [known[name] for name in classes]
    network, head = loaded.model.float(), loaded.model.model[-1]
    for branch in (*head.cv3, *getattr(head, "one2one_cv3", ())):
        scores = torch.nn.Conv2d(branch[-1].in_channels, len(rows), 1)
        scores.weight.data, scores.bias.data = (
            value.data[rows].clone() for value in (branch[-1].weight, branch[-1].bias)
        )
        branch[-1] = scores
    head.nc, head.no, head.end2end = len(rows), len(rows) + 4 * head.reg_max, False
    network.nc, network.names, network.yaml["nc"] = len(rows), dict(enumerate(classes)), len(rows)
    file.parent.mkdir(parents=True, exist_ok=True)
    loaded.save(str(file))


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
    last = _last(folder)
    if resume and finished.is_file():
        return last
    if resume and last.is_file():
        YOLO(last).train(trainer=_Trainer, resume=True)
    else:
        where = {"project": str(folder.parent), "name": folder.name, "data": str(data)}
        YOLO(start).train(trainer=_Trainer, **where, **_how(config, stage))
    finished.touch()
    return last


def _last(folder: Path) -> Path:
    return folder / "weights" / "last.pt"


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
        "cache": "ram",
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
