"""Evaluation on a data set: every song by every method, several at a time, resumable."""

from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.datasets import Song
from ticktone.errors import TicktoneError, naming
from ticktone.evaluation.estimators import EstimatorSpec, SourceEstimator
from ticktone.evaluation.protocols import Protocol, find_protocol, silent_parts
from ticktone.evaluation.results import read_kept_scores, result_path, write_scores
from ticktone.evaluation.scores import Scores
from ticktone.parts import SOURCES
from ticktone.processes import DIED, in_processes
from ticktone.storage.atomic import write_whole


@dataclass(frozen=True)
class Evaluation:
    """What to do with every song; plain data, so that any process can do it.

    Parameters
    ----------
    protocol : str
        One of `ticktone.evaluation.protocols.protocols()`.
    estimators : tuple of EstimatorSpec
    folder : Path
        Of the results.
    stereo : bool
        Whether songs keep their channels, whose energies are summed; if not, they are mixed to
        mono, as the papers do.
    threads : int
        To each process.
    """

    protocol: str
    estimators: tuple[EstimatorSpec, ...]
    folder: Path
    stereo: bool = False
    threads: int = 1

    def open(self) -> dict[str, SourceEstimator]:
        """Return every method ready to estimate, by label.

        Raises
        ------
        TicktoneError
            If one cannot be made.
        """
        complement = find_protocol(self.protocol).complement
        return {e.label: e.open(complement, self.threads) for e in self.estimators}


@dataclass(frozen=True)
class EvaluationTask:
    """One song and one method."""

    song: Song
    estimator: EstimatorSpec


@dataclass(frozen=True)
class EvaluationResult:
    """The result of a task.

    Parameters
    ----------
    song, label : str
    scores : Scores, optional
        None if there are none.
    kept : bool
        Whether they are an earlier run's.
    silent : tuple of str
        Parts whose source is silent throughout the song, which therefore has no score.
    error : str
        One line, where it failed.
    """

    song: str
    label: str
    scores: Scores | None = None
    kept: bool = False
    silent: tuple[str, ...] = ()
    error: str = ""


def evaluate(
    songs: Sequence[Song], evaluation: Evaluation, jobs: int = 1
) -> Generator[EvaluationResult, None, None]:
    """Score every song by every method, but for results of an earlier run that still hold.

    Parameters
    ----------
    songs : sequence of Song
    evaluation : Evaluation
    jobs : int
        Processes.

    Yields
    ------
    EvaluationResult
        In order of completion. A song that cannot be read has a result like any other.

    Raises
    ------
    TicktoneError
        If a method or library is missing or the folder cannot be written.
    """
    protocol = find_protocol(evaluation.protocol)
    protocol.check()
    opened = evaluation.open()  # what is wrong with one is not each song's fault
    trial = evaluation.folder / ".ticktone"
    write_whole(trial, lambda file: None)
    trial.unlink(missing_ok=True)  # another run into this folder may have been quicker
    todo = []
    for song in songs:
        for estimator in evaluation.estimators:
            scores = None
            with suppress(OSError):  # a stem that is gone by now is reported in its turn
                settings = _settings(evaluation, protocol, opened[estimator.label], song)
                scores = read_kept_scores(_path(evaluation, song, estimator), settings)
            if scores is None:
                todo.append(EvaluationTask(song, estimator))
            else:
                yield EvaluationResult(song.name, estimator.label, scores, kept=True)
    with closing(in_processes(_Scorer, (evaluation,), todo, jobs)) as finished:
        for task, result in finished:
            died = f"{task.song.name}: {task.estimator.label}: {DIED}"
            yield result or EvaluationResult(task.song.name, task.estimator.label, error=died)


def read_sources(song: Song, stereo: bool = False) -> NDArray[np.float32]:
    """Return both sources of a song.

    Returns
    -------
    ndarray [shape=(2, channels, samples)]
        Harmonic and percussive.

    Raises
    ------
    TicktoneError
        If a file is damaged or holds samples that are not finite.
    """
    read = song.read if stereo else song.mono
    sources = np.stack([np.atleast_2d(read(part)) for part in SOURCES])
    if not np.isfinite(sources).all():
        raise TicktoneError("has samples that are not finite; repair its stems", song.name)
    return sources


def _path(evaluation: Evaluation, song: Song, estimator: EstimatorSpec) -> Path:
    return result_path(evaluation.folder, estimator.label, song.subset, song.name)


def _settings(
    evaluation: Evaluation, protocol: Protocol, estimates: SourceEstimator, song: Song
) -> dict[str, Any]:
    """Return all that the scores depend on, our version included."""
    from ticktone import __version__

    files = [(stem.path.name, stem.path.stat()) for stem in song.stems]
    return {
        "version": __version__,
        **protocol.settings(),
        **estimates.settings(),
        "stereo": evaluation.stereo,
        "stems": [[name, stat.st_size, stat.st_mtime_ns] for name, stat in files],
    }


class _Scorer:
    """Scores one song after another by the methods that it has opened."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.protocol, self.opened = find_protocol(evaluation.protocol), evaluation.open()

    def __call__(self, task: EvaluationTask) -> EvaluationResult:
        name, label = task.song.name, task.estimator.label
        try:
            with naming(Path(name)):
                return self._score(task)
        except TicktoneError as error:
            named = "" if error.path == name else f"{name}: "
            return EvaluationResult(name, label, error=f"{named}{error}")

    def _score(self, task: EvaluationTask) -> EvaluationResult:
        evaluation, protocol = self.evaluation, self.protocol
        song, label = task.song, task.estimator.label
        estimates = self.opened[label]
        settings = _settings(evaluation, protocol, estimates, song)  # before the stems are read
        sources = read_sources(song, evaluation.stereo)
        if silent := silent_parts(protocol.on_grid(sources)):
            return EvaluationResult(song.name, label, silent=tuple(silent))
        found = estimates.estimate(sources, song.sample_rate)
        scores = protocol.score(sources, found, song.sample_rate)
        write_scores(_path(evaluation, song, task.estimator), scores, settings)
        return EvaluationResult(song.name, label, scores)
