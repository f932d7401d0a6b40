"""The gallery's examples: each is run on the demo song, and does what it says."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from ticktone.errors import TicktoneError

EXAMPLES = Path(__file__).parents[1] / "examples"
# What the other libraries warn of is theirs to mend.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def example(request, monkeypatch):
    """The example that a test is named after."""
    name = request.node.originalname.removeprefix("test_")
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)  # where its classes are pickled by name
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def ran(example, tmp_path):
    """What it returns. It must draw, too."""
    found = example.main(tmp_path)
    assert (tmp_path / f"{example.__name__}.png").stat().st_size > 5000
    return found


def test_hpss_picture(ran):
    assert ran.harmonic.shape == ran.percussive.shape == (2, 6 * 44_100)


def test_drumless_track(ran, example, tmp_path):
    song = soundfile.read(example.DEMO / "demo.ogg")[0].T
    truth = soundfile.read(example.DEMO / "harmonic.ogg")[0].T
    left = np.sum((ran - truth) ** 2) / np.sum((song - truth) ** 2)
    assert 10 * np.log10(left) < -3  # less than half of the drums
    assert soundfile.info(tmp_path / "drumless.wav").frames == song.shape[1]


def test_beats_of_drums(ran, example):
    assert ran["percussive part"] == pytest.approx(example.TRUE_TEMPO, rel=0.04)


def test_chroma_and_key(ran):
    assert ran["harmonic part"][0] > ran["mixture"][0] + 0.01
    assert ran["true harmonic stem"] == (pytest.approx(1), ran["harmonic part"][1])


def test_time_stretch(ran, example):
    lengths = {len(sound) for sound in ran.values()}
    assert round(6 * 44_100 / example.SPEED) in lengths


def test_evaluate_methods(ran):
    means = {name: np.mean(values) for name, values in ran.items()}
    assert means["gain"] < means["median"] < means["folded-3w-unet"] < means["oracle"]


def test_method_of_ones_own(ran, example):
    audio = soundfile.read(example.DEMO / "demo.ogg", dtype="float32")[0].T
    short, long = ran["rise"].percussive, ran["rise, memory=0.1"].percussive
    assert np.abs(short - long).max() > 0.01  # its option changes something
    piece = audio[:, 5 * 44_100 : 11 * 44_100]
    np.testing.assert_allclose(ran["rise"].harmonic + short, piece, atol=1e-7)


def test_live(ran, example, monkeypatch):
    assert ran[0] < 0.08
    song = soundfile.read(example.DEMO / "demo.ogg", dtype="float32")[0][: 3 * 44_100]
    card = SoundCard(song)
    monkeypatch.setitem(sys.modules, "sounddevice", SimpleNamespace(Stream=card))
    with pytest.raises(KeyboardInterrupt):
        example.play("harmonic")
    played = np.concatenate(card.played)
    assert len(played) > len(song) - 0.2 * 44_100
    drums = soundfile.read(example.DEMO / "percussive.ogg")[0][: len(played)]
    mixture = song[: len(played)]
    assert np.sum((played - mixture) * drums) < -0.4 * np.sum(drums**2)  # they are less by far


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--microphone", "harmonic"], "pip install sounddevice"),
        (["--microphone"], "which part, harmonic or percussive?"),
    ],
)
def test_live_says_in_one_line_what_it_lacks(tmp_path, arguments, reason):
    if "harmonic" not in arguments:
        (tmp_path / "sounddevice.py").touch()
    else:
        (tmp_path / "sounddevice.py").write_text("raise ImportError")
    done = subprocess.run(
        [sys.executable, EXAMPLES / "live.py", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr


class SoundCard:
    """Stands in for sounddevice's blocking stream; Ctrl-C when the song is over."""

    def __init__(self, song: np.ndarray) -> None:
        self.song, self.position, self.played = song, 0, []

    def __call__(self, samplerate: int, blocksize: int, channels: int) -> "SoundCard":
        assert (samplerate, channels) == (44_100, 2)
        return self

    def __enter__(self) -> "SoundCard":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def read(self, samples: int) -> tuple[np.ndarray, bool]:
        if self.position + samples > len(self.song):
            raise KeyboardInterrupt
        self.position += samples
        return self.song[self.position - samples : self.position], False

    def write(self, samples: np.ndarray) -> None:
        assert samples.flags.c_contiguous
        assert samples.shape[1] == 2
        self.played.append(samples)


@pytest.mark.ray
def test_folder_on_ray(example, tmp_path):
    for attempt in (1, 2, 3):  # a busy machine has Ray give up
        try:
            found = example.main(tmp_path)
            break
        except TicktoneError as error:
            if attempt == 3 or "timed out" not in str(error):
                raise
    done = {f"{number}.flac": "done" for number in range(1, 5)}
    assert found == {**done, "broken.wav": "failed"}


@pytest.mark.torch
def test_model_of_ones_own(ran, tmp_path):
    assert ran[-1] < ran[0]
    assert (tmp_path / "mine.onnx").exists()


def test_scikit_learn_pipeline(ran):
    assert ran["percussive"] > max(0.9, ran["harmonic"])


@pytest.mark.torch
def test_torch_dataset(ran):
    assert ran.shape == (4, 3, 2, 88_200)
    np.testing.assert_allclose(ran[:, 0], ran[:, 1] + ran[:, 2], atol=1e-6)


def test_every_example_is_run():
    """The gallery shows them all, and each has a test here."""
    spec = importlib.util.spec_from_file_location(
        "gallery", EXAMPLES.parent / "docs/make/gallery.py"
    )
    gallery = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gallery)
    others = {"make_demo", "send_a_song", "spark_or_dask"}  # which other tests run
    assert set(gallery.NAMES) == {path.stem for path in EXAMPLES.glob("*.py")} - others
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert set(gallery.NAMES) <= tested


def test_transformer_refuses_by_name():
    from ticktone.scikit_learn import PartTransformer

    with pytest.raises(TicktoneError, match="residual"):
        PartTransformer("residual", "median").fit(None)
    with pytest.raises(TicktoneError, match="harmonic"):
        PartTransformer("harmonik").fit(None)
    with pytest.raises(TicktoneError, match="median"):
        PartTransformer(method="medain").fit(None)
