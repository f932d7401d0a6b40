from pathlib import Path

import pytest
import torch

from ticktone.errors import TicktoneError
from ticktone.networks import complete_options, make_network
from ticktone.training import Recipe, read_recipe, recipe_from
from ticktone.training.losses import loss_weights

RECIPES = Path(__file__).parents[2] / "recipes"
TABLE_1 = ("3w-mdensenet", "mdensenet", "3w-unet", "unet")


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return path

    return write


def test_an_empty_file_gives_the_defaults(write):
    assert read_recipe(write("")) == Recipe()


def test_values_and_overrides(write):
    path = write('[data]\npath = "a"\n[examples]\nbatch = 2\n[network.options]\ngrowth = 3\n')
    recipe = read_recipe(
        path,
        [
            *("examples.frames=64", "network.options.layers=2", "optimiser.learning_rate=1"),
            *("augmentation.gain=[-3, 3.5]", "data.kind=folders", "data.cache="),
        ],
    )
    assert recipe.data.path == ("a",)
    assert recipe.data.kind == "folders"
    assert recipe.data.cache is None
    assert (recipe.examples.batch, recipe.examples.frames) == (2, 64)
    assert recipe.network.options == {"growth": 3, "layers": 2}
    assert recipe.optimiser.learning_rate == 1.0
    assert recipe.augmentation.gain == (-3.0, 3.5)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("2019", ("2019",)),
        ("a b=c/d", ("a b=c/d",)),
        ("true", ("true",)),
        ("[1]", None),
        ('["a", "b"]', ("a", "b")),
    ],
)
def test_folders_on_the_command_line_may_have_any_name(write, text, path):
    if path is None:
        with pytest.raises(TicktoneError, match=r"data\.path must be text, or a list of texts"):
            read_recipe(write(""), [f"data.path={text}"])
    else:
        assert read_recipe(write(""), [f"data.path={text}"]).data.path == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[exampels]\nbatch = 2", r"unknown section 'exampels'; did you mean examples\?"),
        ("[examples]\nbacth = 2", r"unknown key in \[examples\] 'bacth'; did you mean batch\?"),
        ("[examples]\nzzz = 2", r"unknown key in \[examples\] 'zzz'; there are: sample_rate, "),
        ("examples = 2", r"examples must be a table, written \[examples\], not 2"),
        ("[examples]\nbatch = 0", r"examples\.batch must be at least 1, not 0"),
        ("[examples]\nbatch = 2.5", r"examples\.batch must be a whole number, not 2\.5"),
        ("[examples]\nbatch = true", r"examples\.batch must be a whole number, not True"),
        ("[optimiser]\nlearning_rate = 0", r"learning_rate must be greater than 0, not 0"),
        ("[optimiser]\nlearning_rate = nan", r"learning_rate must be a number, not nan"),
        ("[optimiser]\nlearning_rate = 'x'", r"learning_rate must be a number, not 'x'"),
        ("[augmentation]\nmixing = 1.5", r"augmentation\.mixing must be at most 1, not 1\.5"),
        ("[augmentation]\ngain = [0.0]", r"augmentation\.gain must be a list of 2 numbers"),
        ("[augmentation]\ngain = [3.0, 0.0]", r"augmentation\.gain must be lowest first"),
        ("[augmentation]\nspeed = [0.0, 1.0]", r"augmentation\.speed must be at least 0\.25"),
        ("[loss]\nname = 'mse'", r"loss\.name must be one of masked_mse, masked_l1, .*, not 'mse'"),
        ("[network]\noptions = 3", r"network\.options must be a table, not 3"),
        ("[examples]\nhop_length = 1000", r"examples\.hop_length .*loses sound"),
        ("[examples]\nwindow_length = 1025", r"examples\.window_length must be even"),
        ("[examples]\nfft_length = 1025", r"examples\.fft_length must be even"),
        ("[examples]\nfft_length = 512", r"examples\.hop_length .*shorter than window_length"),
        ("[examples]\nwindow = 'blackman'", r"window must be one of hann, symmetric hamming, not"),
        ("[examples]\nframes = 8\ncontext = 4", r"more than twice examples\.context"),
        ("[loss]\nweights = 1", r"loss\.weights must be a table, not 1"),
        ("[data]\npath = [1]", r"data\.path must be text, or a list of texts, not \[1\]"),
        ("[examples\n", "is not TOML: "),
    ],
)
def test_mistakes_are_named_with_the_file(write, text, message):
    path = write(text)
    with pytest.raises(TicktoneError, match=message) as caught:
        read_recipe(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["batch=3", "examples.batch", "=3", "examples.=3"])
def test_overrides_of_no_form(write, text):
    with pytest.raises(TicktoneError, match=r"is not of the form section\.key=value"):
        read_recipe(write(""), [text])


def test_an_override_below_a_value(write):
    with pytest.raises(TicktoneError, match="batch is not a section"):
        read_recipe(write("[examples]\nbatch = 2"), ["examples.batch.size=3"])


def test_a_missing_file(tmp_path):
    with pytest.raises(TicktoneError, match="cannot be read: No such file"):
        read_recipe(tmp_path / "none.toml")


def test_a_recipe_survives_its_tables():
    recipe = recipe_from({"data": {"path": "x"}, "augmentation": {"speed": [0.5, 2]}})
    assert recipe_from(recipe.as_table()) == recipe


@pytest.mark.parametrize("name", TABLE_1)
def test_the_papers_recipes_differ_in_the_network_alone(name):
    recipe = read_recipe(RECIPES / f"{name}.toml")
    assert recipe.network.name == name
    parameters = sum(p.numel() for p in make_network(name, **recipe.network.options).parameters())
    assert 550_000 <= parameters <= 610_000
    plain = recipe_from(
        {"data": {"subset": "train"}, "validation": {"subset": "validation"}}
        | {"network": {"name": name, "options": recipe.network.options}}
    )
    assert recipe == plain


def test_the_two_unets_are_of_one_depth():
    options = [
        read_recipe(RECIPES / f"{name}.toml").network.options for name in ("unet", "3w-unet")
    ]
    for key in ("convolutions", "poolings"):
        assert options[0][key] == options[1][key]
    defaults = [complete_options(name, {}) for name in ("unet", "3w-unet")]
    assert defaults == options


def test_recipes_are_validated_by_both_lists_of_songs():
    for recipe in map(read_recipe, RECIPES.glob("*.toml")):
        assert recipe.validation.path in ((), ("validation", "development"))


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_recipe_can_be_read(path):
    recipe = read_recipe(path)
    with torch.device("meta"):  # some are large
        network = make_network(recipe.network.name, **recipe.network.options)
    assert network.takes(recipe.examples.stft.bins - (not network.sees_nyquist))
    assert recipe.examples.frames % network.grid == 0
    assert recipe.examples.context == network.edge
    if network.patches:
        assert network.patches[0] + 2 * network.patches[1] == recipe.examples.frames
    loss_weights(recipe.loss, network)
