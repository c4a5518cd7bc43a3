"""What can go wrong with a model.

* ModelError
  - ManifestError           stop: fix the file, or name another model
  - WeightsMissingError     stop: fetch the weights again
  - WeightsMismatchError    stop: the weights are not those that the manifest tells of
  - ProviderMissingError    stop: install what runs the model there, or name another provider
  - InputSizeError          stop: name a size that the weights take
  - DatasetError            stop: mend the labelled pictures, or name others
  - DetectorError           the weights failed on a picture; another picture may do
"""

from collections.abc import Sequence
from pathlib import Path


class ModelError(Exception):
    """Base of all that a model raises itself."""


class ManifestError(ModelError):
    """A manifest is not valid or not there; nothing may run on it.

    Attributes
    ----------
    path
        The file.
    problems
        All that is wrong with it, one line each: where, what, what was expected.
    """

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        super().__init__("\n".join([f"{path} is not valid:", *(f"  {line}" for line in problems)]))
        self.path = path
        self.problems = tuple(problems)


class WeightsMissingError(ModelError):
    """The weights that a manifest names cannot be read.

    Attributes
    ----------
    path
        The weights file.
    reason
        What the system said.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"weights {path} cannot be read: {reason}")
        self.path = path
        self.reason = reason


class WeightsMismatchError(ModelError):
    """The weights are others than the manifest says: another hash, or another graph.

    Attributes
    ----------
    path
        The weights file.
    problems
        All that differs, one line each: what was found, what was expected.
    """

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        lines = [f"weights {path} differ from their manifest:", *(f"  {line}" for line in problems)]
        super().__init__("\n".join(lines))
        self.path = path
        self.problems = tuple(problems)


class ProviderMissingError(ModelError):
    """What a model is to run on is not there.

    Attributes
    ----------
    provider
        Which.
    reason
        What is missing, or what to do.
    """

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(f"provider {provider} is not available here: {reason}")
        self.provider = provider
        self.reason = reason


class InputSizeError(ModelError):
    """The weights of a model do not take pictures of a size.

    Attributes
    ----------
    model
        Name of the model.
    size_px
        Width and height that were asked for.
    reason
        What was expected.
    """

    def __init__(self, model: str, size_px: tuple[int, int], reason: str) -> None:
        super().__init__(f"model {model} at {size_px[0]}x{size_px[1]}: {reason}")
        self.model = model
        self.size_px = size_px
        self.reason = reason


class DatasetError(ModelError):
    """Labelled pictures cannot be used; says which file, what is wrong and what was expected."""


class DetectorError(ModelError):
    """An inference failed, or gave numbers that are no boxes and scores.

    Attributes
    ----------
    model
        Name of the model.
    reason
        What was found, and what was expected.
    """

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"model {model}: {reason}")
        self.model = model
        self.reason = reason
