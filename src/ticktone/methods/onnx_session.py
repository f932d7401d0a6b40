"""Sessions of ONNX Runtime, each in as many threads as it is told."""

from pathlib import Path
from typing import Any

from ticktone.errors import TicktoneError
from ticktone.logger import LOGGER


def open_session(path: Path, content: bytes, threads: int = 1) -> Any:
    """Load a network for the CPU.

    Parameters
    ----------
    path : Path
        Of the .onnx file, for messages.
    content : bytes
        The file's.
    threads : int

    Returns
    -------
    onnxruntime.InferenceSession

    Raises
    ------
    TicktoneError
        If it cannot be loaded, or takes something else than magnitudes.
    """
    import onnxruntime  # slow to import

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # which would grow with the longest block for ever
    options.log_severity_level = 4  # what goes wrong is raised, and told in one line
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no base class of their own
        raise TicktoneError(
            f"cannot be loaded by ONNX Runtime ({type(error).__name__}); export it again", path
        ) from None
    LOGGER.debug("loaded %s", path)
    names = [entry.name for entry in session.get_inputs()]
    if names != ["magnitude"]:
        raise TicktoneError(
            f"does not fit its card: its inputs are {names}, expected ['magnitude']", path
        )
    return session
