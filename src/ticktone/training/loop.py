"""The training loop: examples to loss to weights, and a validation after each epoch."""

import math
import time
from collections.abc import Callable
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import torch
from torch import Tensor

from ticktone.errors import TicktoneError
from ticktone.networks import make_network
from ticktone.networks.mask_network import MaskNetwork
from ticktone.training import checkpoint as checkpoints
from ticktone.training.checkpoint import BEST, LAST, State
from ticktone.training.curves import Row, write_curves
from ticktone.training.distributed import World, joined
from ticktone.training.ema import Ema
from ticktone.training.examples import Examples
from ticktone.training.losses import make_loss, weights_of
from ticktone.training.normalisation import (
    Normalisation,
    Scaling,
    magnitude_range,
    normalisation_from,
    normalisation_of,
)
from ticktone.training.recipe import Recipe, recipe_from
from ticktone.training.schedule import Plateau
from ticktone.training.songs import Songs, choose_songs
from ticktone.training.spectra import seen_by, spectra_of, targeted
from ticktone.training.validation import Scores, TorchMethod, validate


class Reporter:
    """Is told how a training goes, and says nothing; the command line's says more."""

    def note(self, text: str) -> None:
        """Hear a remark in one line."""

    def step(self, epoch: int, step: int, steps: int) -> None:
        """Hear that so many of an epoch's steps are done."""

    def epoch(self, row: Row, best: bool) -> None:
        """Hear of a finished epoch, and whether it is the best so far."""


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Parameters
    ----------
    reason : {"plateau", "epochs", "seconds", "interrupted"}
    folder : Path
        Where ``best.pt``, ``last.pt``, ``curves.csv`` and ``curves.png`` are.
    history : list of Row
    """

    reason: str
    folder: Path
    history: list[Row]


def train(
    recipe: Recipe,
    folder: Path,
    *,
    device: str = "auto",
    resume: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Train a network, or go on training it.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        For checkpoints and curves; made if it is not there.
    device : {"auto", "cpu", "cuda"}
    resume : bool
        Whether to go on from ``last.pt`` in the folder. On the CPU the result is, to the bit, that
        of a training that never stopped.
    reporter : Reporter, optional
    stop : callable
        Asked after every step whether to stop; the checkpoint is then written first.

    Returns
    -------
    Outcome

    Raises
    ------
    TicktoneError
        If the recipe does not fit its data or the folder's checkpoint, a file is damaged, or the
        loss is no longer finite.
    KeyboardInterrupt
        If it was to stop before the first step.
    """
    last = folder / LAST
    if resume and not last.exists():
        raise TicktoneError("there is nothing to resume; leave --resume away", last)
    if not resume and last.exists():
        raise TicktoneError("holds a training; add --resume, or choose another --run", folder)
    with joined(device) as world:
        if recipe.examples.batch % world.size:
            raise TicktoneError(
                f"examples.batch ({recipe.examples.batch}) must be a multiple of the number of "
                f"processes ({world.size})"
            )
        _set_precision(recipe)
        songs = choose_songs(recipe)
        reporter = reporter if reporter and world.rank == 0 else Reporter()
        for problem in songs.problems:
            reporter.note(problem)
        _make_folder(folder)
        try:
            state = _begin(recipe, songs, world, last if resume else None, reporter, stop)
        except BaseException:
            with suppress(OSError):
                folder.rmdir()  # if nothing is in it
            raise
        return _Training(recipe, songs, folder, world, reporter, stop, state).run()


def _set_precision(recipe: Recipe) -> None:
    tf32 = recipe.machine.precision != "float32"
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):  # better now than after an epoch
            pass
    except OSError as error:
        raise TicktoneError(
            f"cannot be written to: {error.strerror}; choose another --run", folder
        ) from None


def _begin(
    recipe: Recipe,
    songs: Songs,
    world: World,
    last: Path | None,
    reporter: Reporter,
    stop: Callable[[], bool],
) -> State:
    """Make a training at its beginning, or where the checkpoint was."""
    torch.manual_seed(recipe.machine.seed)
    network = make_network(recipe.network.name, **recipe.network.options).to(world.device)
    _check_fit(network, recipe)
    checkpoint = None
    if last is not None:
        checkpoint = checkpoints.load(last)
        checkpoints.check_resumable(checkpoint, recipe, songs, last)
        normalisation = normalisation_from(checkpoint["normalisation"])
    elif recipe.network.pretrained:
        pretrained = Path(recipe.network.pretrained)
        normalisation = checkpoints.begin_with(network, checkpoints.load(pretrained), pretrained)
    else:
        normalisation = _normalisation(network, recipe, songs, world, reporter, stop)
    adam = torch.optim.Adam(
        network.parameters(),
        lr=recipe.optimiser.learning_rate,
        weight_decay=recipe.optimiser.weight_decay,
    )
    state = State(
        network=network,
        optimiser=adam,
        normalisation=normalisation,
        total=torch.zeros((), dtype=torch.float64, device=world.device),
        ema=Ema(network, recipe.optimiser.ema) if recipe.optimiser.ema else None,
    )
    if checkpoint is not None:
        checkpoints.restore(state, checkpoint)
        before = recipe_from(checkpoint["recipe"])
        judged_alike = before.loss == recipe.loss and before.validation == recipe.validation
        if not judged_alike:  # an old best means nothing by the new measure
            state.plateau = Plateau(falls=state.plateau.falls)
    return state


