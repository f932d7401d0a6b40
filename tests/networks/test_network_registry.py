from typing import Any

import pytest
import torch

from tests.networks.conftest import U_SHAPED
from ticktone.errors import TicktoneError
from ticktone.networks import make_network, networks


def test_names() -> None:
    assert networks() == (*U_SHAPED, "mad-twinnet", "dws")


@pytest.mark.slow
@pytest.mark.parametrize("name", networks())
def test_a_network_is_made_by_the_name_it_has(name: str) -> None:
    with torch.device("meta"):  # some are large
        assert make_network(name).name == name


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("3w-mdensnet", {}, "unknown network '3w-mdensnet'; did you mean 3w-mdensenet"),
        ("qqq", {}, "there are: 3w-mdensenet, mdensenet, 3w-unet, unet"),
        ("unet", {"chanels": 3}, "unknown option of unet 'chanels'; did you mean channels?"),
        ("unet", {"kernel_length": 3}, "unknown option of unet"),
        ("mdensenet", {"growth": 0}, "network mdensenet: growth must be .* not 0"),
        ("mdensenet", {"layers": 2.5}, "layers must be .* not 2.5"),
        ("3w-unet", {"kernel_length": 12}, "network 3w-unet: .*odd"),
        ("3w-mdensenet", {"poolings": "4"}, "poolings must be"),
        ("folded-3w-unet", {"channels": [4]}, "4 maps cannot be shared by 3 kernels"),
        ("folded-3w-unet", {"fold": 0}, "fold must be"),
        ("folded-3w-unet", {"bins": 513}, "bins must be a multiple of 16"),
        ("mad-twinnet", {"residual": "alligned"}, "must be one of aligned, reversed, flipped, not"),
        ("mad-twinnet", {"encoder_bins": 2050}, r"encoder_bins \(2050\) are more than bins"),
        ("mad-twinnet", {"decoder": 0}, "decoder must be"),
        ("mad-twinnet", {"context": 30}, r"context must be .* half of sequence \(60\), not 30"),
        ("dws", {"context": -1}, "context must be .* not -1"),
        ("dws", {"denoiser": 0}, "denoiser must be"),
        ("dws", {"blocks": 0}, "blocks must be"),
        ("dws", {"bins": 64}, "64 bins are too few"),
        ("dws", {"dropout": 1.0}, "dropout must be"),
    ],
)
def test_what_cannot_be_made_says_why(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(TicktoneError, match=message):
        make_network(name, **options)
