"""Comparison of several methods on one song, as a table and as a picture."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.reader import Reader
from ticktone.datasets import Song
from ticktone.errors import TicktoneError, naming
from ticktone.evaluation.estimators import EstimatorSpec, MethodEstimator
from ticktone.evaluation.measures import sdr, si_sdr
from ticktone.evaluation.run import read_sources
from ticktone.evaluation.table import SHOWN, Column, Row, Table
from ticktone.parts import SOURCES
from ticktone.spectrogram import spectrogram
from ticktone.spectrogram_plot import draw, figure_class, save

Sound = NDArray[np.float32]


@dataclass(frozen=True)
class MethodOutput:
    """One method's estimates of the song.

    Parameters
    ----------
    label : str
    estimates : ndarray [shape=(2, channels, samples)]
        Harmonic and percussive.
    seconds : float
        The time it took; NaN for floor and ceiling.
    """

    label: str
    estimates: Sound
    seconds: float


@dataclass(frozen=True)
class Comparison:
    """A song by several methods. All of it is in memory.

    Parameters
    ----------
    mixture : ndarray [shape=(channels, samples)]
    sample_rate : int
        Hz.
    sources : ndarray [shape=(2, channels, samples)], optional
        The true harmonic and percussive part, where they are known.
    methods : tuple of MethodOutput
    """

    mixture: Sound
    sample_rate: int
    sources: Sound | None
    methods: tuple[MethodOutput, ...]

    def table(self) -> Table:
        """Return each part's level against the mixture, its SDR and SI-SDR, and the speed."""
        columns, figures = [], []
        for part in SHOWN:
            index = SOURCES.index(part)
            columns.append(Column(part, "level", digits=1))
            figures.append([_level(m.estimates[index], self.mixture) for m in self.methods])
            if self.sources is not None:
                source = self.sources[index]
                for name, measure in (("SDR", sdr), ("SI-SDR", si_sdr)):
                    columns.append(Column(part, name))
                    figures.append([measure(source, m.estimates[index]) for m in self.methods])
        columns.append(Column("speed", "x real time", digits=0))
        duration = self.mixture.shape[-1] / self.sample_rate
        figures.append([duration / m.seconds for m in self.methods])
        rows = [
            Row(method.label, tuple(values), ranked=False)
            for method, values in zip(self.methods, zip(*figures, strict=True), strict=True)
        ]
        return Table(tuple(columns), tuple(rows))


def compare(
    path: Path, estimators: Sequence[EstimatorSpec], reference: Song | None = None, threads: int = 1
) -> Comparison:
    """Separate a sound file by several methods.

    Parameters
    ----------
    path : Path
    estimators : sequence of EstimatorSpec
        Floor and ceiling are passed over where there is no reference.
    reference : Song, optional
        The stems, as long as the file and with as many channels.
    threads : int

    Returns
    -------
    Comparison

    Raises
    ------
    TicktoneError
        If the file or the stems cannot be read, or do not fit together.
    """
    opened = [
        (estimator.label, estimator.open(complement=True, threads=threads))
        for estimator in estimators
        if reference is not None or not estimator.is_bound
    ]
    with naming(path), Reader(path) as reader:
        mixture = np.concatenate(list(reader.blocks()), axis=-1).astype(np.float32)
        sample_rate = reader.sample_rate
    sources = None if reference is None else _fitting(reference, path, mixture, sample_rate)
    methods = []
    for label, estimates in opened:
        began = time.perf_counter()
        if isinstance(estimates, MethodEstimator):
            with naming(path):
                found = estimates.separate(mixture, sample_rate)
            methods.append(MethodOutput(label, found, time.perf_counter() - began))
        else:
            assert sources is not None
            methods.append(MethodOutput(label, estimates.estimate(sources, sample_rate), np.nan))
    return Comparison(mixture, sample_rate, sources, tuple(methods))


def plot_comparison(comparison: Comparison, title: str, picture: Path) -> None:
    """Draw mixture, sources and all estimates as spectrograms on one scale.

    Raises
    ------
    TicktoneError
        If matplotlib is missing or the picture cannot be written.
    """
    Figure = figure_class()
    rows = {method.label: method.estimates for method in comparison.methods}
    if comparison.sources is not None:
        rows = {"reference": comparison.sources, **rows}
    power, seconds = spectrogram(comparison.mixture, comparison.sample_rate)
    loudest, extent = power.max(), (seconds, comparison.sample_rate / 2000)
    figure = Figure(figsize=(14, 2.4 * (len(rows) + 1)), layout="constrained")
    axes = figure.subplots(len(rows) + 1, 2, sharex=True, sharey=True, squeeze=False)
    image = draw(axes[0, 0], power, loudest, extent)
    axes[0, 0].set_title("mixture", loc="left", parse_math=False)
    axes[0, 1].set_axis_off()
    for line, (label, signals) in zip(axes[1:], rows.items(), strict=True):
        for axis, part in zip(line, SHOWN, strict=True):
            signal = signals[SOURCES.index(part)]
            draw(axis, spectrogram(signal, comparison.sample_rate)[0], loudest, extent)
            axis.set_title(f"{label}: {part}", loc="left", parse_math=False)
    for axis in axes[:, 0]:
        axis.set_ylabel("frequency (kHz)")
    for axis in axes[-1]:
        axis.set_xlabel("time (s)")
    figure.suptitle(title, parse_math=False)
    figure.colorbar(image, ax=axes, label="level (dB below the loudest)", pad=0.01)
    save(figure, picture)


def _fitting(reference: Song, path: Path, mixture: Sound, sample_rate: int) -> Sound:
    """Return the sources, after a check that they are as long as the mixture, and so on."""
    held = (reference.sample_rate, reference.channels, reference.frames)
    wanted = (sample_rate, *mixture.shape)
    if held != wanted:
        form = "{} Hz, {} channels, {} samples"
        raise TicktoneError(
            f"has {form.format(*wanted)}, its reference {form.format(*held)}; give the stems of "
            "this very file",
            path,
        )
    return read_sources(reference, stereo=True)


def _level(part: Sound, mixture: Sound) -> float:
    energies = [float(np.sum(np.square(signal, dtype=np.float64))) for signal in (part, mixture)]
    return 10 * np.log10(energies[0] / energies[1]) if all(energies) else float("nan")
