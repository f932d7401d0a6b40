"""The training loop: examples to loss to weights, and a validation after each epoch."""

import math
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import torch
from torch import Tensor

from ticktone.errors import TicktoneError
from ticktone.networks.mask_network import MaskNetwork
from ticktone.training import checkpoint as checkpoints
from ticktone.training.arithmetic import autocast, cudnn_benchmark, tensor_float_32
from ticktone.training.checkpoint import BEST, LAST, TrainingState
from ticktone.training.curves import EpochRecord, write_curves
from ticktone.training.distributed import ProcessGroup, process_group
from ticktone.training.examples import Examples
from ticktone.training.losses import loss_weights, make_loss
from ticktone.training.panning import in_channels
from ticktone.training.recipe import Recipe
from ticktone.training.reporter import Reporter
from ticktone.training.setup import prepare
from ticktone.training.song_selection import SongSelection, select_songs
from ticktone.training.spectra import compute_spectra, network_input, training_targets
from ticktone.training.validation import TorchMethod, ValidationScores, validate


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended.

    Parameters
    ----------
    reason : {"plateau", "epochs", "seconds", "interrupted"}
    folder : Path
        Where ``best.pt``, ``last.pt``, ``curves.csv`` and ``curves.png`` are.
    history : list of EpochRecord
    step : int
        Steps since the beginning of the training.
    saved_step : int
        The step of ``last.pt``: an earlier one than `step` where the loss of the epoch under way
        was not finite; 0 if there is no ``last.pt``.
    """

    reason: str
    folder: Path
    history: list[EpochRecord]
    step: int = 0
    saved_step: int = 0


def train(
    recipe: Recipe,
    folder: Path,
    *,
    device: str = "auto",
    resume: bool = False,
    reporter: Reporter | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> TrainingResult:
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
    TrainingResult

    Raises
    ------
    TicktoneError
        If the recipe does not fit its data or the folder's checkpoint, a file is damaged, or the
        loss is no longer finite.
    KeyboardInterrupt
        If it was to stop before the first step.

    Examples
    --------
    >>> from ticktone.training import read_recipe
    >>> recipe = read_recipe("recipes/quick.toml", ["data.path=STEMS"])  # doctest: +SKIP
    >>> train(recipe, Path("runs/quick")).reason  # doctest: +SKIP
    'epochs'
    """
    last = folder / LAST
    if resume and not last.exists():
        raise TicktoneError("there is nothing to resume; omit --resume", last)
    if not resume and last.exists():
        raise TicktoneError("holds a training; add --resume, or choose another --run", folder)
    with process_group(device) as group, tensor_float_32(recipe.machine.precision != "float32"):
        if recipe.examples.batch % group.size:
            raise TicktoneError(
                f"examples.batch ({recipe.examples.batch}) must be a multiple of the number of "
                f"processes ({group.size})"
            )
        reporter = reporter if reporter and group.rank == 0 else Reporter()
        songs = _select_songs(recipe, folder, reporter, stop)
        for problem in songs.problems:
            reporter.note(problem)
        _make_folder(folder)
        try:
            state = prepare(recipe, songs, group, last if resume else None, reporter, stop)
        except BaseException:
            with suppress(OSError):
                folder.rmdir()  # if nothing is in it
            raise
        return _Training(recipe, songs, folder, group, reporter, stop, state).run()


def _select_songs(
    recipe: Recipe, folder: Path, reporter: Reporter, stop: Callable[[], bool]
) -> SongSelection:
    """Open the songs; coded stems are decoded into the folder that holds the run's."""
    cache = Path(recipe.data.cache or folder.parent)
    announced = False

    def on_decode(source: Path) -> None:
        nonlocal announced
        if stop():
            raise KeyboardInterrupt
        if not announced:
            reporter.note(
                f"decoding {source.name} and other coded stems once into "
                f"{cache / 'ticktone-stems'}; data.cache names another folder"
            )
        announced = True

    return select_songs(recipe, cache, on_decode)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):  # better now than after an epoch
            pass
    except OSError as error:
        raise TicktoneError(
            f"cannot be written to: {error.strerror}; choose another --run", folder
        ) from None


