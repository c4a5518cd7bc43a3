"""The mean of weights of several trainings from one start."""

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.training.config import TrainingError


def refuse_other_classes(classes: Mapping[str, Sequence[str]]) -> None:
    """Refuse weights that do not all find the same.

    Parameters
    ----------
    classes
        Name of each file of weights to its classes, in their order.

    Raises
    ------
    TrainingError
        Where they differ.
    """
    *_, wanted = classes.values()
    for file, found in classes.items():
        if found != wanted:
            msg = f"{file} finds {', '.join(found)}; expected {', '.join(wanted)}, in this order"
            raise TrainingError(msg)


def averaged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean of each array over weights of one shape.

    Of weights that were trained from the same start on other pictures the mean often knows what
    each of them has learnt: Wortsman et al., "Model soups", ICML 2022.

    Parameters
    ----------
    parts
        Name to an array of floats or whole numbers, numpy's or torch's. Whole numbers, which count
        steps, are those of the last.

    Raises
    ------
    TrainingError
        Where they are not of one shape.
    """
    *before, last = parts
    shapes = {name: tuple(value.shape) for name, value in last.items()}
    for one in before:
        if {name: tuple(value.shape) for name, value in one.items()} != shapes:
            raise TrainingError("weights of other shapes cannot be averaged; expected one network")
    return {
        name: sum(part[name] for part in parts) / len(parts)
        if "float" in str(value.dtype)
        else value
        for name, value in last.items()
    }
