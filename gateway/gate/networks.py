"""Loads openWakeWord's networks, and changes two of them so that they take a clip of any length."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from gateway.files import BadFile, reason_of

MELS = 32  # numbers of a mel frame
_LOG_MEL = "onnx::ReduceMax_31"  # the mel network's decibels before it floors them


def log_mel(path: Path) -> bytes:
    """The mel network up to the decibels, before the floor that depends on how much one call is given."""
    model = _graph(path)
    if all(_LOG_MEL not in node.output for node in model.graph.node):
        raise BadFile(f"{path}: not openWakeWord 0.4's mel network")
    del model.graph.output[:]
    model.graph.output.append(onnx.helper.make_tensor_value_info(_LOG_MEL, onnx.TensorProto.FLOAT, None))
    return bytes(model.SerializeToString())


def any_length(path: Path) -> bytes:
    """The embedding network, made to take any number of mel frames.

    Its convolutions are valid in time (strides multiply to 8); two Reshape nodes alone hold it to 76 frames: the
    first becomes one that leaves time open, the last a Transpose.
    """
    model = _graph(path)
    shapes = {each.name: each for each in model.graph.initializer}
    reshapes = [node for node in model.graph.node if node.op_type == "Reshape"]
    if len(reshapes) != 2 or reshapes[0].input[1] not in shapes:
        raise BadFile(f"{path}: not openWakeWord 0.4's embedding network")
    first, last = reshapes
    open_in_time = np.array([0, 1, -1, MELS + 2], np.int64)
    shapes[first.input[1]].CopyFrom(onnx.numpy_helper.from_array(open_in_time, first.input[1]))
    last.CopyFrom(onnx.helper.make_node("Transpose", [last.input[0]], [last.output[0]], perm=[0, 2, 3, 1]))
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "frames"
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_param = "embeddings"
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


def _graph(path: Path) -> Any:
    try:
        return onnx.load(str(path))
    except Exception as error:  # onnx's and protobuf's errors share no base class
        raise BadFile(f"{path}: not a model onnx can load ({reason_of(error)})") from None


def models_folder() -> Path:
    """The folder of the models in openWakeWord's wheel.

    Raises:
        BadFile: the wheel is not installed.
    """
    spec = find_spec("openwakeword")  # only the wheel's models are used: importing it loads far more
    if spec is None or spec.origin is None:
        raise BadFile("gate.wake_model: openwakeword is not installed")
    return Path(spec.origin).parent / "resources" / "models"


def session(model: Path | bytes, name: str) -> onnxruntime.InferenceSession:
    """A model from a file or its bytes, run by one thread. `name` stands in errors.

    Raises:
        BadFile: onnxruntime cannot load it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # clips side by side gain more than threads do
    options.log_severity_level = 4
    try:
        source = model if isinstance(model, bytes) else str(model)
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base class
        raise BadFile(f"{name}: not a model onnxruntime can load ({reason_of(error)})") from None
