"""The libraries' own values, and what neither library says of silence."""

import sys
import warnings
from dataclasses import replace
from importlib.metadata import requires, version

import museval
import numpy as np
import pytest
from mir_eval.separation import bss_eval_images_framewise
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.evaluation.conftest import RATE
from ticktone import TicktoneError
from ticktone.evaluation.bss_eval import METRICS
from ticktone.evaluation.protocols import find_protocol, protocols
from ticktone.evaluation.scores import median
from ticktone.parts import SOURCES

LORDELO = find_protocol("lordelo2019")
DROSSOS = replace(find_protocol("drossos2018"), window=1.0, hop=0.5)  # a song is not long here


def values(scores, metric):
    return np.stack([scores.values[part][metric] for part in SOURCES])


def turned(sound):
    return sound.swapaxes(1, 2).astype(np.float64)


def test_musevals_own_values(scored):
    found = LORDELO.score(scored[0], scored[1], RATE)
    theirs = museval.evaluate(*map(turned, scored), win=RATE, hop=RATE, mode="v4")
    for metric, wanted in zip(("SDR", "ISR", "SIR", "SAR"), theirs, strict=True):
        assert wanted.shape == (2, 3)
        np.testing.assert_allclose(values(found, metric), wanted, rtol=0, atol=1e-9)
    assert (found.windows, found.unscored("SDR"), found.window, found.hop) == (3, 0, 1.0, 1.0)


