import pickle
import subprocess
import sys

import librosa
import numpy as np
import pytest

import ticktone
from tests.support.sounds import music


@pytest.fixture(scope="module")
def audio():
    return music(0.6, channels=1)[0]


@pytest.fixture(scope="module")
def spectrogram(audio):
    return librosa.stft(audio)


OPTIONS = [
    {},
    {"power": 1.0},
    {"power": 3.5},
    {"power": np.inf},
    {"margin": 2.0},
    {"margin": (1.0, 3.0)},
    {"margin": 2.0, "power": np.inf},
    {"kernel_size": 17},
    {"kernel_size": (9, 45)},
    {"kernel_size": (8, 30)},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_masks_equal_librosas(spectrogram, options):
    theirs = librosa.decompose.hpss(spectrogram, mask=True, **options)
    ours = ticktone.hpss(S=np.abs(spectrogram), mask=True, **options)
    for our, their in zip(ours, theirs, strict=True):
        assert np.abs(our.astype(float) - their).max() <= 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS)
def test_spectrograms_equal_librosas(spectrogram, options):
    for S in (spectrogram, np.abs(spectrogram)):
        theirs = librosa.decompose.hpss(S, **options)
        for our, their in zip(ticktone.hpss(S=S, **options), theirs, strict=True):
            assert our.dtype == their.dtype
            np.testing.assert_allclose(our, their, atol=1e-4 * np.abs(S).max() / 100)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        *OPTIONS,
        {"n_fft": 1024},
        {"hop_length": 300},
        {"hop_length": 700},
        {"kernel_size": [17, 31], "margin": [1.0, 2.0]},
        {"pad_mode": "reflect"},
    ],
)
def test_time_series_equal_librosas(audio, options):
    theirs = librosa.effects.hpss(audio, **options)
    for our, their in zip(ticktone.hpss(audio, **options), theirs, strict=True):
        assert our.dtype == np.float32
        np.testing.assert_allclose(our, their, atol=2e-6)


def test_channels_are_separated_alone(audio):
    stereo = music(0.3, channels=2)
    together = ticktone.hpss(stereo)
    for channel in range(2):
        alone = ticktone.hpss(stereo[channel])
        for whole, part in zip(together, alone, strict=True):
            assert np.array_equal(whole[channel], part)


def test_frames_need_not_be_centred(audio):
    theirs = librosa.effects.hpss(audio, center=False)
    inner = slice(2048, -2560)  # nearer to the ends librosa divides by next to nothing
    for our, their in zip(ticktone.hpss(audio, center=False), theirs, strict=True):
        assert our.shape == audio.shape
        np.testing.assert_allclose(our[inner], their[inner], atol=2e-6)


def test_integer_spectrograms_are_taken(spectrogram):
    S = np.rint(10 * np.abs(spectrogram)).astype(int)
    for our, their in zip(ticktone.hpss(S=S), librosa.decompose.hpss(S), strict=True):
        np.testing.assert_allclose(our, their, atol=1e-4)


def test_silence_is_divided_in_halves_or_dropped():
    nothing = np.zeros((20, 30), np.float32)
    assert all(np.all(mask == 0.5) for mask in ticktone.hpss(S=nothing, mask=True))
    assert all(np.all(mask == 0) for mask in ticktone.hpss(S=nothing, mask=True, margin=2))


@pytest.mark.parametrize(
    "changed",
    [
        {"n_fft": 1024},
        {"hop_length": 256},
        {"win_length": 1024},
        {"window": "hamming"},
        {"center": False},
        {"pad_mode": "reflect"},
    ],
)
def test_every_stft_option_changes_something(audio, changed):
    assert not np.allclose(ticktone.hpss(audio)[1], ticktone.hpss(audio, **changed)[1], atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "either"),
        ({"y": np.zeros(9), "S": np.zeros((9, 9))}, "either"),
        ({"y": np.zeros(9), "mask": True}, "masks"),
        ({"y": np.zeros(9, int)}, "floating"),
        ({"y": np.zeros((1025, 9), complex)}, "for a spectrogram say"),
        ({"y": [0.0] * 9}, "numpy.ndarray"),
        ({"y": np.array(0.0)}, "dimension"),
        ({"y": np.array([0.0, np.nan])}, "finite"),
        ({"y": np.zeros(9), "center": False}, "do not fill a frame"),
        ({"y": np.zeros(9), "hop_length": 0}, "hop_length"),
        ({"y": np.zeros(9), "hop_length": 512.0}, "hop_length"),
        ({"y": np.zeros(9), "win_length": 3000}, "n_fft"),
        ({"y": np.zeros(9), "win_length": 3}, "hop_length"),
        ({"y": np.zeros(9), "pad_mode": "wrap"}, "pad_mode"),
        ({"y": np.zeros(9), "window": np.ones(9)}, "window"),
        ({"y": np.zeros(9), "margin": 0.9}, "margin"),
        ({"S": np.zeros((9, 9)), "margin": 0.5}, "margin"),
        ({"S": np.zeros((9, 9)), "margin": (1.0, 0.9)}, "margin"),
        ({"S": np.zeros((9, 9)), "margin": (1.0,)}, "margin"),
        ({"S": np.zeros((9, 9)), "power": 0}, "power"),
        ({"S": np.zeros((9, 9)), "power": np.nan}, "power"),
        ({"S": np.zeros((9, 9)), "kernel_size": 0}, "kernel"),
        ({"S": np.zeros((9, 9)), "kernel_size": 3.5}, "kernel"),
        ({"S": np.zeros(9)}, "bins and frames"),
        ({"S": np.full((9, 9), -1.0)}, "non-negative"),
        ({"S": np.full((9, 9), np.nan)}, "finite"),
    ],
)
@pytest.mark.parametrize("kind", [ValueError, librosa.ParameterError, ticktone.TicktoneError])
def test_refuses_what_it_cannot_take_as_librosa_does(arguments, message, kind):
    with pytest.raises(kind, match=message) as caught:
        ticktone.hpss(**arguments)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.slow
