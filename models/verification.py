"""Whether a model can do its work: its manifest, its weights, and one inference."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import ManifestError, ModelError, WeightsMismatchError
from models.manifest import Manifest, find_manifest, load_manifest
from models.onnx_detector import OnnxDetector


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one model.

    Attributes
    ----------
    model
        The name or path that was asked for.
    path
        Its manifest; none where there is none.
    problems
        All that is wrong, one line each; empty for a model that works.
    """

    model: str
    path: Path | None
    problems: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        """Whether the model works."""
        return not self.problems


def verify_model(name_or_path: str) -> Verdict:
    """Return whether a model's manifest is valid, its weights are the right ones, and it runs.

    Weights that are to take other sizes are run at a small one as well.

    A later step is taken only where the one before held: weights are not run that are not those
    of the manifest.
    """
    path = None
    try:
        path = find_manifest(name_or_path)
        manifest = load_manifest(path)
        for one in _sizes(manifest):
            size = (one.input.height_px, one.input.width_px, 3)
            OnnxDetector(one).detect(np.full(size, 128, np.uint8))
    except (ManifestError, WeightsMismatchError) as exc:
        return Verdict(name_or_path, path, exc.problems)
    except ModelError as exc:
        return Verdict(name_or_path, path, (str(exc),))
    return Verdict(name_or_path, path, ())


def _sizes(manifest: Manifest) -> list[Manifest]:
    side_px = manifest.input.multiple_px
    return [manifest] if side_px is None else [manifest, manifest.resized(2 * side_px, 2 * side_px)]
