from typing import Any

import numpy as np
import pytest

import ticktone
from ticktone.describe import describe_methods
from ticktone.evaluation.estimators import choose
from ticktone.methods import DEFAULT, PURPOSES, make_method, resolve
from ticktone.methods.base import Method, Stage
from ticktone.stft import STFT


def test_all_methods_of_the_median_family_are_there():
    assert {"median", "hpr", "diffusion"} <= set(ticktone.methods())


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("medain", {}, "did you mean median"),
        ("zzz", {}, "there are: best, fast, live, classic, median, hpr"),
        ("median", {"powr": 1}, "unknown option of median 'powr'; did you mean power"),
        ("median", {"power": -1}, "method median: power must be greater than 0"),
        ("median", {"power": "2"}, "method median: power must be a number, not '2'"),
        ("median", {"hop_length": 1.5}, "hop_length must be a whole number, not 1.5"),
        ("hpr", {"residual": 1}, "residual must be true or false, not 1"),
    ],
)
def test_what_is_unknown_is_named_with_its_near_matches(name, options, message):
    with pytest.raises(ticktone.TicktoneError, match=message):
        make_method(name, **options)


def test_methods_go_by_what_they_are_for(rng, tmp_path):
    for purpose in PURPOSES:
        assert resolve(purpose.name) == purpose.method
        assert make_method(purpose.name) == make_method(purpose.method)
        assert purpose.name not in ticktone.methods()  # results tell the method
    audio = rng.standard_normal(20_000).astype("f4")
    for found, wanted in zip(
        ticktone.separate(audio, 44_100, "classic", power=1.0),
        ticktone.separate(audio, 44_100, "median", power=1.0),
        strict=True,
    ):
        assert np.array_equal(found, wanted)
    assert [spec.label for spec in choose([("classic", {}), ("hpr", {})])] == [
        *("gain", "median", "hpr", "oracle"),
    ]
    with pytest.raises(ticktone.TicktoneError, match="two methods would be called 'median'"):
        choose([("classic", {}), ("median", {})])
    assert resolve("best") == DEFAULT


def test_whole_and_numpys_numbers_will_do():
    made: Any = make_method("median", power=2, harmonic_frames=np.int64(9))
    assert made.power == 2
    assert make_method("median", margin=np.float64(1.5)).has_residual


def test_windows_that_cannot_be_are_refused_in_one_line():
    with pytest.raises(ticktone.TicktoneError, match="method median at 44100 Hz: a hop of 5000"):
        ticktone.separate(np.zeros(9), 44_100, "median", hop_length=5000)


@pytest.mark.slow
def test_descriptions_give_what_a_user_chooses_by(monkeypatch):
    monkeypatch.setattr("ticktone.describe._SECONDS", 1.0)
    described = {method.name: method for method in describe_methods()}
    assert set(described) == set(ticktone.methods())
    median = described["median"]
    assert median.context == (15,)
    assert median.latency == pytest.approx((15 * 512 + 2048) / 44_100)
    assert median.speed > 0
    default = described["folded-3w-unet"]
    assert default.context == (16, 40)
    assert default.latency == pytest.approx(
        ((127 + 16) * 512 + 1024 + ((127 + 40) * 64 + 256 + 910) * 32) / 44_100
    )
    assert described["hpr"].parts == ("harmonic", "percussive", "residual")
    assert describe_methods(measure=False)[0].speed is None


def test_a_method_of_ones_own_can_be_used(rng):
    class Everything(Method):
        name, paper = "everything", "none"

        def stages(self, sample_rate):
            return (EverythingStage(),)

    class EverythingStage(Stage):
        stft, context = STFT(512, 128), 0

        def divide(self, magnitude, wanted):
            return 0 * magnitude[..., wanted], magnitude[..., wanted]

    audio = rng.standard_normal(5000).astype("f4")
    percussive = ticktone.separate(audio, 44_100, Everything()).percussive
    assert abs(percussive - audio).max() < 1e-5
    with pytest.raises(TypeError, match="constructor"):
        ticktone.Separator(Everything(), power=2)
    with pytest.raises(TypeError, match="Method"):
        ticktone.Separator(EverythingStage())  # type: ignore[call-overload]
