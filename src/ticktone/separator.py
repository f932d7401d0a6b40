"""The pipeline: blocks of a recording in, blocks of two or three recordings out that sum to it."""

from collections.abc import Callable, Iterable, Iterator
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.resampler import at_another_rate
from ticktone.errors import TicktoneError
from ticktone.methods import DEFAULT, make_method
from ticktone.methods.base import Method, Stage
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.phase import make_phase
from ticktone.phase.base import Phase
from ticktone.queue import Queue
from ticktone.refining import refined
from ticktone.stage import HARMONIC, PERCUSSIVE, run_stage

if TYPE_CHECKING:
    from ticktone.files import FileResult

Audio = NDArray[Any]


class Separation(NamedTuple):
    """The parts of a recording, each of the recording's shape and dtype."""

    harmonic: Audio
    percussive: Audio


class SeparationWithResidual(NamedTuple):
    """The parts of a recording by a method that leaves a residual."""

    harmonic: Audio
    percussive: Audio
    residual: Audio


Parts = Separation | SeparationWithResidual


def separate(
    audio: Audio, sample_rate: int, method: str | Method = DEFAULT, **options: Any
) -> Parts:
    """Split a recording into its harmonic and its percussive part.

    Parameters
    ----------
    audio : ndarray [shape=(samples,) or (channels, samples)]
        float32 or float64, finite.
    sample_rate : int
        Hz.
    method : str or Method
        One of `ticktone.methods()`, or a method of your own.
    **options
        The method's, and `Separator`'s.

    Returns
    -------
    Separation or SeparationWithResidual
        `(harmonic, percussive)`, and `residual` where the method has one. They sum to `audio`: to
        the bit if it came from 16- or 24-bit PCM, else to what floating point can express.

    Raises
    ------
    TicktoneError
        If there is no such method or option, or the audio has NaN or infinite samples.
    TypeError, ValueError
        If the audio's dtype, shape or sample rate is not as above.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(np.arange(44_100) * 0.05).astype(np.float32)
    >>> harmonic, percussive = separate(tone, 44_100)
    >>> bool(np.allclose(harmonic + percussive, tone, rtol=0, atol=1e-7))
    True
    """
    return Separator(method, **options).separate(audio, sample_rate)


