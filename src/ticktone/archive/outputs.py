"""The output files of one recording: opened together, written block by block, kept or removed."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.audio.bitrate import LOSSY
from ticktone.audio.bitrate import source_bitrate as source_bitrate_of
from ticktone.audio.block_codecs import block_length, of_exact_length
from ticktone.audio.extras import Extras, read_extras
from ticktone.audio.formats import PCM_BITS, output_format
from ticktone.audio.reader import Reader
from ticktone.audio.stem_file import STEM_OF_PART, StemWriter, stem_format
from ticktone.audio.writer import Writer
from ticktone.errors import naming
from ticktone.logger import LOGGER
from ticktone.parts import REMIX, STEM, Parts
from ticktone.storage.leftovers import remove_leftovers
from ticktone.storage.location import Location, delivering, fetched
from ticktone.storage.overwrite import is_file, refuse_loss

Observer = Callable[[Parts], object]  # called with every block of parts, before it is written
# Makes what goes into each output file from a block of parts.
Mix = Callable[[Parts], Sequence[NDArray[Any]]]


class Outputs:
    """The recording and the output files that are made of it, as `open_outputs` opens them.

    Attributes
    ----------
    source : Path or Uri
    reader : Reader
        Of the recording.
    paths : dict
        Path or URI of each output, by name.
    step : float or None
        The recording's own quantisation step, if the outputs keep it: parts that are whole
        multiples of it sum to the recording in PCM too.
    frames : int or None
        Samples in each channel of the outputs, if that is known: the recording's, unless set.
    untrue : set of str or None
        Tags that no longer hold, where the outputs are of an excerpt or at another speed or pitch;
        the recording's loops and positions do not hold then either.
    exist : bool
        Whether all outputs are there already and are to be left alone.
    """

    def __init__(self, source: Location, names: Sequence[str], target: Target, reader: Reader):
        self.source, self.reader, self._target = source, reader, target
        self._stems: dict[str, int] = {}  # in a stem file, its parts and their indices
        if target.stem_mp4:
            self.format = stem_format(reader.format, target.subtype)
            self._stems = {part: names.index(part) for part in STEM_OF_PART if part in names}
            names = [STEM]
        else:
            self.format = output_format(reader.format, target.format, target.subtype, target.float_)
        self._targets = [target.path(source, name, self.format.extension) for name in names]
        self.paths = {name: str(path) for name, path in zip(names, self._targets, strict=True)}
        self.step = self.format.step if self.format.step == reader.format.step else None
        for path in self._targets:
            if isinstance(path, Path):
                remove_leftovers(path.parent)
        self.exist = target.existing == "skip" and all(map(is_file, self._targets))
        if not self.exist:
            for path in self._targets:
                refuse_loss(source, path, target.existing, target.since)
        self.frames = reader.frames
        self.untrue: set[str] | None = None
        self._began = time.perf_counter()

    def write(
        self, parts: Iterable[Parts], mix: Mix, observers: Sequence[Observer], method: str
    ) -> FileResult:
        """Write what `mix` makes of the parts, all of it or nothing; see `write_parts`."""
        reader, samples = self.reader, 0
        if self._target.subtype is None and not self._stems:
            self.format = of_exact_length(
                self.format, reader.sample_rate, reader.channels, self.frames
            )
        subtype = self.format.subtype
        extras = read_extras(reader.path, reader.format, reader.channels, self._target.tags)
        if self.untrue is not None:
            extras = extras.without_positions(self.untrue)
        is_lossy = subtype in LOSSY and reader.format.subtype not in (*PCM_BITS, "FLOAT", "DOUBLE")
        source_bitrate = source_bitrate_of(reader.path) if is_lossy else None
        with ExitStack() as cleanup:
            writers: list[Writer | StemWriter] = []
            for path in cleanup.enter_context(delivering(self._targets)):
                writer = self._writer(path, extras, source_bitrate)
                cleanup.callback(writer.discard)
                writers.append(writer)
            for block in parts:
                for observer in observers:
                    observer(block)
                signals = mix(block)
                if self._stems:
                    stems = [signals[index] for index in self._stems.values()]
                    signals = [np.stack([sum(signals[1:], signals[0]), *stems])]
                for writer, signal in zip(writers, signals, strict=True):
                    writer.write(signal)
                samples += signals[0].shape[-1]
            for name, writer in zip(self.paths, writers, strict=True):
                writer.close()
                part = None if name == STEM else name
                if name == REMIX and self._target.remix_name is not None:
                    part = self._target.remix_name
                extras.write(
                    writer.temporary, self.format, part, self.source.stem, reader.sample_rate
                )
            for writer in writers:
                writer.commit()
        by_name = dict(zip(self.paths, writers, strict=True))
        elapsed = time.perf_counter() - self._began
        notes = [*reader.notes, *extras.notes, *self._changes(samples)]
        for note in notes:
            LOGGER.info("%s: %s", self.source, note)
        LOGGER.info("%s: done by %s in %.2f s", self.source, method, elapsed)
        return FileResult(
            source=str(self.source),
            outputs=self.paths,
            method=method,
            sample_rate=reader.sample_rate,
            channels=reader.channels,
            duration=samples / reader.sample_rate,
            elapsed=elapsed,
            overs={name: writer.overs for name, writer in by_name.items() if writer.overs},
            peaks={name: writer.peak for name, writer in by_name.items()},
            notes=notes,
        )

    def _writer(
        self, path: Path, extras: Extras, source_bitrate: float | None
    ) -> Writer | StemWriter:
        rate, channels = self.reader.sample_rate, self.reader.channels
        if self._stems:
            stems = [STEM_OF_PART[part] for part in self._stems]
            return StemWriter(path, rate, channels, self.format, stems, self._target.bitrate)
        return Writer(
            *(path, rate, channels, self.format, self.frames),
            mask=extras.mask,
            spare=extras.size,
            bitrate=self._target.bitrate,
            source_bitrate=source_bitrate,
        )

    def _changes(self, samples: int) -> list[str]:
        """Return a line for each change of format or length that nobody asked for."""
        before, after, target = self.reader.format, self.format, self._target
        if self._stems:
            return []
        rate, channels = self.reader.sample_rate, self.reader.channels
        block = block_length(after, rate, channels)
        if samples % block:
            return [f"{after.subtype} holds multiples of {block} samples: silence fills the last"]
        if target.format != "same":
            return []
        if before.extension.lower() == after.extension.lower():
            is_asked = target.float_ or target.subtype is not None
            if is_asked or before.container != after.container or before.subtype == after.subtype:
                return []
            block = block_length(before, rate, channels)
            why = f"holds multiples of {block} samples" if block > 1 else "can only be read"
            return [f"{before.subtype} {why}; the parts are {after.subtype}"]
        if (before.container, before.subtype) == (after.container, after.subtype):
            said = f"is {before.container} by its content; the parts are .{after.extension}"
            return [said] if before.extension else []
        kind = before.extension or before.container.replace("FFMPEG", "its kind of file")
        return [f"{kind} can only be read; the parts are {after.extension} ({after.subtype})"]


@contextmanager
def open_outputs(source: Location, names: Sequence[str], target: Target) -> Iterator[Outputs]:
    """Open a recording and decide where its outputs go, for as long as the block lasts.

    Parameters
    ----------
    source : Path or Uri
    names : sequence of str
        Of the outputs. For a stem file, of the parts in it.
    target : Target

    Yields
    ------
    Outputs

    Raises
    ------
    TicktoneError
        If the recording cannot be read, or an output may not be replaced or not be written.
    """
    with naming(source), fetched(source) as recording, Reader(recording) as reader:
        yield Outputs(source, names, target, reader)


def write_parts(
    outputs: Outputs,
    parts: Iterable[Parts],
    mix: Mix,
    observers: Sequence[Observer] = (),
    method: str = "",
) -> FileResult:
    """Write the outputs of a recording, all of them or none.

    Parameters
    ----------
    outputs : Outputs
    parts : iterable of Separation or SeparationWithResidual
        The parts of the recording from its beginning, in blocks of any lengths.
    mix : callable
        Returns the signals of the outputs, in their order, for a block of parts.
    observers : sequence of callable
        Each is called with every block before it is written.
    method : str
        What found the parts, for the result.

    Returns
    -------
    FileResult

    Raises
    ------
    TicktoneError
        If an output cannot be written; nothing is left behind then.
    """
    if outputs.exist:
        return FileResult(str(outputs.source), outputs.paths, "skipped")
    return outputs.write(parts, mix, observers, method)
