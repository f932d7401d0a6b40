"""Arrays and streams: blocks of a recording in, blocks of two or three recordings out."""

from collections.abc import Callable, Generator, Iterable, Iterator
from importlib import import_module
from numbers import Real
from typing import TYPE_CHECKING, Any, Generic, Literal, Unpack, overload
from warnings import warn

import numpy as np

from ticktone.errors import OptionError, ShapeError
from ticktone.limits import MOST_THREADS
from ticktone.methods import DEFAULT, make_method
from ticktone.methods.base import Method
from ticktone.options import check_value
from ticktone.parts import (
    Audio,
    AudioT,
    Parts,
    Separation,
    SeparationWithResidual,
    as_parts,
)
from ticktone.phase import DEFAULT as DEFAULT_PHASE
from ticktone.phase import make_phase
from ticktone.phase.recovery import Phase
from ticktone.signatures import HPROptions, MedianOptions, TwoPartMethod
from ticktone.splitter import Progress, Splitter
from ticktone.streaming.check import check_sample_rate
from ticktone.tensors import as_array

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # which knows defaults, as Python 3.13 does

    PartsT = TypeVar("PartsT", bound=Parts, default=Parts, covariant=True)
else:
    from typing import TypeVar

    PartsT = TypeVar("PartsT")

FINEST_STEP = 2.0**-52  # of quantisation: full scale by what float64 tells apart


