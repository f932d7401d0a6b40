"""Batches of examples, read from disk as they are needed.

What an epoch consists of is a function of the seed, the number of the epoch and the index in it
alone. So there is no hidden state to save: a training that stops goes on exactly where it was, and
neither the number of reading threads nor that of processes changes what is learnt from.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ticktone.datasets import Song
from ticktone.training.augmentation import augment, augment_signal, draw_speed
from ticktone.training.excerpt import excerpt, length_at_rate, resampling_step
from ticktone.training.recipe import Recipe
from ticktone.training.song_selection import SongSelection

Batch = NDArray[np.float32]  # [shape=(batch, 2, samples)]: harmonic, percussive

BATCHES_AHEAD = 3  # the one at work and those being read


class ExcerptPosition(NamedTuple):
    """The beginning of an excerpt: a song, and the index of a sample in it."""

    song: Song
    start: int


class Examples:
    """The examples of a training.

    Parameters
    ----------
    songs : SongSelection
    recipe : Recipe
        Its sections `examples`, `augmentation`, `data` (the weights), `schedule` (the steps) and
        `machine` (the seed).

    Attributes
    ----------
    steps : int
        To an epoch: the recipe's or, with 0 there, as many as the songs give whole batches without
        repetition, at least one.
    """

    def __init__(self, songs: SongSelection, recipe: Recipe) -> None:
        self.songs, self.voices = songs.training, songs.voices
        self.settings, self.augmentation = recipe.examples, recipe.augmentation
        self.seed = recipe.machine.seed
        patches = sum(self._patches(song)[0] for song in self.songs)
        self.steps = recipe.schedule.steps or max(1, patches // self.settings.batch)
        self._shares = [(self.songs, 1.0)]
        if recipe.data.weights:
            pairs = zip(songs.folders, recipe.data.weights, strict=True)
            self._shares = [(folder, weight) for folder, weight in pairs if folder]

    def batches(self, epoch: int, step: int = 0, rank: int = 0, ranks: int = 1) -> Iterator[Batch]:
        """Read an epoch's batches from a step on, or a process's share of each.

        Parameters
        ----------
        epoch, step : int
            Counted from 0.
        rank, ranks : int
            The process, and how many there are; `ranks` divides the batch.

        Yields
        ------
        ndarray [shape=(batch / ranks, 2, samples)]
            Harmonic and percussive.

        Raises
        ------
        TicktoneError
            If a file is damaged.
        """
        positions = self.plan(epoch)
        batch = self.settings.batch
        shares = (
            range(first + rank, first + batch, ranks)
            for first in range(step * batch, self.steps * batch, batch)
        )
        pool = ThreadPoolExecutor(self.settings.readers)
        try:
            reading = (
                [pool.submit(self._read, positions, epoch, index) for index in share]
                for share in shares
            )
            ahead: deque[list[Future[Batch]]] = deque(islice(reading, BATCHES_AHEAD))
            while ahead:
                examples = ahead.popleft()
                yield np.stack([example.result() for example in examples])
                ahead.extend(islice(reading, 1))
        finally:
            pool.shutdown(cancel_futures=True)

    def plan(self, epoch: int) -> list[ExcerptPosition]:
        """Return an epoch's positions in order: patches that share no frame, randomly placed."""
        rng = np.random.default_rng([self.seed, epoch])
        wanted = self.steps * self.settings.batch
        if len(self._shares) == 1:
            return self._draw(self._shares[0][0], wanted, rng)
        total = sum(weight for _, weight in self._shares)
        ends = (
            np.cumsum([weight / total * wanted for _, weight in self._shares]).round().astype(int)
        )
        counts = np.diff(ends, prepend=0)
        positions: list[ExcerptPosition] = []
        for (songs, _), count in zip(self._shares, counts, strict=True):
            positions += self._draw(songs, int(count), rng)
        return [positions[index] for index in rng.permutation(wanted)]

    def _draw(
        self, songs: Sequence[Song], wanted: int, rng: np.random.Generator
    ) -> list[ExcerptPosition]:
        positions: list[ExcerptPosition] = []
        while len(positions) < wanted:  # again from other beginnings, where more is asked for
            once = [position for song in songs for position in self._cut(song, rng)]
            positions += [once[index] for index in rng.permutation(len(once))]
        return positions[:wanted]

    def _patches(self, song: Song) -> tuple[int, int]:
        """Return how many patches a song yields, and the samples at its ends that they leave free.

        One patch less than would fit, so that the first may begin anywhere.
        """
        spare = length_at_rate(song, self.settings.sample_rate) - self.settings.samples
        count = max(1, spare // self.settings.stride)
        return count, max(0, spare - (count - 1) * self.settings.stride)

    def _cut(self, song: Song, rng: np.random.Generator) -> list[ExcerptPosition]:
        count, free = self._patches(song)
        step = resampling_step(song, self.settings.sample_rate)
        begin = int(rng.integers(free + 1))
        starts = range(begin, begin + count * self.settings.stride, self.settings.stride)
        return [ExcerptPosition(song, round(start * step)) for start in starts]

    def _read(self, positions: Sequence[ExcerptPosition], epoch: int, index: int) -> Batch:
        """Read one example. [shape=(2, samples)]."""
        rng = np.random.default_rng([self.seed, epoch, index])
        harmonic = percussive = positions[index]
        mixed = rng.random() < self.augmentation.mixing
        if not harmonic.song.has("harmonic"):
            harmonic = _draw_position(positions, "harmonic", rng)
        elif mixed or not percussive.song.has("percussive"):
            percussive = _draw_position(positions, "percussive", rng)
        speed = draw_speed(self.augmentation, rng)
        sources = np.stack(
            [
                self._sound(position, part, speed)
                for position, part in ((harmonic, "harmonic"), (percussive, "percussive"))
            ]
        )
        if self.voices and rng.random() < self.augmentation.voice:
            sources[0] += self._voice(speed, rng)
        return augment(sources, self.augmentation, self.settings.sample_rate, rng)

    def _voice(self, speed: float, rng: np.random.Generator) -> NDArray[np.float32]:
        """Read some of any voice; the longer one, the more often."""
        lengths = np.array([song.frames / song.sample_rate for song in self.voices])
        song = self.voices[int(rng.choice(len(lengths), p=lengths / lengths.sum()))]
        voice = self._sound(
            ExcerptPosition(song, int(rng.integers(song.frames))), "harmonic", speed
        )
        return augment_signal(voice, self.augmentation, self.settings.sample_rate, rng)

    def _sound(self, position: ExcerptPosition, part: str, speed: float) -> NDArray[np.float32]:
        step = resampling_step(position.song, self.settings.sample_rate)
        if speed != 1:  # a simple fraction nearby, for the resampling filter to stay short
            step = (step * Fraction(speed)).limit_denominator(200)
        return excerpt(position.song, part, position.start, self.settings.samples, step)


def _draw_position(
    positions: Sequence[ExcerptPosition], part: str, rng: np.random.Generator
) -> ExcerptPosition:
    """Draw a position of a song that has such a part; any, if chance finds none in many draws."""
    for _ in range(1000):
        position = positions[int(rng.integers(len(positions)))]
        if position.song.has(part):
            break
    return position
