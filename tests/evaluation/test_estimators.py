import numpy as np
import pytest

import ticktone
from tests.evaluation.conftest import RATE
from ticktone import TicktoneError
from ticktone.evaluation.estimators import EstimatorSpec, choose
from ticktone.evaluation.measures import sdr
from ticktone.models import models

ONNX = str(models()["unet"])


def estimate(name, sources, complement=True, **options):
    return EstimatorSpec(name, name, options).open(complement).estimate(sources, RATE)


def test_the_floor_is_the_best_gain_and_what_theory_says(scored):
    sources, _ = scored
    found = estimate("gain", sources)
    mixture = sources.sum(axis=0)
    np.testing.assert_allclose(found.sum(axis=0), mixture, atol=1e-6)
    gain = np.vdot(found[1], mixture) / np.vdot(mixture, mixture)
    for other in (0.99 * gain, 1.01 * gain):
        assert sdr(sources[1], other * mixture) < sdr(sources[1], found[1])
    energy = np.sum(sources**2, axis=(1, 2))
    for index in (0, 1):
        wanted = 10 * np.log10(1 + energy[index] / energy[1 - index])  # uncorrelated, nearly
        assert sdr(sources[index], found[index]) == pytest.approx(wanted, abs=0.05)


def test_silence_is_no_trouble_to_the_ends():
    silence = np.zeros((2, 1, 4000), np.float32)
    for name in ("gain", "oracle"):
        assert not estimate(name, silence).any()


@pytest.mark.parametrize("channels", [1, 2])
def test_a_method_and_the_ceiling_lie_above_the_floor(songs, channels):
    from ticktone.datasets import open_dataset
    from ticktone.evaluation.run import read_sources

    for song in open_dataset(songs(channels=channels)):
        sources = read_sources(song, stereo=True)
        assert sources.shape == (2, channels, RATE)
        floor, method, ceiling = (
            [sdr(*pair) for pair in zip(sources, estimate(name, sources), strict=True)]
            for name in ("gain", "median", "oracle")
        )
        for index in (0, 1):
            assert floor[index] + 3 < method[index]
            assert floor[index] + 3 < ceiling[index]


def test_a_residual_counts_as_harmonic_and_estimates_are_raw_on_request(songs):
    from ticktone.datasets import open_dataset
    from ticktone.evaluation.run import read_sources

    sources = read_sources(open_dataset(songs()).songs[0])
    mixture = sources.sum(axis=0)
    for complement in (True, False):
        parts = ticktone.separate(mixture, RATE, "hpr", complement=complement)
        found = estimate("hpr", sources, complement)
        assert np.array_equal(found[0], parts.harmonic + parts.residual)
        assert np.array_equal(found[1], parts.percussive)
    raw, summing = (estimate("unet", sources, c, sum_to_one=False) for c in (False, True))
    assert np.array_equal(summing.sum(axis=0), mixture)
    assert not np.allclose(raw.sum(axis=0), mixture, atol=1e-3)


def test_methods_are_labelled_and_stand_between_the_ends():
    found = choose([("median", {}), ("hpr", {"beta": 3, "x": True}), (ONNX, {}), ("gain", {})])
    assert [e.label for e in found] == ["gain", "median", "hpr:beta=3:x=true", "unet", "oracle"]
    assert [e.is_bound for e in found] == [True, False, False, False, True]
    assert found[3].method == ONNX


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["medain"], "unknown method 'medain'; did you mean median"),
        (["median", "median"], "two methods would be called 'median'"),
        (["unet", ONNX], "two methods would be called 'unet'"),
        (["x/gain.onnx"], "two methods would be called 'gain'"),
    ],
)
def test_names_that_will_not_do(names, message):
    with pytest.raises(TicktoneError, match=message):
        choose([(name, {}) for name in names])


@pytest.mark.parametrize("end", ["gain", "oracle"])
def test_the_ends_have_no_options(end):
    with pytest.raises(TicktoneError, match=f"{end} has no options"):
        choose([("median", {}), (end, {"phase": "pu-hpss"})])


def test_settings_tell_what_estimates_depend_on():
    def settings(name, threads=1, **options):
        return EstimatorSpec(name, name, options).open(True, threads).settings()

    assert settings("median") == settings("median", threads=2)
    assert settings("median") != settings("median", power=1.0)
    assert settings("median", power=float("inf"))["options"]["power"] == "inf"
    assert settings("unet") == settings("unet", threads=2)
    assert settings("unet") != settings("unet", one_mask=False)
    assert len(settings("unet")["model"]["sha256"]) == 64
    assert "refined_by" not in settings("unet")
    assert len(settings("folded-3w-unet")["refined_by"]) == 64
    assert settings("gain") != settings("oracle")
    assert settings("median") == settings("median", phase="mixture")
    assert settings("median") != settings("median", phase="pu-hpss")
    with pytest.raises(TicktoneError, match="unknown phase 'pu-hps'; did you mean pu-hpss"):
        settings("median", phase="pu-hps")


def test_the_phase_is_an_option_of_every_method(scored):
    sources, _ = scored
    before, after = (
        estimate("median", sources, complement=False, phase=phase)
        for phase in ("mixture", "pu-hpss")
    )
    assert abs(before - after).max() > 1e-3