def _check_fit(network: MaskNetwork, recipe: Recipe) -> None:
    """Refuse examples that are not what the network sees."""
    name, examples = recipe.network.name, recipe.examples
    bins = examples.stft.bins - (not network.sees_nyquist)
    if not network.takes(bins):
        raise TicktoneError(
            f"examples.window_length: {name} needs {network.takes_bins}, an FFT of "
            f"{examples.stft.size} samples gives it {bins}"
        )
    if network.edge != examples.context:
        raise TicktoneError(
            f"examples.context: {name} has {network.edge} frames at either end that it does not "
            f"answer for, not {examples.context}"
        )
    if network.linear and examples.range:
        raise TicktoneError(f"examples.range: {name} sees linear magnitudes, leave it away")
    weights_of(recipe.loss, network)


def _normalisation(
    network: MaskNetwork,
    recipe: Recipe,
    songs: Songs,
    world: World,
    reporter: Reporter,
    stop: Callable[[], bool],
) -> Normalisation | Scaling:
    if network.linear:
        return Scaling(recipe.examples.stft.size**-0.5)
    if recipe.examples.range:
        low, high = recipe.examples.range
    else:
        reporter.note(f"measuring the magnitudes of {len(songs.training)} songs")
        low, high = _measure(recipe, songs, world, reporter, stop)
    return normalisation_of(low, high)


def _measure(
    recipe: Recipe, songs: Songs, world: World, reporter: Reporter, stop: Callable[[], bool]
) -> tuple[float, float]:
    def pause() -> None:
        if stop():
            raise KeyboardInterrupt

    share = songs.training[world.rank :: world.size]
    low, high = magnitude_range(share, recipe.examples, pause, reporter.note)
    lowest, highest = world.largest([-low, high])
    return -lowest, highest


