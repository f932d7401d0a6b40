"""Batches of examples, read from disk as they are needed.

What an epoch consists of is a function of the seed, the number of the epoch and the place in it
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
from ticktone.training.augmentation import augment, draw_speed, vary
from ticktone.training.excerpt import excerpt, length_at, rate_step
from ticktone.training.recipe import Recipe
from ticktone.training.songs import Songs

Batch = NDArray[np.float32]  # [shape=(batch, 2, samples)]: harmonic, percussive

BATCHES_AHEAD = 3  # the one at work and those being read


class Place(NamedTuple):
    """A place in a song, in samples of the song."""

    song: Song
    start: int


class Examples:
    """The examples of a training.

    Parameters
    ----------
    songs : Songs
    recipe : Recipe
        Its sections `examples`, `augmentation`, `data` (the weights), `schedule` (the steps) and
        `machine` (the seed).

    Attributes
    ----------
    steps : int
        To an epoch: the recipe's or, with 0 there, as many as the songs give whole batches without
        repetition, at least one.
    """

    def __init__(self, songs: Songs, recipe: Recipe) -> None:
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
        places = self.plan(epoch)
        batch = self.settings.batch
        shares = (
            range(first + rank, first + batch, ranks)
            for first in range(step * batch, self.steps * batch, batch)
        )
        pool = ThreadPoolExecutor(self.settings.readers)
        try:
            reading = (
                [pool.submit(self._read, places, epoch, index) for index in share]
                for share in shares
            )
            ahead: deque[list[Future[Batch]]] = deque(islice(reading, BATCHES_AHEAD))
            while ahead:
                examples = ahead.popleft()
                yield np.stack([example.result() for example in examples])
                ahead.extend(islice(reading, 1))
        finally:
            pool.shutdown(cancel_futures=True)

    def plan(self, epoch: int) -> list[Place]:
        """List an epoch's places in order: patches that share no frame, from random beginnings."""
        rng = np.random.default_rng([self.seed, epoch])
        wanted = self.steps * self.settings.batch
        if len(self._shares) == 1:
            return self._draw(self._shares[0][0], wanted, rng)
        total = sum(weight for _, weight in self._shares)
        ends = (
            np.cumsum([weight / total * wanted for _, weight in self._shares]).round().astype(int)
        )
        counts = np.diff(ends, prepend=0)
        places: list[Place] = []
        for (songs, _), count in zip(self._shares, counts, strict=True):
            places += self._draw(songs, int(count), rng)
        return [places[index] for index in rng.permutation(wanted)]

    def _draw(self, songs: Sequence[Song], wanted: int, rng: np.random.Generator) -> list[Place]:
        places: list[Place] = []
        while len(places) < wanted:  # again from other beginnings, where more is asked for
            once = [place for song in songs for place in self._cut(song, rng)]
            places += [once[index] for index in rng.permutation(len(once))]
        return places[:wanted]

    def _patches(self, song: Song) -> tuple[int, int]:
        """Give how many patches a song yields, and the samples at its ends that they leave free.

        One patch less than would fit, so that the first may begin anywhere.
        """
        spare = length_at(song, self.settings.sample_rate) - self.settings.samples
        count = max(1, spare // self.settings.stride)
        return count, max(0, spare - (count - 1) * self.settings.stride)

    def _cut(self, song: Song, rng: np.random.Generator) -> list[Place]:
        count, free = self._patches(song)
        step = rate_step(song, self.settings.sample_rate)
        begin = int(rng.integers(free + 1))
        starts = range(begin, begin + count * self.settings.stride, self.settings.stride)
        return [Place(song, round(start * step)) for start in starts]

    def _read(self, places: Sequence[Place], epoch: int, index: int) -> Batch:
        """Read one example. [shape=(2, samples)]."""
        rng = np.random.default_rng([self.seed, epoch, index])
        harmonic = percussive = places[index]
        mixed = rng.random() < self.augmentation.mixing
        if not harmonic.song.has("harmonic"):
            harmonic = _other(places, "harmonic", rng)
        elif mixed or not percussive.song.has("percussive"):
            percussive = _other(places, "percussive", rng)
        speed = draw_speed(self.augmentation, rng)
        sources = np.stack(
            [
                self._sound(place, part, speed)
                for place, part in ((harmonic, "harmonic"), (percussive, "percussive"))
            ]
        )
        if self.voices and rng.random() < self.augmentation.voice:
            sources[0] += self._voice(speed, rng)
        return augment(sources, self.augmentation, self.settings.sample_rate, rng)

    def _voice(self, speed: float, rng: np.random.Generator) -> NDArray[np.float32]:
        """Read some of any voice; the longer one, the more often."""
        lengths = np.array([song.frames / song.sample_rate for song in self.voices])
        song = self.voices[int(rng.choice(len(lengths), p=lengths / lengths.sum()))]
        voice = self._sound(Place(song, int(rng.integers(song.frames))), "harmonic", speed)
        return vary(voice, self.augmentation, self.settings.sample_rate, rng)

    def _sound(self, place: Place, part: str, speed: float) -> NDArray[np.float32]:
        step = rate_step(place.song, self.settings.sample_rate)
        if speed != 1:  # a simple fraction nearby, for the resampling filter to stay short
            step = (step * Fraction(speed)).limit_denominator(200)
        return excerpt(place.song, part, place.start, self.settings.samples, step)


def _other(places: Sequence[Place], part: str, rng: np.random.Generator) -> Place:
    """Draw a place of a song that has such a part; any, if chance finds none in many draws."""
    for _ in range(1000):
        place = places[int(rng.integers(len(places)))]
        if place.song.has(part):
            break
    return place
