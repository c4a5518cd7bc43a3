"""On what a model runs: ONNX Runtime's execution providers, all pinned to one precision."""

from enum import StrEnum


class Provider(StrEnum):
    """An execution provider that a site may choose; all but the CPU's come with another package."""

    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"
    OPENVINO = "openvino"


_NAMES = {
    Provider.CPU: "CPUExecutionProvider",
    Provider.CUDA: "CUDAExecutionProvider",
    Provider.TENSORRT: "TensorrtExecutionProvider",
    Provider.OPENVINO: "OpenVINOExecutionProvider",
}

PACKAGES = {
    Provider.CPU: "onnxruntime",
    Provider.CUDA: "onnxruntime-gpu",
    Provider.TENSORRT: "onnxruntime-gpu and TensorRT",
    Provider.OPENVINO: "onnxruntime-openvino",
}
"""What to install for each."""

# In float32 without shortcuts, so that an incident does not hang on the machine that found it.
_OPTIONS: dict[Provider, dict[str, str]] = {
    Provider.CPU: {},
    Provider.CUDA: {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"},
    Provider.TENSORRT: {"trt_fp16_enable": "0", "trt_int8_enable": "0"},
    Provider.OPENVINO: {"device_type": "CPU", "precision": "FP32", "num_of_threads": "1"},
}


def provider_name(provider: Provider) -> str:
    """Return what ONNX Runtime calls it."""
    return _NAMES[provider]


def session_providers(provider: Provider) -> list[tuple[str, dict[str, str]]]:
    """Return what an ONNX Runtime session is given: the provider, and the CPU for the rest."""
    wanted = [provider] if provider is Provider.CPU else [provider, Provider.CPU]
    return [(_NAMES[one], _OPTIONS[one]) for one in wanted]
