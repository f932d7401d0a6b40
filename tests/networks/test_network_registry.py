import pytest

from ticktone.errors import TicktoneError
from ticktone.networks import make_network, networks


def test_names() -> None:
    assert networks() == ("3w-mdensenet", "mdensenet", "3w-unet", "unet", "folded-3w-unet")


@pytest.mark.parametrize("name", networks())
def test_a_network_is_made_by_the_name_it_has(name: str) -> None:
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
    ],
)
def test_what_cannot_be_made_says_why(name: str, options: dict[str, int], message: str) -> None:
    with pytest.raises(TicktoneError, match=message):
        make_network(name, **options)