def test_refusals_need_no_librosa():
    code = (
        "import sys, numpy, ticktone\n"
        "try: ticktone.hpss(S=numpy.ones((9, 9)), margin=0.5)\n"
        "except ValueError as error: print(error, 'librosa' in sys.modules)\n"
        "import librosa\n"  # it loads its own errors only when they are asked for
        "try: ticktone.hpss(S=numpy.ones((9, 9)), margin=0.5)\n"
        "except librosa.ParameterError as error: print('caught')"
    )
    told = subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()
    assert told == ["margin must be at least 1, not 0.5 False", "caught"]


# What librosa's own tests of hpss ask, asked of ours.


@pytest.mark.slow
@pytest.mark.parametrize("kernel_size", [31, (5, 5), [5, 5]])
@pytest.mark.parametrize("power", [1, 2, 10])
@pytest.mark.parametrize("mask", [False, True])
@pytest.mark.parametrize("margin", [1.0, 3.0, (1.0, 1.0), (9.0, 10.0)])
@pytest.mark.parametrize("complex_", [False, True])
def test_parts_of_noise_are_as_they_should_be(rng, kernel_size, power, mask, margin, complex_):
    S = np.abs(rng.standard_normal((65, 50)))
    if complex_:
        S = S * np.exp(1j * rng.uniform(0, 2 * np.pi, S.shape))
    options = {"kernel_size": kernel_size, "power": power, "mask": mask, "margin": margin}
    harmonic, percussive = ticktone.hpss(S=S, **options)
    if mask:
        assert np.isrealobj(harmonic)
        assert harmonic.min() >= 0
        assert (harmonic + percussive).max() <= 1 + 1e-12
    elif complex_:
        assert np.iscomplexobj(harmonic)
    if margin in (1.0, (1.0, 1.0)):
        np.testing.assert_allclose(harmonic + percussive, 1 if mask else S, rtol=1e-6)
    else:
        assert np.all(np.abs(harmonic + percussive) <= (1 if mask else np.abs(S)) * (1 + 1e-6))
    for our, their in zip(
        (harmonic, percussive), librosa.decompose.hpss(S, **options), strict=True
    ):
        assert our.dtype == their.dtype
        np.testing.assert_allclose(our, their, atol=1e-9)


def test_a_margin_below_one_is_librosas_parameter_error(rng):
    with pytest.raises(librosa.ParameterError):
        ticktone.hpss(S=np.abs(rng.standard_normal((9, 9))), margin=0.9)


def test_the_parts_alone_are_the_pair(audio):
    pair = ticktone.hpss(audio, margin=2.0)
    alone = ticktone.harmonic(audio, margin=2.0), ticktone.percussive(audio, margin=2.0)
    theirs = (
        librosa.effects.harmonic(audio, margin=2.0),
        librosa.effects.percussive(audio, margin=2.0),
    )
    for part, other, their in zip(pair, alone, theirs, strict=True):
        assert np.array_equal(part, other)
        np.testing.assert_allclose(other, their, atol=2e-6)
    with pytest.raises(TypeError, match="time series"):
        ticktone.harmonic(audio, S=audio)


@pytest.mark.parametrize("power", [1.0, np.inf])
@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16", "i8", "i4", "u1"])
@pytest.mark.parametrize("mask", [False, True])
def test_dtypes_are_librosas(rng, dtype, power, mask):
    S = (100 * rng.random((40, 30))).astype(dtype)
    theirs = librosa.decompose.hpss(S, mask=mask, power=power)
    for our, their in zip(ticktone.hpss(S=S, mask=mask, power=power), theirs, strict=True):
        assert our.dtype == their.dtype
        np.testing.assert_allclose(our, their, rtol=1e-4)