class Separator:
    """Separates any number of recordings by one method.

    Parameters
    ----------
    method : str or Method
        One of `ticktone.methods()`, or a method of your own.
    phase : str or Phase
        Where the parts get their phase from: one of `ticktone.phase.phases()`, or one with
        options of its own. A method of several stages uses it in each.
    complement : bool
        Whether the parts sum to the recording. If not, they are the method's raw estimates, as
        the papers score them.
    threads : int, optional
        Processor threads to use. Default: one. The result does not depend on it.
    block_frames : int, optional
        STFT frames that are worked on at a time. Default: a few seconds. The result does not
        depend on it; memory, speed and the delay of `stream` do.
    **options
        The method's own, where `method` is a name.

    Raises
    ------
    TicktoneError
        If there is no such method, option or phase.
    """

    def __init__(
        self,
        method: str | Method = DEFAULT,
        *,
        phase: str | Phase = DEFAULT_PHASE,
        complement: bool = True,
        threads: int | None = None,
        block_frames: int | None = None,
        **options: Any,
    ) -> None:
        if not isinstance(method, str) and options:
            raise TypeError(f"options {sorted(options)} go to the method's own constructor")
        for name, value in (("threads", threads), ("block_frames", block_frames)):
            if value is not None and (value < 1 or value != int(value)):
                raise ValueError(f"{name} must be a whole number, at least 1, not {value}")
        if isinstance(method, str):
            method = make_method(method, threads=threads, **options)
        self.method = method
        self.phase = make_phase(phase) if isinstance(phase, str) else phase
        self.complement = complement
        self.threads = threads
        self.block_frames = block_frames

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts, in their order."""
        kind = SeparationWithResidual if self.method.has_residual else Separation
        return kind._fields

    def separate(self, audio: Audio, sample_rate: int) -> Parts:
        """Split one recording; see `ticktone.separate` for shapes, results and errors."""
        audio = np.asarray(audio)
        blocks = list(self.stream([audio], sample_rate))
        if not blocks:
            return self._parts([audio.copy() for _ in self.parts])
        return self._parts([np.concatenate(part, axis=-1) for part in zip(*blocks, strict=True)])

    def stream(
        self, blocks: Iterable[Audio], sample_rate: int, *, step: float | None = None
    ) -> Iterator[Parts]:
        """Split a recording that arrives in blocks, in memory that does not grow with it.

        Parameters
        ----------
        blocks : iterable of ndarray [shape=(samples,) or (channels, samples)]
            The recording from its beginning, in blocks of any lengths.
        sample_rate : int
            Hz.
        step : float, optional
            The quantisation step of the recording and of where its parts go (2**-15 for 16-bit
            PCM): the parts are then whole multiples of it and sum to the recording in PCM too.

        Yields
        ------
        Separation or SeparationWithResidual
            The parts from their beginning, in blocks of lengths of their own; joined, they equal
            what `separate` gives for the joined blocks.

        Raises
        ------
        TicktoneError, TypeError, ValueError
            As `ticktone.separate`, when the block at fault is reached.
        """
        if not 0 < sample_rate < 2**31:
            raise ValueError(f"the sample rate must be greater than 0 (Hz), not {sample_rate}")
        checked = _Checked(blocks, sample_rate)
        mixtures = Queue()
        sound = (block.astype(np.float32) for block in mixtures.keep(checked))
        for estimates in self._at_the_methods_rate(sound, sample_rate):
            mixture = mixtures.take(estimates.shape[-1])
            *harmonics, percussive = estimates.astype(mixture.dtype)
            if not self.complement:
                harmonic = harmonics[0] if self.method.has_residual else sum(harmonics)
                parts = [harmonic, percussive]
                parts += [mixture - harmonic - percussive] if self.method.has_residual else []
            elif self.method.has_residual:
                parts = _three_that_sum(mixture, harmonics[0], percussive, step)
            else:
                parts = _two_that_sum(mixture, percussive, step)
            yield self._parts([part[0] if checked.mono else part for part in parts])

    def separate_file(
        self,
        path: str | PathLike[str],
        output: str | PathLike[str] | None = None,
        *,
        only: str | None = None,
        format: str = "same",
        subtype: str | None = None,
        float_: bool = False,
        existing: str = "refuse",
        progress: Callable[[float], None] | None = None,
    ) -> "FileResult":
        """Split a sound file into `NAME.harmonic.EXT`, `NAME.percussive.EXT` (and `.residual`).

        Parameters
        ----------
        path : path-like
            Or a URI.
        output : path-like, optional
            Folder of the parts, or its URI, made if need be. Default: the file's own.
        only : str, optional
            Write this part alone.
        format, subtype, float_
            As `ticktone.audio.formats.output_format`. Default: as the file.
        existing : {"refuse", "overwrite", "skip"}
            What to do where a part is there already; "skip" leaves the file alone if all are.
        progress : callable, optional
            Called with the fraction done, from 0 to 1, where the file tells its length.

        Returns
        -------
        FileResult

        Raises
        ------
        TicktoneError
            If the file cannot be read or a part not be written; nothing is left behind then.
        """
        from ticktone.files import Target, separate_file
        from ticktone.uri import location

        folder = None if output is None else location(output)
        target = Target(folder, format, subtype, float_, existing)
        return separate_file(self, location(path), target, only, progress)

    def _parts(self, parts: list[Audio]) -> Parts:
        return SeparationWithResidual(*parts) if self.method.has_residual else Separation(*parts)

    def _at_the_methods_rate(
        self, sound: Iterable[NDArray[np.float32]], sample_rate: int
    ) -> Iterator[NDArray[np.float32]]:
        rate = getattr(self.method, "sample_rate", sample_rate)
        if rate == sample_rate:
            return self._estimates(sound, rate)
        return at_another_rate(
            sound, sample_rate, rate, lambda blocks: self._estimates(blocks, rate)
        )

    def _estimates(
        self, sound: Iterable[NDArray[np.float32]], sample_rate: int
    ) -> Iterator[NDArray[np.float32]]:
        """Run stage after stage over the mixture.

        Yields
        ------
        ndarray [shape=(parts, channels, samples)]
            The harmonic part of each stage, as far as it is needed, and the percussive one.
        """
        try:
            *earlier, last = self.method.stages(sample_rate)
        except ValueError as error:
            raise TicktoneError(f"method {self.method.name} at {sample_rate} Hz: {error}") from None
        second = last if hasattr(last, "decimation") else None
        if second is not None:
            *earlier, last = earlier
        found = [Queue() for _ in earlier]
        for stage, harmonics in zip(earlier, found, strict=True):
            sound = self._without_harmonic(stage, sound, harmonics)
        residual = self.method.has_residual and not earlier
        both = not self.complement or residual or second is not None
        wanted = [HARMONIC, PERCUSSIVE] if both else [PERCUSSIVE]
        sizes = self.block_frames, self.threads
        run = run_stage(last, self.phase, sound, wanted, *sizes)
        if second is not None:
            run = refined(second, second.decimation, run, sample_rate, *sizes)
        for parts in run:
            yield np.stack([*(queue.take(parts.shape[-1]) for queue in found), *parts])

    def _without_harmonic(
        self, stage: Stage, sound: Iterable[NDArray[np.float32]], harmonics: Queue
    ) -> Iterator[NDArray[np.float32]]:
        """Run a stage; put its harmonic part aside and pass on what that leaves."""
        signals = Queue()
        kept, wanted = signals.keep(sound), [HARMONIC]
        run = run_stage(stage, self.phase, kept, wanted, self.block_frames, self.threads)
        for (harmonic,) in run:
            harmonics.put(harmonic)
            yield signals.take(harmonic.shape[-1]) - harmonic


class _Checked:
    """Blocks as `(channels, samples)`, each refused if it is not as it should be."""

    def __init__(self, blocks: Iterable[Audio], sample_rate: int) -> None:
        self.blocks, self.sample_rate, self.mono = blocks, sample_rate, False

    def __iter__(self) -> Iterator[Audio]:
        shape: tuple[int, ...] | None = None
        place = 0
        for samples in self.blocks:
            block = np.asarray(samples)
            block = block.astype(block.dtype.newbyteorder("="), copy=False)
            if block.dtype not in (np.float32, np.float64):
                raise TypeError(
                    f"audio must be float32 or float64, not {block.dtype}; "
                    "integer PCM is divided by its full scale first (32768 for 16 bits)"
                )
            if block.ndim not in (1, 2) or (shape is not None and block.shape[:-1] != shape):
                expected = "(samples,) or (channels, samples)" if shape is None else (*shape, "n")
                raise ValueError(f"audio has shape {block.shape}, expected {expected}")
            shape = block.shape[:-1]
            if shape == (0,):
                raise ValueError("audio has no channels")
            self.mono = block.ndim == 1
            block = np.atleast_2d(block)
            self._refuse_non_finite(block, place)
            place += block.shape[-1]
            if block.shape[-1]:
                yield block

    def _refuse_non_finite(self, block: Audio, place: int) -> None:
        finite = np.isfinite(block)
        if not finite.all():
            sample, channel = np.argwhere(~finite.T)[0]
            value, at = block[channel, sample], place + sample
            raise TicktoneError(
                f"sample {at} of channel {channel + 1} (at {at / self.sample_rate:.3f} s) is "
                f"{value}; repair the recording, or replace it by 0 if silence will do"
            )


def _two_that_sum(mixture: Audio, percussive: Audio, step: float | None) -> list[Audio]:
    """Take the complement, so that the two sum to the mixture to the bit.

    Exactly so for every mixture whose samples lie on the grid of the louder part's floating
    point (as 24-bit PCM does, below full scale); no two floats sum to any other.
    """
    percussive = percussive.astype(mixture.dtype)
    if step is not None:
        percussive = np.rint(percussive / step) * step
    harmonic = mixture - percussive
    return [harmonic, mixture - harmonic]  # again, for what the first subtraction rounded


def _three_that_sum(
    mixture: Audio, harmonic: Audio, percussive: Audio, step: float | None
) -> list[Audio]:
    """As `_two_that_sum`; the third is the residual."""
    parts = [part.astype(mixture.dtype) for part in (harmonic, percussive)]
    if step is not None:
        parts = [np.rint(part / step) * step for part in parts]
    else:
        # Adding and taking away a larger number rounds to that number's grid.
        larger = 2 * (abs(mixture) + abs(parts[0]) + abs(parts[1]))
        parts = [(larger + part) - larger for part in parts]
    return [*parts, mixture - (parts[0] + parts[1])]
