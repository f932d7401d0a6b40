"""Remixes of files: of parts that lie there, several of one recording, at one common gain."""

import mutagen
import numpy as np
import pytest
import soundfile

from tests.support.files import names, read
from ticktone.archive.many_files import remix_files, separate_files
from ticktone.errors import TicktoneError

DRUMLESS = {"percussive": -np.inf}


def remix(path, gains=DRUMLESS, *arguments, **how):
    (result,) = remix_files([path], gains, *arguments, **how)
    assert result.status == "done", result.error
    return result, read(result.outputs["remix"])


def separated(path, *arguments, **how):
    (result,) = separate_files([path], *arguments, **{"method": "median", **how})
    assert result.status == "done", result.error
    return {name: read(output) for name, output in result.outputs.items()}


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.wav", {}),
        ("a.flac", {"subtype": "PCM_24"}),
        ("a.wav", {"subtype": "FLOAT"}),
        ("a.ogg", {"format": "flac"}),
    ],
)
def test_parts_that_lie_there_are_used_and_it_is_said(song, name, how):
    path = song(name, 0.5, **({} if "format" in how else how))
    parts = separated(path, **({"format": how["format"]} if "format" in how else {}))
    result, mixed = remix(path, {"percussive": 6.0206}, float_=name == "a.wav")
    assert result.method == ""
    kind = "flac" if "format" in how else name.split(".")[1]
    said = f"made of the parts that lie there (a.harmonic.{kind}, a.percussive.{kind})"
    assert result.notes == [said]
    if name == "a.wav":
        expected = parts["harmonic"] + 2 * parts["percussive"]
        np.testing.assert_allclose(mixed, expected, atol=1e-5)


def test_parts_in_the_folder_of_the_output_are_used_too(song, tmp_path):
    path = song("a.wav", 0.5)
    parts = separated(path, tmp_path / "out", method="hpr")
    result, mixed = remix(path, {"residual": -np.inf, **DRUMLESS}, tmp_path / "out")
    assert "a.residual.wav" in result.notes[0]
    assert np.array_equal(mixed, parts["harmonic"])


def test_a_method_that_is_asked_for_separates_again(song):
    path = song("a.wav", 0.5)
    parts = separated(path)
    for how in ({"method": "hpr"}, {"method": "median", "options": {"power": 1.0}}):
        result, mixed = remix(path, {"residual": -np.inf, **DRUMLESS}, existing="overwrite", **how)
        assert (result.notes, result.method) == ([], how["method"])
        assert not np.array_equal(mixed, parts["harmonic"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda part, rate: (part[:-1], rate), "are not of one length"),
        (lambda part, rate: (part, rate + 100), "have another sample rate or other channels"),
        (lambda part, rate: (part[:, :1], rate), "have another sample rate or other channels"),
        (lambda part, rate: (part + 2**-14, rate), "do not sum to it"),
        (None, "cannot be read"),
    ],
)
def test_parts_that_are_not_its_own_are_not_used_and_it_is_said(song, tmp_path, spoil, why):
    path = song("a.wav", 0.5)
    separated(path)
    part = tmp_path / "a.percussive.wav"
    if spoil is None:
        part.write_bytes(b"no sound")
    else:
        samples, rate = spoil(*soundfile.read(part))
        soundfile.write(part, samples, rate)
    result, mixed = remix(path)
    assert len(result.notes) == 1
    assert result.notes[0].startswith("separated again, as the parts that lie there ")
    assert why in result.notes[0]
    assert result.method == "folded-3w-unet"
    assert mixed.shape == read(path).shape


def test_parts_of_another_length_are_not_its_own(song, tmp_path):
    path = song("a.wav", 0.5)
    separated(path)
    for part in ("harmonic", "percussive"):
        samples, rate = soundfile.read(tmp_path / f"a.{part}.wav")
        soundfile.write(tmp_path / f"a.{part}.wav", samples[:-1], rate)
    assert "not as long" in remix(path)[0].notes[0]


def test_several_remixes_have_names_and_a_folder_passes_over_them(song, run, tmp_path):
    path = song("in/a.flac", 0.3)
    file = mutagen.File(path)
    file["title"] = "Song"
    file.save()
    for name, gain in (("drumless", "-inf"), ("soft drums", "-6")):
        done = run("remix", "in", "-m", "median", "-n", name, "--percussive", gain, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert names(tmp_path / "in") == [
        *("a.drumless.remix.flac", "a.flac", "a.soft drums.remix.flac"),
    ]
    found = mutagen.File(tmp_path / "in" / "a.soft drums.remix.flac")
    assert found["title"] == ["Song (soft drums)"]


@pytest.mark.parametrize("name", ["", " ", "..", "a/b", "harmonic", "a\0b"])
def test_names_that_cannot_be_are_refused(song, name):
    with pytest.raises(TicktoneError, match="cannot be the name of a remix"):
        remix(song("a.wav", 0.1), name=name)


@pytest.mark.parametrize(("level", "sign"), [(0.2, "+"), (3.0, "-")])
def test_normalising_is_one_gain_for_the_whole(tmp_path, song, level, sign):
    path = tmp_path / "a.wav"
    samples, rate = soundfile.read(song("b.wav", 2.0))
    soundfile.write(path, level * samples, rate, subtype="FLOAT")
    _, plain = remix(path, {"harmonic": -3.0}, method="median")
    how = {"normalise": True, "existing": "overwrite", "method": "median", "format": "flac"}
    result, mixed = remix(path, {"harmonic": -3.0}, subtype="PCM_24", **how)
    assert not result.overs
    assert abs(mixed).max() == pytest.approx(10 ** (-0.1 / 20), abs=1e-6)
    gain = abs(mixed).max() / abs(plain).max()
    np.testing.assert_allclose(mixed, gain * plain, atol=1e-6)
    assert result.notes == [f"normalised by {sign}{abs(20 * np.log10(gain)):.1f} dB"]


@pytest.mark.parametrize(
    ("gains", "message"),
    [
        (("--harmonic=-inf", "--percussive=-inf"), "every part is left out"),
        (("--harmonic=-200", "--percussive=-inf"), "every part is left out"),
        (("--percussive", "99"), "a gain of 99.0 dB for the percussive part is out of range"),
        (("--percussive", "nan"), "out of range"),
    ],
)
def test_silence_and_absurd_gains_are_refused(song, run, tmp_path, gains, message):
    done = run("remix", song("a.wav", 0.1), "-m", "median", *gains)
    assert done.returncode == 1
    assert message in done.stderr
    assert names(tmp_path) == ["a.wav"]


def test_a_residual_may_be_all_that_is_left(song, run):
    gains = ("--harmonic=-inf", "--percussive=-inf")
    assert run("remix", song("a.wav", 0.3), "-m", "hpr", *gains).returncode == 0
