"""Sounds to test with."""

import numpy as np


def music(seconds: float, sample_rate: int = 44_100, channels: int = 2) -> np.ndarray:
    """Clicks over tones, different in each channel. [shape=(channels, samples)]"""
    samples = int(seconds * sample_rate)
    rng = np.random.default_rng(7)
    time = np.arange(samples) / sample_rate
    pitch = 220 * (1 + np.arange(channels))[:, np.newaxis]
    audio = 0.2 * np.sin(2 * np.pi * pitch * time)
    clicks = rng.standard_normal((channels, samples)) * np.exp(-(time % 0.25) / 0.01)
    return (audio + 0.15 * clicks).astype(np.float32)
