"""`ticktone compare`, as its users call it."""

import csv
import io

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread
from typer.testing import CliRunner

from tests.evaluation.conftest import RATE
from ticktone.cli.commands import app


@pytest.fixture
def song(songs):
    """A song in two channels, and its stems."""
    stems = songs("a", channels=2) / "a"
    parts = [soundfile.read(stems / f"{p}.wav")[0] for p in ("percussive", "harmonic")]
    path = stems.parents[1] / "$a^^$ song.wav"
    soundfile.write(path, sum(parts), RATE)
    return path, stems


def compare(*arguments):
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def rows(done):
    assert done.exit_code == 0, done.output
    return {row["method"]: row for row in csv.DictReader(io.StringIO(done.stdout))}


@pytest.mark.slow
def test_a_table_and_a_picture(song):
    path, stems = song
    found = rows(compare(path, "-m", "median,hpr", "-f", "csv"))
    picture = path.with_name("$a^^$ song.compare.png")
    plain = imread(picture)
    assert plain.std() > 0.05
    assert list(found) == ["median", "hpr"]
    assert -20 < float(found["median"]["percussive level"]) < 0
    assert float(found["median"]["speed x real time"]) > 0
    assert "percussive SDR" not in found["median"]
    refused = compare(path, "-m", "median")
    assert refused.exit_code == 1
    assert "exists; use --overwrite" in refused.stderr
    done = compare(path, "-m", "median,hpr", "-f", "csv", "--overwrite", "--reference", stems)
    found = rows(done)
    assert list(found) == ["gain", "median", "hpr", "oracle"]
    for part in ("percussive", "harmonic"):
        floor, method = (float(found[name][f"{part} SDR"]) for name in ("gain", "median"))
        assert floor < method
        assert float(found["oracle"][f"{part} SI-SDR"]) > floor
    assert imread(picture).shape[0] > plain.shape[0]  # reference and both ends are there too
    other = compare(path, "-m", "median", "-o", path.with_name("b.svg"))
    assert other.exit_code == 0
    assert path.with_name("b.svg").read_bytes().startswith(b"<?xml")
    assert str(path.with_name("b.svg")) in other.stdout


@pytest.mark.slow
def test_patterns_tell_which_stems_are_percussive(song):
    path, stems = song
    (stems / "percussive.wav").rename(stems / "kick.wav")
    done = compare(path, "-m", "median", "--reference", stems)
    assert done.exit_code == 1
    assert "has no percussive stem" in done.stderr
    done = compare(path, "-m", "median", "--reference", stems, "--percussive", "kick*")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("samples", "channels", "rate", "told"),
    [
        (RATE + 5, 2, RATE, "8000 Hz, 2 channels, 8005 samples, its reference 8000 Hz, 2 ch"),
        (RATE - 5, 2, RATE, "7995 samples"),
        (RATE, 1, RATE, "8000 Hz, 1 channels"),
        (RATE, 2, 2 * RATE, "has 16000 Hz"),
    ],
)
def test_stems_of_another_recording_are_refused(song, samples, channels, rate, told):
    path, stems = song
    soundfile.write(path, np.full((samples, channels), 0.1), rate)
    done = compare(path, "-m", "median", "--reference", stems)
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert told in line
    assert "give the stems of this very file" in line


def test_what_cannot_be_read_or_written_is_named(song, tmp_path):
    path, _ = song
    for arguments, message in (
        ([tmp_path / "none.wav"], "none.wav: no such file"),
        ([path, "--reference", tmp_path / "none"], "none: is not a folder of stems"),
        ([path, "-o", path], "would be overwritten by its own output"),
        ([path, "-o", path / "a.png"], "cannot be written"),
        ([path, "-f", "html"], "unknown format 'html'"),
    ):
        done = compare("-m", "median", *arguments)
        assert done.exit_code == 1
        (line,) = done.stderr.splitlines()
        assert message in line
    soundfile.write(path, np.full((100, 1), np.nan), RATE, "FLOAT")
    assert "is nan; repair" in compare(path, "-m", "median").stderr
