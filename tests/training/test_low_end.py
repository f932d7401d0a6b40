"""Examples for the network of the low end, and its training."""

import signal
import tomllib
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import soundfile
import torch
import typer
from typer.testing import CliRunner

from tests.training.conftest import written
from ticktone.cli.train_low_end import train_low_end
from ticktone.errors import TicktoneError
from ticktone.models.refiner import read_low_end
from ticktone.training import recipe_from
from ticktone.training.live_low_end_task import LOWERED, LowEndOfMixture, low_bins, sound
from ticktone.training.low_end_examples import RATE, draw, is_like_records
from ticktone.training.low_end_fit import FitSettings, fit
from ticktone.training.low_end_task import LowEndOfParts
from ticktone.training.song_selection import select_songs

pytestmark = pytest.mark.torch

TIME = np.arange(int(8 * RATE)) / RATE
BASS = np.exp(-(TIME % 1) / 0.5) * np.sin(2 * np.pi * np.where(TIME % 2 < 1, 55.0, 82.4) * TIME)


def kicks(decay):
    """A stroke each half second, that falls to a third within so many seconds."""
    return np.exp(-(TIME % 0.5) / decay) * np.sin(2 * np.pi * 60 * TIME)


@pytest.mark.parametrize(
    ("harmonic", "percussive", "like"),
    [
        (BASS, 2 * kicks(0.04), True),
        (BASS, kicks(0.3), False),  # drums that hum
        (0.03 * BASS, kicks(0.04), False),  # a bass that is hardly there
        (BASS, 0.05 * kicks(0.04), False),
        (kicks(0.04), np.roll(kicks(0.04), 300), False),  # a bass of short notes
        (BASS, 0 * BASS, False),
    ],
)
def test_what_is_like_records(harmonic, percussive, like):
    assert is_like_records(harmonic.astype("f"), percussive.astype("f")) is like


@pytest.fixture
def recipe(tmp_path):
    """Two songs of kicks and bass, at 16 kHz."""
    for number, decay in enumerate((0.04, 0.05)):
        folder = tmp_path / "songs" / str(number)
        folder.mkdir(parents=True)
        for name, low in (("harmonic", 0.3 * BASS), ("percussive", 0.6 * kicks(decay))):
            signal_ = np.interp(np.arange(8 * 16_000) / 16_000, TIME, low)
            soundfile.write(folder / f"{name}.wav", signal_, 16_000, subtype="FLOAT")
    sections = {
        "network": {"name": "folded-3w-unet"},
        "data": {"path": [str(tmp_path / "songs")]},
        "examples": {"frames": 600, "batch": 2},
        "validation": {"fraction": 0.0, "path": []},
    }
    return recipe_from(sections)


@pytest.mark.slow
def test_examples_are_drawn_once_and_learnt_from(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr("ticktone.training.low_end_examples.DRAWN_AT_ONCE", 4)
    songs = select_songs(recipe, tmp_path, lambda path: None)
    files = draw(recipe, songs, "folded-3w-unet", 6, tmp_path / "examples")
    assert sum(len(np.load(path)) for path in files) >= 6
    harmonic, percussive, found = np.load(files[0])[0]
    assert np.square(found - percussive).sum() < np.square(harmonic).sum()
    times = [path.stat().st_mtime_ns for path in files]
    assert draw(recipe, songs, "folded-3w-unet", 6, tmp_path / "examples") == files
    assert [path.stat().st_mtime_ns for path in files] == times

    with pytest.raises(TicktoneError, match="another recipe or model"):
        draw(recipe, songs, None, 6, tmp_path / "examples")

    monkeypatch.setattr("ticktone.training.low_end_fit._EVERY", 20)
    _learns(LowEndOfParts(), files, tmp_path / "parts")
    _learns(LowEndOfMixture(), files, tmp_path / "mixture")


def _learns(task, files, run):
    run.mkdir()
    losses: list[float] = []
    how = FitSettings(steps=60, batch=4, learning_rate=5e-3)
    network = fit(task, files, run, how, lambda step, loss: losses.append(loss))
    assert losses[-1] < losses[0]
    again = fit(task, files, run, how, lambda step, loss: losses.append(loss))
    assert len(losses) == 3  # it was done
    for one, other in zip(network.parameters(), again.parameters(), strict=True):
        assert (one == other).all()


def test_the_live_task_sees_and_lays_down_as_the_transform_does():
    audio = np.random.default_rng(0).standard_normal((1, 640)).astype(np.float32)
    bins = low_bins(torch.from_numpy(audio))
    spectrogram = LOWERED.forward(audio)[..., : bins.shape[-1]]
    np.testing.assert_allclose(bins, spectrogram[:, LOWERED.short.bins :], atol=1e-4)
    spectrogram[:, : LOWERED.short.bins] = 0
    laid = sound(bins)
    np.testing.assert_allclose(laid, LOWERED.inverse(spectrogram, laid.shape[1]), atol=1e-4)


@pytest.mark.slow
def test_a_stopped_training_goes_on_as_if_it_had_not(recipe, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    path = tmp_path / "0.npy"
    np.save(path, rng.standard_normal((3, 3, 1200)).astype(np.float32))
    monkeypatch.setattr("ticktone.training.low_end_fit._EVERY", 4)
    how = FitSettings(steps=12, batch=2, samples=1024)
    whole = fit(LowEndOfParts(), [path], tmp_path / "whole", how)

    def stop(step, loss):
        if step == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(LowEndOfParts(), [path], tmp_path / "parts", how, stop)
    resumed = fit(LowEndOfParts(), [path], tmp_path / "parts", how)
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert (one == other).all()
    with pytest.raises(TicktoneError, match="is of other settings"):
        fit(LowEndOfParts(), [path], tmp_path / "parts", replace(how, seed=1))
    with pytest.raises(TicktoneError, match="is of other settings"):
        fit(LowEndOfMixture(), [path], tmp_path / "parts", how)


@pytest.mark.slow
@pytest.mark.parametrize("live", [False, True])
def test_the_command_writes_what_is_loaded(recipe, tmp_path, monkeypatch, live):
    monkeypatch.setattr("ticktone.training.low_end_examples.DRAWN_AT_ONCE", 2)
    app = typer.Typer()
    app.command()(train_low_end)
    before = signal.getsignal(signal.SIGTERM)
    run = tmp_path / "run"
    arguments = [written(recipe, tmp_path / "mine.toml"), "--run", run, "--examples", 1]
    arguments += ["--steps", 2, "--seed", 7, "--licence", "MIT", "--data", "two songs"]
    arguments += ["--live"] * live
    done = CliRunner().invoke(app, [*map(str, arguments)])
    signal.signal(signal.SIGTERM, before)
    assert done.exit_code == 0, done.output
    assert "low-end.onnx: after 2 steps" in done.stdout
    card, content = read_low_end(run / "low-end.onnx")
    (shown,) = onnxruntime.InferenceSession(content).get_inputs()
    assert shown.shape[1:3] == ([1, 47] if live else [4, 93])
    assert card.licence == "MIT"
    told = tomllib.loads((run / "low-end.toml").read_text())["training"]
    assert (told["data"], told["steps"], told["seed"]) == ("two songs", 2, 7)
