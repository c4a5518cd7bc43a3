"""The models for what does not move, each loaded once, and only where a camera looks for it."""

from collections.abc import Mapping

from analytics.messages import IncidentKind
from edge.camera_config import CameraSettings
from edge.view_config import SLOW_KINDS
from models.detector import Detector
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from models.providers import Provider


class SlowDetectors:
    """For one thread at a time, as the detectors themselves.

    Parameters
    ----------
    models
        For each kind a model that ships, or the path of a manifest.
    """

    def __init__(
        self, models: Mapping[IncidentKind, str], *, provider: Provider = Provider.CPU
    ) -> None:
        self._models = models
        self._provider = provider
        self._loaded: dict[IncidentKind, Detector] = {}

    def of(self, camera: CameraSettings) -> Mapping[IncidentKind, Detector]:
        """Return what finds each kind that a zone of the camera looks for.

        Raises
        ------
        models.errors.ModelError
            Where a model cannot be loaded.
        """
        return {kind: self._detector(kind) for kind in SLOW_KINDS if camera.looks_for(kind)}

    def _detector(self, kind: IncidentKind) -> Detector:
        if kind not in self._loaded:
            manifest = load_manifest(find_manifest(self._models[kind]))
            self._loaded[kind] = OnnxDetector(manifest, provider=self._provider)
        return self._loaded[kind]