class _Training:
    """A training under way; see `train`."""

    def __init__(
        self,
        recipe: Recipe,
        songs: SongSelection,
        folder: Path,
        group: ProcessGroup,
        reporter: Reporter,
        stop: Callable[[], bool],
        state: TrainingState,
    ) -> None:
        self.recipe, self.songs, self.folder = recipe, songs, folder
        self.group, self.reporter, self.stop, self.state = group, reporter, stop, state
        self.stft = recipe.examples.stft
        self.loss = make_loss(recipe.loss, self.stft, loss_weights(recipe.loss, state.network))
        self.examples = Examples(songs, recipe)
        self.network = group.wrap(state.network)
        if recipe.machine.compile:
            self.network.compile()
        self.started, self.seconds_before = time.monotonic(), state.seconds
        self.saved_step = state.step  # 0 at the beginning: nothing is saved

    def run(self) -> TrainingResult:
        """Train until there is a reason to stop; if a process is lost, save how far it came."""
        try:
            return self._run()
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:  # this is how the others hear of it
            if self.group.size == 1:
                raise
            self._save_alone()
            raise TicktoneError(
                f"the processes lost each other ({str(error).splitlines()[0]}); "
                "go on with --resume",
                self.folder,
            ) from error

    def _run(self) -> TrainingResult:
        while (reason := self._finished()) is None:
            if not self._train_epoch():
                reason = self._interrupted()
                break
            scores = self._validate()
            if scores is None and self._is_validated():
                reason = self._interrupted()
                break
            self._close_epoch(scores)
        return TrainingResult(
            reason, self.folder, self.state.history, self.state.step, self.saved_step
        )

    def _finished(self) -> str | None:
        schedule = self.recipe.schedule
        if schedule.decay == "plateau" and self.state.plateau.exhausted(schedule):
            return "plateau"
        if schedule.epochs and self.state.epoch >= schedule.epochs:
            return "epochs"
        return None

    def _train_epoch(self) -> bool:
        """Run the rest of an epoch's steps; return whether all were run."""
        state, group = self.state, self.group
        self.network.train()
        if 0 < self.recipe.schedule.freeze <= state.epoch:
            for module in self.network.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.eval()
        batches = self.examples.batches(state.epoch, state.epoch_step, group.rank, group.size)
        with closing(batches), cudnn_benchmark(True):  # type: ignore[type-var]
            for batch in batches:
                state.total += self._step(torch.from_numpy(batch).to(group.device))
                state.epoch_step += 1
                state.step += 1
                self.reporter.step(state.epoch, state.epoch_step, self.examples.steps)
                if group.any(self.stop() or self._out_of_time()):
                    return False
        return True

    def _step(self, sources: Tensor) -> Tensor:
        """Learn from one batch [shape=(batch, 2, samples)]; return its loss [shape=()]."""
        state, examples = self.state, self.recipe.examples
        spectra = compute_spectra(self.stft, sources)
        channels = state.network.channels
        spectra = in_channels(spectra, channels, self.recipe.augmentation.pan)
        spectra = training_targets(self.stft, spectra, examples.target, examples.clip)
        magnitude = torch.unflatten(spectra.mixture.abs(), 0, (-1, channels))
        inputs = network_input(state.network, state.normalisation, magnitude)
        with autocast(self.recipe.machine.precision, self.group.device.type):
            output = self.network(inputs)
        loss = self.loss(output, spectra)
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

    def _validate(self) -> ValidationScores | None:
        """Score the network; None if it is not due, or was interrupted."""
        group, state = self.group, self.state
        group.broadcast(state.network)
        group.broadcast(state.output_network)
        if not self._is_validated():
            return None
        network: MaskNetwork = state.output_network.eval()
        with cudnn_benchmark(False):
            return validate(
                TorchMethod(network, state.normalisation, self.stft),
                self.songs.validation,
                self.recipe.examples,
                self.loss,
                share=slice(group.rank, None, group.size),
                add=group.sum,
                stop=self.stop,
            )

    def _close_epoch(self, scores: ValidationScores | None) -> None:
        """Enter the epoch into the history, judge it and save it."""
        state = self.state
        mean = self.group.sum([state.total.item()])[0] / self.group.size / state.epoch_step
        if not math.isfinite(mean):
            raise TicktoneError(
                f"the loss of epoch {state.epoch + 1} is {mean}; lower optimiser.learning_rate, "
                "or set machine.precision to float32; checkpoints are of the epoch before"
            )
        row = EpochRecord(
            epoch=state.epoch + 1,
            step=state.step,
            seconds=self._seconds(),
            learning_rate=self._learning_rate(),
            training_loss=mean,
            validation_loss=_finite_or_none(scores.loss) if scores else None,
            sdr_percussive=_finite_or_none(scores.sdr_percussive) if scores else None,
            sdr_harmonic=_finite_or_none(scores.sdr_harmonic) if scores else None,
            sdr_by_folder=scores.by_folder(self.songs.validation_folders) if scores else {},
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

    def _score(self, training_loss: float, scores: ValidationScores | None) -> float:
        """Return what the recipe judges by; lower is better."""
        if scores is None:
            return training_loss
        score = scores.loss
        if self.recipe.validation.score == "sdr":
            score = -(scores.sdr_harmonic + scores.sdr_percussive) / 2
        return math.inf if math.isnan(score) else score

    def _interrupted(self) -> str:
        """Save where it stopped; return why it did."""
        state, group = self.state, self.group
        state.seconds = self._seconds()
        group.broadcast(state.network)
        group.broadcast(state.output_network)
        state.total.fill_(group.sum([state.total.item()])[0] / group.size)
        if math.isfinite(state.total.item()):
            self._save(best=False)
        return "interrupted" if group.any(self.stop()) else "seconds"

    def _save_alone(self) -> None:
        """Save where this process stopped, as there may be no first one any more.

        All that are left do it, of the same weights; the last one's file stays.
        """
        self.state.seconds = self._seconds()
        if math.isfinite(self.state.total.item()):
            self._write(best=False)

    def _save(self, best: bool) -> None:
        self.saved_step = self.state.step
        if self.group.rank == 0:
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


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