class Separator(Generic[PartsT]):
    """Separates any number of recordings by one method.

    Parameters
    ----------
    method : str or Method
        One of `ticktone.methods()`, `best`, `fast`, `live` or `classic`, or a method of your own.
    phase : str or Phase
        Where the parts get their phase from: one of `ticktone.phase.phases()`, or one with
        options of its own. A method of several stages uses it in each.
    complement : bool
        Whether the parts sum to the recording. If not, they are the method's raw estimates, as
        the papers score them. Where a phase other than the mixture's keeps two estimates from
        summing to it, half of the difference goes to each part.
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
    TypeError
        If `method` is neither a name nor a `ticktone.methods.base.Method`.

    Examples
    --------
    >>> import numpy as np
    >>> separator = Separator("median", power=1.0)
    >>> recordings = np.zeros((3, 2, 44_100), np.float32)  # (batch, channels, samples)
    >>> [part.shape for part in separator.separate(recordings, 44_100)]
    [(3, 2, 44100), (3, 2, 44100)]
    >>> separator.parts
    ('harmonic', 'percussive')
    """

    @overload
    def __init__(
        self: "Separator[Separation]", method: TwoPartMethod = ..., **options: Any
    ) -> None: ...
    @overload
    def __init__(
        self: "Separator[Separation]",
        method: Literal["median", "classic"],
        **options: Unpack[MedianOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: "Separator[Separation]",
        method: Literal["hpr"],
        *,
        residual: Literal[False],
        **options: Unpack[HPROptions],
    ) -> None: ...
    @overload
    def __init__(
        self: "Separator[SeparationWithResidual]",
        method: Literal["hpr"],
        *,
        residual: Literal[True] = ...,
        **options: Unpack[HPROptions],
    ) -> None: ...
    @overload
    def __init__(self: "Separator[Parts]", method: str | Method = ..., **options: Any) -> None: ...
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
        if not isinstance(method, str | Method):
            raise TypeError(
                f"method must be one of the names that ticktone.methods() lists, or a "
                f"ticktone.methods.base.Method, not {method!r}"
            )
        if not isinstance(phase, str | Phase):
            raise TypeError(
                f"phase must be one of the names that ticktone.phase.phases() lists, or a "
                f"ticktone.phase.recovery.Phase, not {phase!r}"
            )
        if not isinstance(method, str) and options:
            raise TypeError(f"options {sorted(options)} go to the method's own constructor")
        self.complement: bool = check_value("complement", complement, bool)
        self.threads: int | None = check_value(
            "threads", threads, int | None, least=1, most=MOST_THREADS
        )
        self.block_frames: int | None = check_value(
            "block_frames", block_frames, int | None, least=1
        )
        if isinstance(method, str):
            method = make_method(method, threads=self.threads, **options)
        self.method: Method = method
        self.phase: Phase = make_phase(phase) if isinstance(phase, str) else phase

    def __repr__(self) -> str:
        names = ("phase", "complement", "threads", "block_frames")
        options = (f"{name}={getattr(self, name)!r}" for name in names)
        return f"Separator({self.method!r}, {', '.join(options)})"

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts, in the order of `ticktone.parts.PARTS`."""
        return self.method.parts

    def latency(self, sample_rate: float, channels: int = 2) -> float:
        """Return how many seconds of a recording `stream` holds back at the most.

        Beyond what the caller gives at a time. The causal networks answer as soon as they can; of
        others it is mostly the length of their blocks (`block_frames`), which makes them fast, and
        `ticktone methods` shows what they need at the least.

        Raises
        ------
        TicktoneError, TypeError, ValueError
            If this is no sample rate, the method does not work at it, or no number of channels.

        Examples
        --------
        >>> round(Separator("folded-3w-unet-causal").latency(44_100), 3)
        0.058
        """
        channels = check_value("channels", channels, int, least=1)
        return self._splitter(sample_rate).latency(channels)

    @overload
    def separate(
        self: "Separator[Separation]",
        audio: AudioT,
        sample_rate: float,
        *,
        progress: Progress | None = ...,
    ) -> Separation[AudioT]: ...
    @overload
    def separate(
        self: "Separator[SeparationWithResidual]",
        audio: AudioT,
        sample_rate: float,
        *,
        progress: Progress | None = ...,
    ) -> SeparationWithResidual[AudioT]: ...
    @overload
    def separate(
        self, audio: AudioT, sample_rate: float, *, progress: Progress | None = ...
    ) -> Separation[AudioT] | SeparationWithResidual[AudioT]: ...
    def separate(self, audio: Any, sample_rate: float, *, progress: Progress | None = None) -> Any:
        """Split one recording, or a batch; see `ticktone.separate` for shapes and errors.

        Parameters
        ----------
        audio : ndarray or torch.Tensor
            A batch of short recordings takes far less time than one after another.
        sample_rate : int
            Hz.
        progress : callable, optional
            Called with the fraction done, from 0 to 1, every few seconds of sound. What it raises
            ends the work.
        """
        array, restore = as_array(audio)
        splitter = self._splitter(sample_rate)
        split = splitter.batch if array.ndim == 3 else splitter.whole
        return as_parts([restore(part) for part in split(array, progress)])

    def _splitter(self, sample_rate: float) -> Splitter:
        rate = check_sample_rate(sample_rate)
        return Splitter(
            self.method, self.phase, self.complement, self.threads, self.block_frames, rate
        )

    @overload
    def stream(
        self: "Separator[Separation]",
        blocks: Iterable[AudioT],
        sample_rate: float,
        *,
        step: float | None = None,
        read_ahead: bool = False,
    ) -> Generator[Separation[AudioT], None, None]: ...
    @overload
    def stream(
        self: "Separator[SeparationWithResidual]",
        blocks: Iterable[AudioT],
        sample_rate: float,
        *,
        step: float | None = None,
        read_ahead: bool = False,
    ) -> Generator[SeparationWithResidual[AudioT], None, None]: ...
    @overload
    def stream(
        self,
        blocks: Iterable[AudioT],
        sample_rate: float,
        *,
        step: float | None = None,
        read_ahead: bool = False,
    ) -> Generator[Separation[AudioT] | SeparationWithResidual[AudioT], None, None]: ...
    def stream(
        self,
        blocks: Iterable[Any],
        sample_rate: float,
        *,
        step: float | None = None,
        read_ahead: bool = False,
    ) -> Generator[Any, None, None]:
        """Split a recording that arrives in blocks, in memory that does not grow with it.

        Parameters
        ----------
        blocks : iterable of ndarray or torch.Tensor [shape=(samples,) or (channels, samples)]
            The recording from its beginning, in blocks of any lengths; the first one of more than
            64 channels must have as many samples as channels (see `ticktone.separate`).
        sample_rate : int
            Hz.
        step : float, optional
            The quantisation step of the recording and of where its parts go (2**-15 for 16-bit
            PCM), 2**-52 at the least: the parts are then whole multiples of it and sum to the
            recording in PCM too.
        read_ahead : bool
            Whether blocks may be taken, in other threads, before their parts are asked for: faster
            where the recording is there as a whole and there are several `threads`. To end early,
            close the iterator.

        Yields
        ------
        Separation or SeparationWithResidual
            The parts from their beginning, in blocks of lengths of their own; joined, they equal
            what `separate` returns for the joined blocks.

        Raises
        ------
        TicktoneError, TypeError, ValueError
            As `ticktone.separate`, when the block at fault is reached; if `blocks` is one array.
        """
        restore: Callable[[Audio], Any] = np.asarray
        if getattr(blocks, "ndim", 3) < 3:
            raise ShapeError(
                "stream takes blocks, not one array, whose rows or samples each would be a block; "
                "give [audio], or call separate"
            )
        is_number = isinstance(step, Real)
        if step is not None and not (is_number and FINEST_STEP <= step < 1):
            raise OptionError(
                f"step must lie between 0 and 1, and be 2**-52 at the least, not {step!r}"
            )

        def arrays() -> Iterator[Audio]:
            nonlocal restore
            for block in blocks:
                array, restore = as_array(block)
                yield array.copy()  # the caller may fill the same one again

        for parts in self._splitter(sample_rate).stream(arrays(), step, read_ahead):
            yield as_parts([restore(part) for part in parts])

    def separate_file(self, path: Any, output: Any = None, **options: Any) -> Any:
        """Use `ticktone.separate_file` instead: this is deprecated, and goes with version 0.3."""
        warn(
            "Separator.separate_file is deprecated; use ticktone.separate_file(path, output, "
            "separator=...)",
            DeprecationWarning,
            stacklevel=2,
        )
        # By name, for nothing in this module may depend on files.
        one_file = import_module("ticktone.archive.one_file")
        return one_file.separate_file(path, output, separator=self, **options)