class _Training:
    """A training under way; see `train`."""

    def __init__(
        self,
        recipe: Recipe,
        songs: Songs,
        folder: Path,
        world: World,
        reporter: Reporter,
        stop: Callable[[], bool],
        state: State,
    ) -> None:
        self.recipe, self.songs, self.folder = recipe, songs, folder
        self.world, self.reporter, self.stop, self.state = world, reporter, stop, state
        self.stft = recipe.examples.stft
        self.loss = make_loss(recipe.loss, self.stft, weights_of(recipe.loss, state.network))
        self.examples = Examples(songs, recipe)
        self.network = world.wrap(state.network)
        if recipe.machine.compile:
            self.network.compile()
        self.started, self.seconds_before = time.monotonic(), state.seconds

    def run(self) -> Outcome:
        """Train until there is a reason to stop; if a process is lost, write down how far."""
        try:
            return self._run()
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:  # which is how the others hear of it
            if self.world.size == 1:
                raise
            self._save_alone()
            raise TicktoneError(
                f"the processes lost each other ({str(error).splitlines()[0]}); "
                "go on with --resume",
                self.folder,
            ) from error

    def _run(self) -> Outcome:
        while (reason := self._finished()) is None:
            if not self._train_epoch():
                reason = self._interrupted()
                break
            scores = self._validate()
            if scores is None and self._is_validated():
                reason = self._interrupted()
                break
            self._close_epoch(scores)
        return Outcome(reason, self.folder, self.state.history)

    def _finished(self) -> str | None:
        schedule = self.recipe.schedule
        if schedule.decay == "plateau" and self.state.plateau.exhausted(schedule):
            return "plateau"
        if schedule.epochs and self.state.epoch >= schedule.epochs:
            return "epochs"
        return None

    def _train_epoch(self) -> bool:
        """Take the rest of an epoch's steps; say whether all could be taken."""
        state, world = self.state, self.world
        self.network.train()
        if 0 < self.recipe.schedule.freeze <= state.epoch:
            for module in self.network.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.eval()
        torch.backends.cudnn.benchmark = True  # batches are all of one shape
        batches = self.examples.batches(state.epoch, state.epoch_step, world.rank, world.size)
        with closing(batches):  # type: ignore[type-var]
            for batch in batches:
                state.total += self._step(torch.from_numpy(batch).to(world.device))
                state.epoch_step += 1
                state.step += 1
                self.reporter.step(state.epoch, state.epoch_step, self.examples.steps)
                if world.any(self.stop() or self._out_of_time()):
                    return False
        return True

    def _step(self, sources: Tensor) -> Tensor:
        """Learn from one batch [shape=(batch, 2, samples)]; give its loss."""
        state, examples = self.state, self.recipe.examples
        spectra = spectra_of(self.stft, sources)
        spectra = targeted(self.stft, spectra, examples.target, examples.clip)
        seen = seen_by(state.network, state.normalisation, spectra.mixture.abs()[:, None])
        with self._arithmetic():
            given = self.network(seen)
        loss = self.loss(given, spectra)
        for group in state.optimiser.param_groups:
            group["lr"] = self._learning_rate()
            group["weight_decay"] = self.recipe.optimiser.weight_decay
        state.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if clip := self.recipe.optimiser.gradient_clip:
            torch.nn.utils.clip_grad_norm_(state.network.parameters(), clip)
        state.optimiser.step()
        if state.ema is not None:
            state.ema.update(state.network)
        return loss.detach()

    def _arithmetic(self) -> Any:
        kind, precision = self.world.device.type, self.recipe.machine.precision
        if precision == "bfloat16" or (precision == "auto" and kind == "cuda"):
            return torch.autocast(kind, torch.bfloat16)
        return nullcontext()

    def _learning_rate(self) -> float:
        schedule, step = self.recipe.schedule, self.state.step
        factor = min(1.0, (step + 1) / (schedule.warmup + 1))
        if schedule.decay == "linear":
            factor *= max(0.0, 1 - step / (schedule.epochs * self.examples.steps))
        else:
            factor *= self.state.plateau.factor(schedule)
        return self.recipe.optimiser.learning_rate * factor

    def _out_of_time(self) -> bool:
        limit = self.recipe.schedule.seconds
        return bool(limit) and time.monotonic() - self.started >= limit

    def _is_validated(self) -> bool:
        """Whether the epoch under way ends with a validation."""
        due = (self.state.epoch + 1) % self.recipe.validation.every == 0
        return due and bool(self.songs.validation)

    def _validate(self) -> Scores | None:
        """Score the network; None if it is not to be, or was interrupted."""
        self.world.follow_first(self.state.network)
        self.world.follow_first(self.state.judged)
        if not self._is_validated():
            return None
        torch.backends.cudnn.benchmark = False  # songs are not
        network: MaskNetwork = self.state.judged.eval()
        world = self.world
        return validate(
            TorchMethod(network, self.state.normalisation, self.stft),
            self.songs.validation[world.rank :: world.size],
            self.recipe.examples,
            self.loss,
            world.sum,
            self.stop,
        )

    def _close_epoch(self, scores: Scores | None) -> None:
        """Enter the epoch into the history, judge it and write it down."""
        state = self.state
        mean = self.world.sum([state.total.item()])[0] / self.world.size / state.epoch_step
        if not math.isfinite(mean):
            raise TicktoneError(
                f"the loss of epoch {state.epoch + 1} is {mean}; lower optimiser.learning_rate, "
                "or set machine.precision to float32; checkpoints are of the epoch before"
            )
        row = Row(
            epoch=state.epoch + 1,
            step=state.step,
            seconds=self._seconds(),
            learning_rate=self._learning_rate(),
            training_loss=mean,
            validation_loss=_known(scores.loss) if scores else None,
            sdr_percussive=_known(scores.sdr_percussive) if scores else None,
            sdr_harmonic=_known(scores.sdr_harmonic) if scores else None,
        )
        best = False
        if scores is not None or not self.songs.validation:
            score = self._score(mean, scores)
            best = state.plateau.update(score, self.recipe.schedule)
        state.history.append(row)
        state.epoch, state.epoch_step, state.seconds = state.epoch + 1, 0, row.seconds
        state.total.zero_()
        self._save(best)
        self.reporter.epoch(row, best)

    def _score(self, training_loss: float, scores: Scores | None) -> float:
        """Give what the recipe judges by; lower is better."""
        if scores is None:
            return training_loss
        score = scores.loss
        if self.recipe.validation.score == "sdr":
            score = -(scores.sdr_harmonic + scores.sdr_percussive) / 2
        return math.inf if math.isnan(score) else score

    def _interrupted(self) -> str:
        """Write down where it stopped."""
        state, world = self.state, self.world
        state.seconds = self._seconds()
        world.follow_first(state.network)
        world.follow_first(state.judged)
        state.total.fill_(world.sum([state.total.item()])[0] / world.size)
        if math.isfinite(state.total.item()):
            self._save(best=False)
        return "interrupted" if self.world.any(self.stop()) else "seconds"

    def _save_alone(self) -> None:
        """Write down where this process stopped, as there may be no first one any more.

        All that are left do it, of the same weights; the last one's file stays.
        """
        self.state.seconds = self._seconds()
        if math.isfinite(self.state.total.item()):
            self._write(best=False)

    def _save(self, best: bool) -> None:
        if self.world.rank == 0:
            self._write(best)

    def _write(self, best: bool) -> None:
        checkpoint = checkpoints.pack(self.state, self.recipe, self.songs)
        if best:
            checkpoints.save(checkpoint, self.folder / BEST)
        checkpoints.save(checkpoint, self.folder / LAST)
        if self.state.history:
            write_curves(self.state.history, self.folder)

    def _seconds(self) -> float:
        return self.seconds_before + time.monotonic() - self.started


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
