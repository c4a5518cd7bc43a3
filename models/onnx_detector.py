"""A detector that runs ONNX weights; the only module that imports onnxruntime."""

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types
from onnxruntime.capi import (  # type: ignore[import-untyped]  # ships no types
    onnxruntime_pybind11_state as ort_errors,
)

from analytics.detections import Detections, FloatArray
from analytics.frames import Image
from models.errors import DetectorError, ProviderMissingError, WeightsMismatchError
from models.letterbox import InputBuffer, Letterbox
from models.manifest import Head, Manifest, read_weights
from models.providers import PACKAGES, Provider, provider_name, session_providers
from models.yolo import decode

# ONNX Runtime's errors have no base of their own: these are all it can raise here.
_ORT_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    RuntimeError,
    ValueError,
)

# A sigmoid in float32 may end a rounding error above 1; a logit ends far above it.
_HIGHEST_SCORE = 1.001

Shape = Sequence[int | str | None]
"""The shape a graph declares; what is no int is left open by it."""


class OnnxDetector:
    """Runs the weights of a manifest. For one thread at a time: the input is one reused buffer.

    Parameters
    ----------
    manifest
        Which weights, and how to read them.
    threads
        Threads of one inference. One a worker is best: a second gains less than a second worker.
    provider
        On what it runs.

    Raises
    ------
    ProviderMissingError
        Where ONNX Runtime is installed without the provider, or it cannot be used here.
    WeightsMissingError
        Where the file cannot be read.
    WeightsMismatchError
        Where the hash, the format or a shape is not what the manifest says.
    """

    def __init__(
        self, manifest: Manifest, *, threads: int = 1, provider: Provider = Provider.CPU
    ) -> None:
        self.manifest = manifest
        self._session = _open(manifest, threads, provider)
        self._input_name = str(self._session.get_inputs()[0].name)
        self._classes = np.array(manifest.object_classes, np.int64)
        self._buffer = InputBuffer(manifest.input)

    def detect(self, image: Image) -> Detections:
        """Return all objects in ``image``, as `models.detector.Detector` has it."""
        letterbox = self.prepare(image)
        return self.decode(self.infer(), letterbox)

    def prepare(self, image: Image) -> Letterbox:
        """Put a picture, BGR uint8 ``(h, w, 3)``, into the input, and return where it lies.

        Raises
        ------
        DetectorError
            Where the picture has no pixels.
        """
        if image.size == 0:
            raise DetectorError(self.manifest.name, f"picture of shape {image.shape} is empty")
        return self._buffer.fill(image)

    def infer(self) -> FloatArray:
        """Return what the weights make of the input: float32, in the layout of the head.

        Raises
        ------
        DetectorError
            Where ONNX Runtime fails, or a number is not finite.
        """
        try:
            output: FloatArray = self._session.run(None, {self._input_name: self._buffer.values})[0]
        except _ORT_ERRORS as exc:
            raise DetectorError(
                self.manifest.name, f"inference failed: {_on_one_line(exc)}"
            ) from exc
        if not np.isfinite(output).all():
            raise DetectorError(self.manifest.name, "the output holds numbers that are not finite")
        return output

    def decode(self, output: FloatArray, letterbox: Letterbox) -> Detections:
        """Return the objects in an output, in pixels of the picture; without an area, no object.

        Raises
        ------
        DetectorError
            Where a score is no share of 1, or a class is not in the manifest.
        """
        manifest = self.manifest
        found = decode(output, manifest.head, floor=manifest.floor, nms_iou=manifest.nms_iou)
        if (found.confidence > _HIGHEST_SCORE).any():
            reason = f"score {found.confidence.max():.3g}, expected 0 to 1"
            raise DetectorError(manifest.name, reason)
        if ((found.class_index < 0) | (found.class_index >= len(self._classes))).any():
            reason = f"a class outside of 0 to {len(self._classes) - 1}"
            raise DetectorError(manifest.name, reason)
        xyxy = letterbox.to_source(found.xyxy)
        solid = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)
        return Detections(
            xyxy[solid],
            np.minimum(found.confidence[solid], np.float32(1)),
            self._classes[found.class_index[solid]],
        )


def _open(manifest: Manifest, threads: int, provider: Provider) -> ort.InferenceSession:
    name = provider_name(provider)
    if name not in ort.get_available_providers():
        raise ProviderMissingError(provider.value, f"install {PACKAGES[provider]}")
    options, size = ort.SessionOptions(), manifest.input
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Waiting threads would spin: beside a second worker that costs half of the speed of both.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Eight-bit weights: without it, sums overflow on processors that lack VNNI.
    options.add_session_config_entry("session.x64quantprecision", "1")
    options.log_severity_level = 4  # fatal only: what fails is raised, and told by whoever asked
    # Weights that take any size are run at the manifest's, fixed before the graph is optimised:
    # as fast as weights of that one size, in which there are no such names.
    for axis, side in (("batch", 1), ("height", size.height_px), ("width", size.width_px)):
        options.add_free_dimension_override_by_name(axis, side)
    weights = read_weights(manifest)
    try:
        session = ort.InferenceSession(weights, options, providers=session_providers(provider))
    except _ORT_ERRORS as exc:
        raise WeightsMismatchError(
            manifest.file, [f"ONNX Runtime cannot run it: {_on_one_line(exc)}"]
        ) from exc
    if name not in session.get_providers():
        # ONNX Runtime only warns, and would go on with the CPU.
        raise ProviderMissingError(provider.value, "its libraries or its device do not answer")
    problems = _differences(manifest, session)
    if problems:
        raise WeightsMismatchError(manifest.file, problems)
    return session


def _differences(manifest: Manifest, session: ort.InferenceSession) -> list[str]:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(outputs) != 1:
        return [f"{len(inputs)} inputs and {len(outputs)} outputs, expected one of each"]
    if manifest.head is Head.END_TO_END:
        output_shape: Shape = (1, None, 6)
    else:
        output_shape = (1, 4 + len(manifest.classes), None)
    wanted = (1, 3, manifest.input.height_px, manifest.input.width_px)
    return [
        *_shape_problem("input", inputs[0].type, inputs[0].shape, wanted),
        *_shape_problem(
            f"{manifest.head.value} head", outputs[0].type, outputs[0].shape, output_shape
        ),
    ]


def _shape_problem(what: str, kind: str, found: Shape, wanted: Shape) -> list[str]:
    fits = len(found) == len(wanted) and all(
        isinstance(have, int) and want in (None, have)
        for have, want in zip(found, wanted, strict=True)
    )
    if fits and kind == "tensor(float)":
        return []
    shape = ", ".join("n" if side is None else str(side) for side in wanted)
    return [f"{what} is {kind} of shape {tuple(found)}, expected tensor(float) of shape ({shape})"]


def _on_one_line(exc: Exception) -> str:
    return " ".join(str(exc).split())