@pytest.mark.parametrize(
    "options",
    [
        {"kernel_size": np.int64(9), "margin": np.float64(2.0)},
        {"kernel_size": (np.int32(9), np.uint8(5)), "margin": [np.float32(1.5), 2]},
    ],
)
def test_numpys_numbers_are_numbers(spectrogram, options):
    theirs = librosa.decompose.hpss(spectrogram, **options)
    for our, their in zip(ticktone.hpss(S=spectrogram, **options), theirs, strict=True):
        np.testing.assert_allclose(our, their, atol=1e-4)


@pytest.mark.filterwarnings("ignore:divide by zero")  # librosa's, of no channels
@pytest.mark.parametrize("shape", [(9, 4000), (2, 3, 4000), (0, 4000), (1, 5000)])
def test_any_shape_of_audio_is_audio(rng, shape):
    y = rng.standard_normal(shape).astype(np.float32)
    for our, their in zip(ticktone.hpss(y), librosa.effects.hpss(y), strict=True):
        assert our.shape == their.shape == shape
        np.testing.assert_allclose(our, their, atol=1e-5)


@pytest.mark.filterwarnings("ignore:n_fft=2048 is too large")
@pytest.mark.parametrize("samples", [0, 1, 100, 2047])
def test_short_audio(rng, samples):
    y = rng.standard_normal(samples)
    for our, their in zip(ticktone.hpss(y), librosa.effects.hpss(y), strict=True):
        assert our.shape == their.shape
        np.testing.assert_allclose(our, their, atol=1e-6)


@pytest.mark.parametrize("hop_length", [1025, 1500, 2047])
def test_hops_may_be_longer_than_half_a_window(audio, hop_length):
    theirs = librosa.effects.hpss(audio, hop_length=hop_length)
    for our, their in zip(ticktone.hpss(audio, hop_length=hop_length), theirs, strict=True):
        np.testing.assert_allclose(our, their, rtol=0.02, atol=1e-3)  # windows' ends are tiny


@pytest.mark.parametrize("window", ["hann", np.hanning(2049)[:-1], list(np.hanning(2049)[:-1])])
def test_a_window_may_be_a_function_or_samples(audio, window):
    def function(length):
        return np.hanning(length + 1)[:-1]

    for part, other in zip(
        ticktone.hpss(audio, window=function), ticktone.hpss(audio, window=window), strict=True
    ):
        np.testing.assert_allclose(part, other, atol=1e-6)


@pytest.mark.parametrize("dtype", ["f2", ">f4", "g"])
def test_dtypes_over_which_librosa_fails(audio, dtype):
    expected = ticktone.hpss(audio)
    for part, other in zip(ticktone.hpss(audio.astype(dtype)), expected, strict=True):
        assert part.dtype == np.dtype(dtype)
        np.testing.assert_allclose(part.astype("f4"), other, atol=1e-2)


@pytest.mark.parametrize(("bins", "frames", "kernel"), [(20, 15, 501), (3, 2, 31)])
def test_kernels_much_longer_than_the_spectrogram_see_its_reflections(rng, bins, frames, kernel):
    spectrum = rng.random((bins, frames))
    places = (np.arange(bins)[:, None] + np.arange(kernel) - kernel // 2) % (2 * bins)
    reflected = spectrum[np.where(places < bins, places, 2 * bins - 1 - places)]
    expected = np.median(reflected, axis=1)  # along frequency
    masks = ticktone.hpss(S=spectrum, kernel_size=(1, kernel), power=np.inf, mask=True, margin=1)
    np.testing.assert_array_equal(masks[1], expected > spectrum)


def test_an_infinite_margin_leaves_silence(spectrogram):
    for part in ticktone.hpss(S=spectrogram, margin=np.inf):
        assert not np.any(part)


@pytest.mark.parametrize("dtype", ["f2", ">f4", ">f8", "g", "G", ">c16"])
def test_spectrograms_of_any_precision_and_byte_order(rng, dtype):
    S = rng.random((40, 30))
    expected = ticktone.hpss(S=S)
    for part, other in zip(ticktone.hpss(S=S.astype(dtype)), expected, strict=True):
        np.testing.assert_allclose(part.real, other, atol=2e-3 if dtype == "f2" else 1e-6)


@pytest.mark.parametrize("window", ["bogus", None, ("a", "b"), 3.5j])
def test_a_window_that_there_is_not_is_refused(audio, window):
    with pytest.raises(ticktone.TicktoneError, match="window"):
        ticktone.hpss(audio, window=window)
