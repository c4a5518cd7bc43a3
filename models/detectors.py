"""One model at several sizes of its input: small pictures where those do, large where they must."""

from models.manifest import Manifest
from models.onnx_detector import OnnxDetector
from models.providers import Provider


class Detectors:
    """The detectors of one model, one a size, each opened when it is first asked for.

    A size has a session of its own, because ONNX Runtime plans a graph for one; their weights are
    in memory once each. One thread opens them; each is for one thread at a time.

    Attributes
    ----------
    own
        That of the size that the manifest names.

    Raises
    ------
    ModelError
        Where that cannot be opened, as `OnnxDetector` has it.
    """

    def __init__(self, manifest: Manifest, *, provider: Provider = Provider.CPU) -> None:
        self._provider = provider
        self.own = OnnxDetector(manifest, provider=provider)
        self._by_width = {manifest.input.width_px: self.own}

    def at(self, width_px: int | None) -> OnnxDetector:
        """Return the detector of an input so wide, in the shape of the manifest's; None: `own`.

        Raises
        ------
        ModelError
            Where the weights do not take that width, or cannot be opened at it.
        """
        if width_px is None:
            return self.own
        if width_px not in self._by_width:
            manifest = self.own.manifest.resized(width_px)
            self._by_width[width_px] = OnnxDetector(manifest, provider=self._provider)
        return self._by_width[width_px]

    def careful(self, width_px: int | None) -> OnnxDetector:
        """Return the detector that misses least, for what must be blurred: `own`, or a wider one.

        Raises
        ------
        ModelError
            As `at`.
        """
        is_wider = width_px is not None and width_px > self.own.manifest.input.width_px
        return self.at(width_px) if is_wider else self.own
