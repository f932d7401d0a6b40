"""From one sound file to the same at another speed or pitch."""

import time
from contextlib import ExitStack

from ticktone.audio.formats import output_format
from ticktone.audio.reader import Reader
from ticktone.audio.writer import Writer
from ticktone.errors import TicktoneError
from ticktone.files import FileResult, Progress, Target, naming, refuse_loss
from ticktone.stretch.excerpts import stretched_length
from ticktone.stretch.stretcher import Stretcher
from ticktone.uri import Location, delivering, fetched, state_of

STRETCH = "stretch"


def stretch_file(
    stretcher: Stretcher, source: Location, target: Target, progress: Progress | None = None
) -> FileResult:
    """Write a sound file at another speed or pitch, as `NAME.stretch.EXT`, or nothing.

    Parameters
    ----------
    stretcher : Stretcher
    source : Path or Uri
    target : Target
    progress : callable, optional
        Called with the fraction done, from 0 to 1, where the file tells its length.

    Returns
    -------
    FileResult
        Its duration is the recording's.

    Raises
    ------
    TicktoneError
        If the file cannot be read or the result not be written; nothing is left behind then.
    """
    began = time.perf_counter()
    with (
        naming(source),
        fetched(source) as recording,
        Reader(recording) as reader,
        ExitStack() as cleanup,
    ):
        format = output_format(reader.format, target.format, target.subtype, target.float_)
        path = target.path(source, STRETCH, format.extension)
        there = state_of(path)
        if target.existing == "skip" and there is not None and not there.is_folder:
            return FileResult(str(source), {STRETCH: str(path)}, "skipped")
        refuse_loss(source, path, target.existing, target.since)
        (beside,) = cleanup.enter_context(delivering([path]))
        frames = None
        if reader.frames is not None:
            frames = stretched_length(reader.frames, stretcher.settings.speed)
        writer = Writer(beside, reader.sample_rate, reader.channels, format, frames)
        cleanup.callback(writer.discard)
        done = 0
        for block in stretcher.stream(reader.blocks(), reader.sample_rate):
            writer.write(block)
            done += block.shape[-1]
            if progress is not None and frames:
                progress(done / frames)
        if not done:
            raise TicktoneError("is too short for this speed; nothing would be left of it")
        writer.close()
        writer.commit()
    return FileResult(
        source=str(source),
        outputs={STRETCH: str(path)},
        method=stretcher.separator.method.name,
        sample_rate=reader.sample_rate,
        channels=reader.channels,
        duration=done * stretcher.settings.speed / reader.sample_rate,
        elapsed=time.perf_counter() - began,
        overs={STRETCH: writer.overs} if writer.overs else {},
        peaks={STRETCH: writer.peak},
    )
