"""Remix a song whose parts are known, by the same code that remixes any file."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from ticktone.archive.outputs import open_outputs, write_parts
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.audio.reader import Reader
from ticktone.page.work import exact_path
from ticktone.parts import PARTS, REMIX, Parts, as_parts, check_gains, mix_parts


def remix(source: Path, method: str, gains: Mapping[str, float], folder: Path) -> FileResult:
    """Write the remix of a recording that was separated by `ticktone.page.work.split`.

    Parameters
    ----------
    source : Path
    method : str
        By which it was.
    gains : mapping
        Of parts, in dB; minus infinity leaves a part out.
    folder : Path
        Where the remix goes.

    Returns
    -------
    FileResult

    Raises
    ------
    TicktoneError
        If a gain is out of range, or the remix cannot be written.
    """
    check_gains(gains)
    with open_outputs(source, [REMIX], Target(folder)) as outputs:
        parts = _stored_parts(source)
        return write_parts(outputs, parts, lambda block: [mix_parts(block, gains)], (), method)


def _stored_parts(source: Path) -> Iterator[Parts]:
    """Read the parts as they were found, block by block."""
    paths = [path for part in PARTS if (path := exact_path(source, part)).exists()]
    with ExitStack() as files:
        readers = [files.enter_context(Reader(path)) for path in paths]
        for blocks in zip(*(reader.blocks() for reader in readers), strict=True):
            yield as_parts(blocks)
