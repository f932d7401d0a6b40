"""What Python is given that cannot be meant costs one clear line, and is never half understood."""

from pathlib import Path

import numpy as np
import pytest

import ticktone
from tests.support.sounds import music
from ticktone import TicktoneError

AUDIO = music(0.2)


def stretched(**how):
    return ticktone.stretch(AUDIO, 44_100, method="median", **how)


@pytest.mark.parametrize("value", ["2", None, True, [2], 1j])
@pytest.mark.parametrize("name", ["speed", "pitch"])
def test_speeds_and_pitches_are_numbers(name, value):
    with pytest.raises(TicktoneError, match=f"^{name} must be a number, not "):
        stretched(**{name: value})


@pytest.mark.parametrize("name", ["keep_drums", "lock_attacks"])
def test_what_is_true_or_false_is_not_text(name):
    with pytest.raises(TicktoneError, match=f"^{name} must be true or false, not 'no'"):
        stretched(**{name: "no"})


@pytest.mark.parametrize("gain", ["3", None, True, [1]])
def test_gains_are_numbers(gain):
    with pytest.raises(TicktoneError, match=r"^the gain of the harmonic part must be a number"):
        ticktone.remix(AUDIO, 44_100, harmonic=gain, method="median")


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"start": "0:10"}, "start must be a number"),
        ({"end": [1]}, "end must be a number"),
        ({"subtype": 16}, "subtype must be text"),
        ({"float_": "yes"}, "float must be true or false"),
        ({"tags": "no"}, "tags must be true or false"),
        ({"bitrate": "320"}, "bitrate must be a number"),
    ],
)
def test_how_files_are_written_is_checked_before(song, tmp_path, option, message):
    path = song("a.wav", 0.1)
    with pytest.raises(TicktoneError, match=message):
        ticktone.separate_file(path, tmp_path / "out", "median", **option)
    with pytest.raises(TicktoneError, match=message):
        ticktone.separate_files([path], tmp_path / "out", "median", **option)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("jobs", [0, -1, 1.5, "2", True])
def test_jobs_are_a_number_of_them(song, jobs):
    with pytest.raises(TicktoneError, match=r"^jobs must be"):
        ticktone.separate_files([song("a.wav", 0.1)], method="median", jobs=jobs)


@pytest.mark.parametrize("kind", [str, Path])
def test_one_path_is_not_taken_for_its_letters(song, tmp_path, kind):
    path = song("a.wav", 0.1)
    (result,) = ticktone.separate_files(kind(path), tmp_path / "out", "median")
    assert result.source == str(path)


def test_no_file_has_a_null_character_in_its_name():
    with pytest.raises(TicktoneError, match="null character"):
        ticktone.separate_file("a\0b.wav")


@pytest.mark.parametrize("audio", ["a.wav", b"a.wav", None])
def test_a_path_is_not_audio(audio):
    with pytest.raises(TypeError, match="separate_file"):
        ticktone.separate(audio, 44_100)
    with pytest.raises(TypeError, match="separate_file"):
        ticktone.stretch(audio, 44_100, speed=0.8)


def test_masked_samples_are_not_taken_for_sound():
    with pytest.raises(TypeError, match="masked"):
        ticktone.separate(np.ma.masked_array(AUDIO, AUDIO > 0.1), 44_100)
    with pytest.raises(TypeError, match="masked"):
        ticktone.stretch(np.ma.masked_array(AUDIO, AUDIO > 0.1), 44_100, speed=0.8)
    whole = ticktone.separate(np.ma.masked_array(AUDIO), 44_100, method="median")
    np.testing.assert_array_equal(
        whole.harmonic, ticktone.separate(AUDIO, 44_100, method="median").harmonic
    )


def refilled(audio, length):
    """Blocks as soundfile's `blocks(out=...)` gives them: one array, filled again and again."""
    block = np.empty((len(audio), length), audio.dtype)
    for start in range(0, audio.shape[-1], length):
        part = audio[:, start : start + length]
        block[:, : part.shape[-1]] = part
        yield block[:, : part.shape[-1]]


@pytest.mark.parametrize("method", ["median", "hpr", "folded-3w-unet-causal"])
def test_blocks_may_be_filled_again_while_they_are_at_work(method):
    separator = ticktone.Separator(method)
    parts = list(separator.stream(refilled(AUDIO, 1000), 44_100))
    joined = [np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)]
    for found, whole in zip(joined, separator.separate(AUDIO, 44_100), strict=True):
        np.testing.assert_allclose(found, whole, atol=1e-5)


@pytest.mark.parametrize("audio", [AUDIO, AUDIO[0]])
def test_one_array_is_not_taken_for_blocks(audio):
    separator = ticktone.Separator("median")
    with pytest.raises(ValueError, match="stream takes blocks"):
        list(separator.stream(audio, 44_100))
    several = np.stack([np.atleast_2d(audio)] * 2)  # (blocks, channels, samples)
    assert sum(parts.harmonic.shape[-1] for parts in separator.stream(several, 44_100)) == 17_640


@pytest.mark.parametrize("channels", [0, -1, 2.5, "2"])
def test_latency_is_that_of_some_number_of_channels(channels):
    with pytest.raises(TicktoneError, match=r"^channels must be "):
        ticktone.Separator("median").latency(44_100, channels)


@pytest.mark.parametrize("part", ["percusive", "drums", 5])
def test_a_gain_is_of_a_part(tmp_path, part):
    with pytest.raises(TicktoneError, match=r"^unknown part"):
        ticktone.remix_files(tmp_path / "a.wav", {part: -6.0}, method="median")


@pytest.mark.parametrize("option", ["threads", "model"])
def test_what_is_given_apart_is_no_option_of_a_method(tmp_path, option):
    with pytest.raises(TicktoneError, match=f"^{option} is no option of unet"):
        ticktone.separate_files(tmp_path / "a.wav", method="unet", options={option: 2})
