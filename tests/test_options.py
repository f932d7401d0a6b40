"""The one validator and the one syntax of options."""

from dataclasses import dataclass, field

import numpy as np
import pytest

import ticktone
from ticktone.cli.tables import parse_methods
from ticktone.errors import OptionError, unknown
from ticktone.methods import make_method
from ticktone.methods.median import Median
from ticktone.options import check_value, from_table, limits, read_pairs, setting
from ticktone.training import read_recipe


@dataclass(frozen=True)
class Inner:
    count: int = field(metadata=limits(least=1))
    gain: float = setting(0.5, above=0, below=1)
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    inner: Inner


def test_a_table_becomes_dataclasses():
    made = from_table(Outer, {"inner": {"count": np.int64(3), "gain": np.float32(0.25)}})
    assert made == Outer(Inner(3, 0.25))
    assert type(made.inner.count) is int
    assert type(made.inner.gain) is float


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"innre": {}}, r"unknown section 'innre'; did you mean inner\?"),
        ({"inner": {"cuont": 1}}, r"unknown key in \[inner\] 'cuont'; did you mean count\?"),
        ({"inner": {}}, "inner.count is missing"),
        ({"inner": {"count": 0}}, "inner.count must be at least 1, not 0"),
        ({"inner": {"count": 1, "gain": 1}}, "inner.gain must be less than 1, not 1"),
        ({"inner": {"count": 1, "gain": float("inf")}}, "inner.gain must be less than 1, not inf"),
        ({"inner": {"count": 1, "gain": 10**400}}, "inner.gain must be a number"),
        ({"inner": {"count": 1, "names": [1]}}, "inner.names must be text, or a list of texts"),
        ({"inner": 1}, "inner must be a table"),
    ],
)
def test_what_does_not_fit_is_named(table, message):
    with pytest.raises(OptionError, match=message):
        from_table(Outer, table)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("7", 7), ("007", 7), ("1_000", 1000), ("2.5", 2.5), (".5", 0.5), ("1e-3", 1e-3)),
        *(("inf", np.inf), ("true", True), ("False", False), ("abc", "abc"), ("", "")),
        *(("[1, 2]", [1, 2]), ('"7"', "7"), ("a=b", "a=b"), (" x ", "x")),
    ],
)
def test_values_are_written_the_same_way_everywhere(text, value):
    assert read_pairs([f"name={text}"]) == {"name": value}


@pytest.mark.parametrize("text", ["power", "=1", "", "a..b=1"])
def test_what_is_no_pair_is_refused(text):
    with pytest.raises(OptionError, match="is not of the form NAME=VALUE"):
        read_pairs([text])


def test_every_way_to_an_option_reads_it_alike(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("")
    rate = read_recipe(recipe, ["optimiser.learning-rate=.5"]).optimiser.learning_rate
    assert (rate, type(rate)) == (0.5, float)
    assert parse_methods("median:power=.5") == [("median", {"power": 0.5})]
    assert make_method("median", **read_pairs(["power=.5"])) == Median(power=0.5)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("median", {"power": 0}, "power must be greater than 0, not 0"),
        ("median", {"power": float("nan")}, "power must be a number, not nan"),
        ("median", {"margin": float("inf")}, "margin must be at most 1048576, not inf"),
        ("median", {"hop_length": True}, "hop_length must be a whole number, not True"),
        ("hpr", {"beta": 0.5}, "beta must be at least 1, not 0.5"),
        ("hpr", {"harmonic_window": 3}, "harmonic_window must be at least 4, not 3"),
        ("diffusion", {"alpha": 1}, "alpha must be less than 1, not 1"),
        ("diffusion", {"gamma": 1.5}, "gamma must be at most 1, not 1.5"),
        ("kam", {"kernels": "mine"}, "kernels must be one of intended, published, not 'mine'"),
        ("nmf", {"beta": 3}, "beta must be at most 2, not 3"),
        ("folded-3w-unet", {"threads": 0}, "threads must be at least 1, not 0"),
        ("folded-3w-unet", {"refine": 1}, "refine must be true or false, not 1"),
    ],
)
def test_methods_refuse_alike_by_name_and_by_class(name, options, message):
    with pytest.raises(ticktone.TicktoneError, match=f"method {name}: {message}"):
        make_method(name, **options)
    kind = type(make_method(name))
    if name != "folded-3w-unet":
        with pytest.raises(ValueError, match=f"^{message}"):
            kind(**options)


def test_none_stands_for_a_default():
    assert check_value("x", None, int | None, least=1) is None
    with pytest.raises(OptionError, match="x must be a whole number, not None"):
        check_value("x", None, int)


@pytest.mark.parametrize("name", [44_100, None, b"median"])
def test_a_name_that_is_no_text_is_unknown(name):
    """As `PartTransformer(44_100)` has it, where the part was forgotten."""
    assert unknown("part", name, ["harmonic", "percussive"]) == (
        f"unknown part {name!r}; there are: harmonic, percussive"
    )
