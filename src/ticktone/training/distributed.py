"""One process or several, as `torchrun` starts them, and what they exchange."""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from ticktone.errors import TicktoneError


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of a training.

    Parameters
    ----------
    device : torch.device
        The device of this process.
    rank, size : int
        The index of this process, and the number of processes.
    """

    device: torch.device
    rank: int = 0
    size: int = 1

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return a network whose backward pass averages the gradients over the processes.

        Batch normalisation shares its statistics from then on: what is learnt from a batch does
        not depend on how many processes it is divided among.
        """
        if self.size == 1:
            return network
        from ticktone.training.batch_norm import share_batch_norm  # which loads the compiler

        share_batch_norm(network)
        ids = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=ids, broadcast_buffers=False)

    def broadcast(self, network: nn.Module) -> None:
        """Copy the first process's weights and statistics to all, lest rounding lead them apart."""
        if self.size > 1:
            for tensor in network.state_dict().values():
                dist.broadcast(tensor, 0)

    def sum(self, values: Sequence[float]) -> list[float]:
        """Return the sums over the processes, number by number."""
        return self._reduce(values, "SUM")

    def maximum(self, values: Sequence[float]) -> list[float]:
        """Return the maxima over the processes, number by number."""
        return self._reduce(values, "MAX")

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in any process."""
        return bool(self.maximum([flag])[0])

    def _reduce(self, values: Sequence[float], operation: str) -> list[float]:
        if self.size == 1:
            return list(values)
        shared = torch.tensor(list(values), dtype=torch.float64, device=self.device)
        dist.all_reduce(shared, getattr(dist.ReduceOp, operation))
        reduced: list[float] = shared.tolist()
        return reduced


@contextmanager
def process_group(device: str = "auto") -> Iterator[ProcessGroup]:
    """Join the other processes, if `torchrun` has started any.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda"}
        With "cuda", each process of a machine takes a card of its own.

    Yields
    ------
    ProcessGroup

    Raises
    ------
    TicktoneError
        If there is no such device.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise TicktoneError(f"unknown device {device!r}; there are: auto, cpu, cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise TicktoneError("PyTorch finds no CUDA device here; use --device cpu")
    cuda = device != "cpu" and torch.cuda.is_available()
    local = int(os.environ.get("LOCAL_RANK", "0"))
    chosen = torch.device("cuda", local) if cuda else torch.device("cpu")
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ProcessGroup(chosen)
        return
    if cuda:
        torch.cuda.set_device(chosen)
    dist.init_process_group("nccl" if cuda else "gloo")
    try:
        yield ProcessGroup(chosen, dist.get_rank(), dist.get_world_size())
        gc.collect()  # what averages gradients must not outlive its process group
        dist.barrier()  # and whoever left first would break the others off
    finally:
        dist.destroy_process_group()
