"""Driedger, Müller, Disch, "Extending harmonic-percussive separation", ISMIR 2014."""

import numpy as np

import ticktone
from ticktone.methods.hpr import HPR, HPRStage
from ticktone.stft import STFT


def test_the_papers_windows_and_kernels_at_44100_hz():
    long, short = HPR().stages(44_100)
    assert (long.stft.size, short.stft.size) == (4096, 256)
    assert (long.frames, long.bins) == (9, 47)  # 200 ms and 500 Hz, made odd
    assert (short.frames, short.bins) == (139, 3)
    assert long.beta == short.beta == 2


def test_binary_masks_of_the_separation_factor(rng):
    magnitude = rng.random((1, 60, 60)).astype(np.float32)
    for beta in (1.0, 1.5, 3.0):
        h, p = HPRStage(STFT(118, 59), frames=9, bins=9, beta=beta).divide(magnitude)
        given = (h > 0).astype(int) + (p > 0)
        assert given.max() == 1  # no bin is both
        assert given.min() == (1 if beta == 1 else 0)  # for beta > 1 some are neither


def test_noise_is_residual_and_the_parts_keep_to_their_own(rng):
    time = np.arange(4 * 44_100) / 44_100
    tone = 0.3 * np.sin(2 * np.pi * 440 * time)
    click = np.zeros_like(tone)
    click[:: 44_100 // 2] = 0.9
    hiss = 0.02 * rng.standard_normal(len(tone))
    parts = ticktone.separate(tone + click + hiss, 44_100, "hpr")

    def nearest(part):
        wanted = {"tone": tone, "click": click, "hiss": hiss}
        return max(wanted, key=lambda name: abs(np.corrcoef(part, wanted[name])[0, 1]))

    assert [nearest(part) for part in parts] == ["tone", "click", "hiss"]
