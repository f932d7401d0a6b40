"""Batch normalisation over the examples of all processes, as if one had them all."""

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce


class SharedBatchNorm2d(nn.BatchNorm2d):
    """Batch normalisation whose statistics in training are those of the global batch.

    PyTorch's own, `torch.nn.SyncBatchNorm`, is for GPUs alone. Every process must have as many
    examples as the others. In evaluation it is an ordinary `torch.nn.BatchNorm2d`.

    Parameters
    ----------
    layer : BatchNorm2d
        The layer that this one takes the place of. Both have the very same parameters and
        statistics, so that an optimiser of the one trains the other.
    """

    def __init__(self, layer: nn.BatchNorm2d) -> None:
        super().__init__(
            layer.num_features,
            layer.eps,
            layer.momentum,
            layer.affine,
            layer.track_running_stats,
            device="meta",  # allocates nothing: all tensors are replaced
        )
        self.weight, self.bias = layer.weight, layer.bias
        for name, statistic in layer.named_buffers(recurse=False):
            self.register_buffer(name, statistic)
        self.train(layer.training)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise. [shape=(batch, maps, bins, frames)], both."""
        if not self.training:
            return super().forward(input)
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        wide = input.float()  # sums of many values need the bits
        mean: Tensor = _mean_of_processes(wide.mean((0, 2, 3)))
        centred = wide - mean[:, None, None]
        variance: Tensor = _mean_of_processes(centred.square().mean((0, 2, 3)))
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
def _mean_of_processes(values: Tensor) -> Tensor:
    """Average over the processes; gradients flow back to all of them."""
    total: Tensor = all_reduce(values)  # type: ignore[no-untyped-call]
    return total / dist.get_world_size()


def share_batch_norm(network: nn.Module) -> None:
    """Replace each layer of batch normalisation in a network by one that shares its statistics.

    Names, parameters and statistics stay what they are.

    Parameters
    ----------
    network : Module
        Changed in place. It is no layer of batch normalisation itself.
    """
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.BatchNorm2d:
                module.add_module(name, SharedBatchNorm2d(child))
