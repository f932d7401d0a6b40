import numpy as np
import pytest

from ticktone import Separator, spectrogram, spectrogram_plot
from ticktone.audio.reader import Reader


@pytest.mark.parametrize("most", [10, 1600])
def test_columns_grow_coarser_and_keep_the_power(song, monkeypatch, most):
    monkeypatch.setattr(spectrogram, "COLUMNS", most)
    with Reader(song("a.wav", 3.0)) as reader:
        powers, seconds = spectrogram_plot.spectrograms(Separator("hpr"), reader)
    assert set(powers) == {"mixture", "harmonic", "percussive", "residual"}
    columns = {power.shape[1] for power in powers.values()}
    assert len(columns) == 1
    assert columns.pop() <= most
    assert 2.4 < seconds <= 3.0
    loudest = np.argmax(powers["mixture"].mean(axis=1))
    assert loudest in (20, 21, 22) or loudest in (10, 11)  # 440 and 220 Hz


def test_a_recording_shorter_than_a_frame_has_a_column(song):
    with Reader(song("a.wav", 0.01)) as reader:
        powers, _ = spectrogram_plot.spectrograms(Separator(), reader)
    assert powers["mixture"].shape == (1025, 1)
    assert powers["mixture"].max() > 0
