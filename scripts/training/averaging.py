"""The mean of weights of several trainings from one start."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from scripts.training.config import TrainingError

Arrays = Mapping[str, NDArray[Any]]
"""Name to an array of a network."""


def average(weights: Sequence[Path], file: Path) -> None:
    """Write the mean of exported weights as ONNX; of one alone it is that one.

    Exported, each convolution holds the normalisation after it: two of these can be averaged, and
    what a training no longer has, once it ships, is not needed.

    Raises
    ------
    TrainingError
        Where they are not of one network.
    """
    networks = [onnx.load(one) for one in weights]
    mean = averaged(
        [
            {tensor.name: numpy_helper.to_array(tensor) for tensor in network.graph.initializer}
            for network in networks
        ]
    )
    for tensor in networks[-1].graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(mean[tensor.name], tensor.name))
    onnx.save(networks[-1], file)


def refuse_other_classes(classes: Mapping[str, Sequence[str]], wanted: Sequence[str]) -> None:
    """Refuse weights that do not find what is wanted.

    Parameters
    ----------
    classes
        Name of each file of weights to its classes, in their order.
    wanted
        Those that each has to have, in this order.

    Raises
    ------
    TrainingError
        Where one's are others.
    """
    for file, found in classes.items():
        if tuple(found) != tuple(wanted):
            msg = f"{file} finds {', '.join(found)}; expected {', '.join(wanted)}, in this order"
            raise TrainingError(msg)


def averaged(parts: Sequence[Arrays]) -> Arrays:
    """Return the mean of each array over weights of one shape.

    Of weights that were trained from the same start on other pictures the mean often knows what
    each of them has learnt: Wortsman et al., "Model soups", ICML 2022.

    Parameters
    ----------
    parts
        Floats are averaged; whole numbers, which are shapes and places, are those of the last.

    Raises
    ------
    TrainingError
        Where they are not of one shape.
    """
    *before, last = parts
    shapes = {name: value.shape for name, value in last.items()}
    for one in before:
        if {name: value.shape for name, value in one.items()} != shapes:
            raise TrainingError("weights of other shapes cannot be averaged; expected one network")
    return {
        name: np.mean([part[name] for part in parts], axis=0, dtype=np.float64).astype(value.dtype)
        if np.issubdtype(value.dtype, np.floating)
        else value
        for name, value in last.items()
    }
