"""Headers and samples that no recording has: refused by name, at little cost."""

import struct

import numpy as np
import pytest
import soundfile

import ticktone
from tests.audio.reading import make, read
from ticktone.errors import TicktoneError

resource = pytest.importorskip("resource")  # which Windows does not have

# Where a header tells its sample rate, and how it is written.
RATES = {
    "WAV": ("<I", 24),
    "W64": ("<I", 68),
    "RF64": ("<I", 60),
    "AU": (">I", 16),
    "AVR": (">I", 22),
    "CAF": (">d", 20),
    "PAF": (">I", 12),
    "IRCAM": ("<f", 4),
}


@pytest.mark.parametrize("rate", [1, 999, 1_500_001, 2_000_000_000])
@pytest.mark.parametrize("container", RATES)
def test_rates_that_no_recording_has_are_refused_by_name(tmp_path, container, rate):
    path = make(tmp_path / "sound", container, "PCM_16")
    data = bytearray(path.read_bytes())
    code, place = RATES[container]
    assert struct.unpack_from(code, data, place) == (44_100,)
    struct.pack_into(code, data, place, rate)
    path.write_bytes(data)
    with pytest.raises(TicktoneError, match=rf"sample rate of {rate} Hz .* 1000 and"):
        read(path)


@pytest.mark.parametrize("rate", [1, 999, 1_500_001, 2**31, 2**40, 0, -44_100])
def test_rates_of_arrays_too(rate):
    with pytest.raises(ValueError, match="from 1000 to 1500000 Hz"):
        ticktone.separate(np.zeros(10, np.float32), rate, "median")


@pytest.mark.parametrize("rate", [1000, 1_500_000])
def test_the_lowest_and_the_highest_rate_are_separated(rate):
    tone = np.sin(np.arange(3000) * 0.3).astype(np.float32)
    harmonic, percussive = ticktone.separate(tone, rate, "median")
    assert np.allclose(harmonic + percussive, tone, atol=1e-6)


def test_more_channels_than_anybody_records_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((10, 300)), 44_100)
    with pytest.raises(TicktoneError, match="has 300 channels; at most 256"):
        read(tmp_path / "a.wav")


def test_memory_is_bounded_by_the_file_not_by_its_header(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((300, 256)), 44_100)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read(tmp_path / "a.wav")[0].shape == (256, 300)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10
    assert grown < 30  # MiB; 65,536 frames of 256 channels take 64


@pytest.mark.parametrize(("channels", "samples"), [(65, 64), (256, 1)])
def test_samples_taken_for_channels_are_refused_by_name(tmp_path, channels, samples):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((samples, channels)), 44_100)
    with pytest.raises(TicktoneError, match=f"a.wav: has {channels} channels of {samples} samples"):
        ticktone.separate_file(path, method="median")
    soundfile.write(path, np.zeros((1, 64)), 44_100)
    assert ticktone.separate_file(path, tmp_path / "out", "median").status == "done"


@pytest.mark.parametrize("value", [1.01e6, -1e30, 3e38, np.inf, np.nan])
def test_samples_out_of_this_world_are_refused_by_place(tmp_path, value):
    audio = np.zeros((1000, 2), np.float32)
    audio[441, 1] = value
    reason = r"sample 441 of channel 2 \(at 0.010 s\) is .*(repair|divide)"
    with pytest.raises(TicktoneError, match=reason):
        ticktone.separate(audio.T, 44_100, "median")
    path = tmp_path / "a.wav"
    soundfile.write(path, audio, 44_100, subtype="FLOAT")
    with pytest.raises(TicktoneError, match=r"a.wav: sample 441 of channel 2"):
        ticktone.separate_file(path, tmp_path / "out", "median", format="flac")
    assert not list((tmp_path / "out").glob("*"))


def test_float64_that_single_precision_cannot_hold_is_refused_before_the_cast(tmp_path):
    audio = np.zeros((1000, 1))
    audio[7] = 1e300
    with pytest.raises(TicktoneError, match=r"sample 7 of channel 1 .* is 1e\+300, beyond"):
        ticktone.separate(audio.T, 44_100, "median")
    soundfile.write(tmp_path / "a.wav", audio, 44_100, subtype="DOUBLE")
    with pytest.raises(TicktoneError, match="sample 7 of channel 1"):
        ticktone.separate_file(tmp_path / "a.wav", method="median")


def test_the_largest_samples_that_pass_sum_to_the_recording():
    audio = np.sin(np.arange(5000) * 0.1) * 1e6
    parts = ticktone.separate(audio, 44_100, "median")
    assert np.isfinite(parts).all()
    assert np.allclose(sum(parts), audio, rtol=0, atol=1e-6)
