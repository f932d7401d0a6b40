"""PyTorch's tensors in, tensors out, without importing PyTorch."""

import sys
from collections.abc import Callable
from os import PathLike
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray


class Tensor(Protocol):
    """What type checkers need to know of a `torch.Tensor`."""

    def detach(self) -> Self:
        """Return it without its history."""
        ...

    def cpu(self) -> Self:
        """Return it in the processor's memory."""
        ...

    def numpy(self) -> Any:
        """Return it as an array."""
        ...


def as_array(audio: Any) -> tuple[NDArray[Any], Callable[[NDArray[Any]], Any]]:
    """Return audio as an array, and the function that makes of arrays what the audio was.

    Parameters
    ----------
    audio : ndarray, torch.Tensor, or anything that `numpy.asarray` takes
        A tensor may be on any device; gradients do not flow through a separation.

    Returns
    -------
    array : ndarray
    restore : callable
        Makes a tensor on the same device, if the audio is one; else returns arrays as they are.

    Raises
    ------
    TypeError
        If it is a path, has masked samples, or is a tensor of a dtype that is not separated.
    """
    if audio is None or isinstance(audio, str | bytes | PathLike):
        raise TypeError(
            f"audio must be an array of samples, not {audio!r}; a file's are separated by "
            "ticktone.separate_file"
        )
    if np.ma.is_masked(audio):
        raise TypeError("audio has masked samples; fill them in first, say with audio.filled(0)")
    torch = sys.modules.get("torch")  # who has a tensor has imported it
    kind = None if torch is None else getattr(torch, "Tensor", None)
    if torch is None or kind is None or not isinstance(audio, kind):
        return np.asarray(audio), lambda array: array
    tensor: Any = audio
    if tensor.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"audio must be float32 or float64, not {tensor.dtype}")

    if tensor.layout != torch.strided or tensor.device.type == "meta":
        kind = "meta" if tensor.device.type == "meta" else tensor.layout
        raise TypeError(f"audio must be a tensor with all its samples, not {kind}")

    def restore(array: NDArray[Any]) -> Any:
        return torch.from_numpy(np.ascontiguousarray(array)).to(tensor.device)

    return tensor.detach().cpu().resolve_neg().numpy(), restore