@pytest.mark.slow
def test_mir_evals_own_values_which_are_musevals_version_3(scored):
    found = DROSSOS.score(scored[0], scored[1], RATE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = bss_eval_images_framewise(*map(turned, scored), window=RATE, hop=RATE // 2)
    also = museval.evaluate(*map(turned, scored), win=RATE, hop=RATE // 2, mode="v3")
    for index, metric in enumerate(("SDR", "ISR", "SIR", "SAR")):
        assert theirs[index].shape == (2, 6)
        np.testing.assert_allclose(values(found, metric), theirs[index], rtol=0, atol=1e-9)
        np.testing.assert_allclose(values(found, metric), also[index], rtol=0, atol=1e-3)


@pytest.mark.slow
def test_the_numbers_by_which_the_libraries_would_be_seen_to_change(scored):
    golden = {
        "lordelo2019": {
            "SDR": (6.5029, 14.0110),
            "SIR": (7.1154, 19.1705),
            "SAR": (13.9977, 19.4012),
            "ISR": (16.2377, 16.9288),
        },
        "drossos2018": {
            "SDR": (6.4942, 14.0064),
            "SIR": (7.3232, 19.2625),
            "SAR": (14.4016, 19.8017),
            "ISR": (14.8102, 16.7653),
        },
    }
    for protocol in (LORDELO, DROSSOS):
        wanted = golden[protocol.name]
        found = protocol.score(scored[0], scored[1], RATE)
        for metric, pair in wanted.items():
            assert [median(row) for row in values(found, metric)] == pytest.approx(pair, abs=1e-3)


@pytest.mark.parametrize(
    ("protocol", "channels"),
    [(LORDELO, 1), pytest.param(LORDELO, 2, marks=pytest.mark.slow), (DROSSOS, 1)],
    ids=["v4", "v4 in stereo", "v3"],
)
def test_sdr_of_images_is_the_ratio_of_signal_to_error_in_a_window(scored, protocol, channels):
    sources, estimates = (np.repeat(sound, channels, axis=1) for sound in scored)
    estimates[:, -1] *= 0.7
    found = values(protocol.score(sources, estimates, RATE), "SDR")
    window, hop = round(protocol.window * RATE), round(protocol.hop * RATE)
    for index in range(found.shape[1]):
        span = slice(index * hop, index * hop + window)
        source, error = sources[..., span], (sources - estimates)[..., span]
        wanted = 10 * np.log10(
            np.sum(source.astype("f8") ** 2, (1, 2)) / np.sum(error.astype("f8") ** 2, (1, 2))
        )
        np.testing.assert_allclose(found[:, index], wanted, rtol=0, atol=1e-6)


@pytest.mark.slow
def test_estimates_that_sum_to_the_mixture_differ_by_the_ratio_of_energies(scored):
    sources, estimates = scored
    estimates[1] = sources.sum(axis=0) - estimates[0]
    for protocol in (LORDELO, DROSSOS):
        harmonic, percussive = values(protocol.score(sources, estimates, RATE), "SDR")
        for index, found in enumerate(harmonic - percussive):
            start = round(index * protocol.hop * RATE)
            h, p = np.sum(sources[..., start : start + RATE].astype("f8") ** 2, axis=(1, 2))
            assert found == pytest.approx(10 * np.log10(h / p), abs=1e-4)


def test_the_windows_and_statistics_of_the_papers(scored):
    lordelo, drossos = (find_protocol(name) for name in ("lordelo2019", "drossos2018"))
    assert (lordelo.window, lordelo.hop) == (1, 1)
    assert (drossos.window, drossos.hop) == (30, 15)
    assert (lordelo.statistic, lordelo.pooled) == ("mean", False)
    assert (drossos.statistic, drossos.pooled) == ("median", True)
    rate = 400  # at which a song lasts for 70 s
    found = drossos.score(scored[0], scored[1], rate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = bss_eval_images_framewise(
            *map(turned, scored), window=30 * rate, hop=15 * rate, compute_permutation=False
        )
    assert (found.windows, found.window, found.hop) == (3, 30, 15)
    for index, metric in enumerate(("SDR", "ISR", "SIR", "SAR")):
        np.testing.assert_allclose(values(found, metric), theirs[index], rtol=0, atol=1e-9)


def test_a_song_of_one_window_tells_how_long_it_is(scored):
    sources, estimates = (sound[..., : RATE * 3 // 2] for sound in scored)
    assert LORDELO.score(sources, estimates, RATE).window == 1  # the rest is left out
    found = replace(DROSSOS, hop=1.0).score(sources, estimates, RATE)
    assert found.window == 1.5  # the whole song
    whole = find_protocol("sdr").score(sources, estimates, RATE)
    np.testing.assert_allclose(values(found, "SDR"), values(whole, "SDR"), rtol=0, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", [LORDELO, DROSSOS], ids=lambda p: p.name)
def test_sources_that_cannot_be_told_apart_are_scored(protocol):
    before = dict(vars(np.linalg))
    sources = np.array([[[0.5]], [[0.25]]], np.float32)
    found = protocol.score(sources, sources - np.float32(0.125), RATE)
    assert values(found, "SDR")[:, 0] == pytest.approx([12.0412, 6.0206], abs=1e-4)
    assert dict(vars(np.linalg)) == before
    assert museval.metrics.np is np  # nor is the library's namespace written into


@pytest.mark.parametrize("protocol", [LORDELO, DROSSOS], ids=lambda p: p.name)
@pytest.mark.parametrize("which", ["source", pytest.param("estimate", marks=pytest.mark.slow)])
def test_silent_windows_have_no_score_and_are_counted(scored, protocol, which):
    sources, estimates = (sound.copy() for sound in scored)
    {"source": sources, "estimate": estimates}[which][0, :, :RATE] = 0
    found = protocol.score(sources, estimates, RATE)
    assert found.unscored("SDR") == 1
    for metric in METRICS:
        assert np.isnan(values(found, metric)[:, 0]).all()
        assert np.isfinite(values(found, metric)[:, -1]).all()


@pytest.mark.parametrize("protocol", protocols().values(), ids=lambda p: p.name)
def test_a_silent_song_has_no_score_and_a_silent_estimate_none_but_an_sdr(scored, protocol):
    sources, estimates = scored
    silent = np.stack([0 * sources[0], sources[1]])
    with pytest.raises(ValueError, match="the harmonic source is silent"):
        protocol.score(silent, estimates, RATE)
    found = protocol.score(sources, 0 * estimates, RATE)
    if protocol.bss_eval is None:
        assert values(found, "SDR").tolist() == [[0], [0]]
        assert np.isnan(values(found, "SI-SDR")).all()
    else:
        assert found.unscored("SDR") == found.windows > 0


@pytest.mark.parametrize("samples", [27_000, 29_000])
@pytest.mark.parametrize("protocol", protocols().values(), ids=lambda p: p.name)
def test_estimates_longer_or_shorter_than_their_sources_are_refused(scored, protocol, samples):
    sources, estimates = scored
    other = np.resize(estimates, (2, 1, samples))
    with pytest.raises(ValueError, match=rf"\(2, 1, {samples}\), sources \(2, 1, 28000\)"):
        protocol.score(sources, other, RATE)
    with pytest.raises(ValueError, match=r"expected \(2, channels, samples\)"):
        protocol.score(sources[0], estimates[0], RATE)


def test_a_song_shorter_than_a_window_is_one(scored):
    sources, estimates = (sound[..., : RATE // 2] for sound in scored)
    for protocol in (LORDELO, DROSSOS):
        found = protocol.score(sources, estimates, RATE)
        assert (found.windows, found.window) == (1, 0.5)
    whole = find_protocol("sdr").score(sources, estimates, RATE)
    np.testing.assert_allclose(values(found, "SDR"), values(whole, "SDR"), rtol=0, atol=1e-6)


def test_an_empty_band_does_not_ruin_sir_and_sar(rng):
    spectra = np.fft.rfft(rng.standard_normal((4, 1, 3 * RATE)))
    spectra[..., spectra.shape[-1] // 2 :] = 0  # nothing there, as in a decoded OGG file
    sounds = 0.1 * np.fft.irfft(spectra)
    sources = sounds[:2].astype(np.float32)
    estimates = (0.9 * sounds[:2] + 0.3 * sounds[1::-1] + 0.3 * sounds[2:]).astype(np.float32)
    found = LORDELO.score(sources, estimates, RATE)
    *_, sir, sar = museval.evaluate(turned(sources), turned(estimates), win=RATE, hop=RATE)
    for index, part in enumerate(SOURCES):  # 9.5 and 10 dB by construction
        assert 5 < median(found.values[part]["SIR"]) < 10
        assert 6 < median(found.values[part]["SAR"]) < 11
        assert median(sir[index]) < -20  # which is what the rounding is for
        assert median(sar[index]) < 1


@pytest.mark.parametrize("name", ["lordelo2019", "drossos2018"])
def test_a_missing_library_is_named(monkeypatch, name):
    protocol = find_protocol(name)
    monkeypatch.setitem(sys.modules, protocol.library, None)
    monkeypatch.setitem(sys.modules, f"{protocol.library}.separation", None)
    with pytest.raises(TicktoneError, match=rf"{protocol.library}.*install 'ticktone\[evaluate\]'"):
        protocol.check()
    find_protocol("sdr").check()  # needs nothing


def test_an_unknown_protocol_is_named():
    with pytest.raises(TicktoneError, match="did you mean lordelo2019"):
        find_protocol("lordelo")


def test_the_extra_is_installable_and_what_the_tests_ran_with():
    wanted = {
        str(canonicalize_name(found.name)): found
        for found in map(Requirement, requires("ticktone") or ())
        if found.marker and found.marker.evaluate({"extra": "evaluate"})
    }
    for name in ("museval", "mir-eval", "matplotlib"):
        assert version(name) in wanted[name].specifier
