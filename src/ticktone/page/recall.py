"""Remix a song whose parts are known, by the same code that remixes any file."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from ticktone.audio.reader import Reader
from ticktone.files import FileResult, Target, remix_file
from ticktone.mixing import check_gains
from ticktone.page.work import exact_path
from ticktone.separator import Audio, Parts, Separator


class Recalled(Separator):
    """A separator that has separated this recording before, and reads what it found then.

    Parameters
    ----------
    source : Path
        The recording.
    method : str
    """

    def __init__(self, source: Path, method: str) -> None:
        super().__init__(method)
        self._source = source

    def stream(
        self, blocks: Iterable[Audio], sample_rate: int, *, step: float | None = None
    ) -> Iterator[Parts]:
        """Give the parts, whatever the blocks; see `Separator.stream`."""
        with ExitStack() as files:
            readers = [
                files.enter_context(Reader(exact_path(self._source, part))) for part in self.parts
            ]
            for parts in zip(*(reader.blocks() for reader in readers), strict=True):
                yield self._parts(list(parts))


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
    return remix_file(Recalled(source, method), source, gains, Target(folder))
