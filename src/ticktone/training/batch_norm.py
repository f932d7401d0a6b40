"""Batch normalisation over the examples of all processes, as if one had them all."""

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation whose statistics in training are those of the global batch.

    PyTorch's own, `torch.nn.SyncBatchNorm`, is for GPUs alone. Every process must have as many
    examples as the others. In evaluation it is an ordinary `torch.nn.BatchNorm2d`.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalise. [shape=(batch, maps, bins, frames)], both."""
        if not self.training:
            return super().forward(input)
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        seen = input.float()  # sums of many values need the bits
        mean: Tensor = _averaged(seen.mean((0, 2, 3)))
        centred = seen - mean[:, None, None]
        variance: Tensor = _averaged(centred.square().mean((0, 2, 3)))
        with torch.no_grad():
            count = dist.get_world_size() * input.numel() // input.shape[1]
            unbiased = variance * (count / max(1, count - 1))
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(unbiased, self.momentum)
            self.num_batches_tracked += 1
        scale = self.weight * torch.rsqrt(variance + self.eps)
        normalised: Tensor = centred * scale[:, None, None] + self.bias[:, None, None]
        return normalised.to(input.dtype)


@torch.compiler.disable  # type: ignore[untyped-decorator]
def _averaged(values: Tensor) -> Tensor:
    """Average over the processes; gradients flow back to all of them."""
    total: Tensor = all_reduce(values)  # type: ignore[no-untyped-call]
    return total / dist.get_world_size()


def share_batch_norm(network: nn.Module) -> None:
    """Let all batch normalisation of a network share its statistics; nothing else changes."""
    for module in network.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm2d  # the very same parameters and statistics
