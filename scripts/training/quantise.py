"""Weights in eight bits: less time a picture, perhaps at the price of some accuracy."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (  # type: ignore[import-untyped]  # ships no types
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import (  # type: ignore[import-untyped]  # ships no types
    quant_pre_process,
)

from models.errors import DatasetError
from models.letterbox import InputBuffer
from models.manifest import ModelInput
from models.opencv import read_image

CALIBRATED_ON = 128
"""Pictures that the ranges of all values are read off."""


def quantise(weights: Path, pictures: list[Path], model_input: ModelInput, file: Path) -> None:
    """Write ONNX weights in eight bits.

    Parameters
    ----------
    pictures
        What was trained on; `CALIBRATED_ON` of them, spread evenly, are run.
    model_input
        Size and range at which the weights are run.

    Raises
    ------
    models.errors.DatasetError
        Where a picture cannot be read.

    Notes
    -----
    QDQ, every kind of operator, unsigned activations and signed weights (U8S8) per channel:
    convolutions alone gain nothing, and S8S8 is twice as slow as float on x86. What follows the
    last convolutions stays in float: pixels up to 640 and scores up to 1 lie in one tensor there,
    and one scale for both leaves nothing of the scores.
    """
    count = min(CALIBRATED_ON, len(pictures))
    chosen = [pictures[number * len(pictures) // count] for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(weights), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(file),
            _Pictures(chosen, model_input, _input_name(prepared)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=_after_the_last_convolutions(prepared),
            extra_options={"CalibMovingAverage": True},
        )
    network = onnx.load(file)
    del network.metadata_props[:]
    onnx.save(network, file)


class _Pictures(CalibrationDataReader):  # type: ignore[misc]  # ships no types
    """Gives one input after the other, as the detector would make it."""

    def __init__(self, files: list[Path], model_input: ModelInput, name: str) -> None:
        self._inputs = _inputs(files, model_input, name)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._inputs, None)


def _inputs(
    files: list[Path], model_input: ModelInput, name: str
) -> Iterator[dict[str, NDArray[np.float32]]]:
    buffer = InputBuffer(model_input)
    for file in files:
        image = read_image(file)
        if image is None:
            raise DatasetError(f"{file}: cannot be read; expected a JPEG or PNG")
        buffer.fill(image)
        yield {name: buffer.values.copy()}


def _input_name(weights: Path) -> str:
    return str(onnx.load(weights).graph.input[0].name)


def _after_the_last_convolutions(weights: Path) -> list[str]:
    """Return the nodes that no convolution follows."""
    graph = onnx.load(weights).graph
    feeds_one: set[str] = set()
    excluded = []
    for node in reversed(graph.node):
        if node.op_type == "Conv" or feeds_one & set(node.output):
            feeds_one |= set(node.input)
        else:
            excluded.append(node.name)
    return excluded
