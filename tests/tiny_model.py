"""A model of a few nodes for tests: sees its boxes where a picture is bright, nothing in the dark.

Any test that needs incidents from footage can paint that footage: bright frames hold "vehicles",
dark frames hold none, and a change of brightness moves them. What never moved is parked and no jam,
so a jam is painted as `tests.footage.jam`: they arrive, roll on a little, and stand. Inference
takes well under a millisecond.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

TINY_WIDTH_PX = 160
TINY_HEIGHT_PX = 96
"""Size of the tiny model's input; footage of the same shape (5:3) needs no letterbox padding."""

TINY_CLASSES = ("car", "motorcycle", "bus", "truck", "bicycle", "person")

TRAVEL_PX = 30.0
"""How far to the right the boxes are at a mean of 0.9, against a mean of 0.6."""

TinyBox = tuple[float, float, float, float, str]
"""``(x1, y1, x2, y2, class)`` in pixels of the input, 160 by 96."""

_ROWS = 300


def write_tiny_model(
    folder: Path,
    boxes: Sequence[TinyBox],
    *,
    name: str = "tiny",
    multiple_px: int | None = None,
) -> Path:
    """Write weights and manifest of a tiny model, and return the manifest's path.

    Parameters
    ----------
    folder
        Made where it is not there; holds ``<name>.onnx`` and ``<name>.yaml`` afterwards.
    boxes
        What the model sees. All have the confidence ``clip(3 * mean - 0.9, 0, 0.9)``, with the
        mean of all values of the input, 0 to 1: 0.9 from a mean of 0.6 on, none up to 0.3. From a
        mean of 0.6 to 0.9 they move right by `TRAVEL_PX`.
    name
        The model's name, a slug.
    multiple_px
        Lets it take other sizes too, of sides that this divides. The boxes stay where they are in
        the input, so in a smaller one they are larger, or outside.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = _brightness_model(boxes, is_free=multiple_px is not None).SerializeToString(
        deterministic=True
    )
    (folder / f"{name}.onnx").write_bytes(weights)
    path = folder / f"{name}.yaml"
    manifest = tiny_manifest(name, weights)
    if multiple_px is not None:
        size = {"width_px": TINY_WIDTH_PX, "height_px": TINY_HEIGHT_PX, "multiple_px": multiple_px}
        manifest["input"] = size
    path.write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")
    return path


def tiny_manifest(name: str, weights: bytes) -> dict[str, object]:
    """Return the content of a valid manifest for ``weights`` with the tiny model's input."""
    return {
        "name": name,
        "version": "0.0.1",
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(weights).hexdigest(),
        "input": {"width_px": TINY_WIDTH_PX, "height_px": TINY_HEIGHT_PX},
        "head": "end_to_end",
        "classes": list(TINY_CLASSES),
        "licence": "AGPL-3.0-or-later",
        "data": "none; for tests",
    }


def constant(name: str, values: npt.ArrayLike) -> TensorProto:
    """Return a float32 constant of a graph."""
    return numpy_helper.from_array(np.asarray(values, np.float32), name)


def tiny_graph(
    nodes: Sequence[NodeProto],
    constants: Sequence[TensorProto],
    output_shape: Sequence[int | str],
    *,
    input_shape: Sequence[int | str] = (1, 3, TINY_HEIGHT_PX, TINY_WIDTH_PX),
) -> ModelProto:
    """Return a model whose graph goes from ``images`` to ``output0``.

    Notes
    -----
    Opset 17 with IR version 8, as the weights that ship: each ONNX Runtime we allow reads them.
    """
    graph = helper.make_graph(
        list(nodes),
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, input_shape)],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, output_shape)],
        list(constants),
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="simpang"
    )


def _brightness_model(boxes: Sequence[TinyBox], *, is_free: bool) -> ModelProto:
    corners = np.zeros((1, _ROWS, 4), np.float32)
    classes = np.zeros((1, _ROWS, 1), np.float32)
    seen = np.zeros((1, _ROWS, 1), np.float32)
    for row, (x1, y1, x2, y2, name) in enumerate(boxes):
        corners[0, row] = (x1, y1, x2, y2)
        classes[0, row] = TINY_CLASSES.index(name)
        seen[0, row] = 1.0
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "gain"], ["gained"]),
        helper.make_node("Sub", ["gained", "offset"], ["unclipped"]),
        helper.make_node("Clip", ["unclipped", "lowest", "highest"], ["score"]),
        helper.make_node("Mul", ["seen", "score"], ["scores"]),
        helper.make_node("Sub", ["mean", "standing"], ["above"]),
        helper.make_node("Clip", ["above", "lowest", "full_travel"], ["travelled"]),
        helper.make_node("Mul", ["travelled", "rightwards"], ["shift"]),
        helper.make_node("Add", ["corners", "shift"], ["places"]),
        helper.make_node("Concat", ["places", "scores", "classes"], ["output0"], axis=2),
    ]
    constants = [
        constant("gain", 3.0),
        constant("offset", 0.9),
        constant("lowest", 0.0),
        constant("highest", 0.9),
        constant("standing", 0.6),
        constant("full_travel", 0.3),
        constant("rightwards", [TRAVEL_PX / 0.3, 0.0] * 2),
        constant("corners", corners),
        constant("classes", classes),
        constant("seen", seen),
    ]
    sides = ("height", "width") if is_free else (TINY_HEIGHT_PX, TINY_WIDTH_PX)
    return tiny_graph(nodes, constants, (1, _ROWS, 6), input_shape=(1, 3, *sides))
