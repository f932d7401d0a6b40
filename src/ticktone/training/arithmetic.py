"""PyTorch's process-wide arithmetic switches, set for a `with` block and then restored."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch


@contextmanager
def tensor_float_32(allowed: bool) -> Iterator[None]:
    """Allow or forbid TF32 on CUDA in the `with` block."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    try:
        matmul.allow_tf32 = cudnn.allow_tf32 = allowed
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before


@contextmanager
def cudnn_benchmark(enabled: bool) -> Iterator[None]:
    """Set whether cuDNN searches for its fastest algorithms, in the `with` block.

    The search pays where all batches have one shape, as in training; songs have not.
    """
    before = torch.backends.cudnn.benchmark
    try:
        torch.backends.cudnn.benchmark = enabled
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def autocast(precision: str, device_type: str) -> AbstractContextManager[Any]:
    """Return the context in which a network computes.

    Parameters
    ----------
    precision : {"auto", "bfloat16", "float32"}
        See `ticktone.training.recipe.Machine`.
    device_type : str
        ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    context manager
        Autocast to bfloat16, or nothing.
    """
    if precision == "bfloat16" or (precision == "auto" and device_type == "cuda"):
        return torch.autocast(device_type, torch.bfloat16)
    return nullcontext()
