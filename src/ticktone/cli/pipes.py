"""`-` for standard input as the recording, and for standard output as the one file written."""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ticktone.cli.interruption import clean_up_when_interrupted
from ticktone.errors import TicktoneError

if TYPE_CHECKING:
    from ticktone.archive.result import FileResult

PIPE = "-"
_NAME = "stdin"  # what outputs of standard input are named after
_CHUNK = 2**20  # bytes


class Pipes:
    """Where pipes lead for the time of a run.

    Attributes
    ----------
    paths : list of str
        The recordings, a file in place of standard input.
    output : str, optional
        Folder of the outputs, one of our own in place of standard output.
    """

    def __init__(self, paths: Sequence[str], output: str | None, cleanup: ExitStack) -> None:
        from ticktone.storage.leftovers import temporary_folder

        self.paths, self.output = list(paths), output
        self._input: Path | None = None
        self.to_stdout = output == PIPE
        if PIPE in paths:
            self._input = cleanup.enter_context(temporary_folder()) / _NAME
            self.paths = [str(self._input) if path == PIPE else path for path in paths]
            if output is None:
                self.output = "."
        if self.to_stdout:
            self.output = str(cleanup.enter_context(temporary_folder()))

    def read(self) -> None:
        """Read standard input to its end, if it is wanted.

        Raises
        ------
        TicktoneError
            If it holds nothing.
        """
        if self._input is None:
            return
        if sys.stdin is None or sys.stdin.isatty():
            raise TicktoneError("- is standard input, and nothing is piped in; name a file")
        with self._input.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, _CHUNK)

    def follow(
        self, results: Iterable["FileResult"], out: Callable[[], BinaryIO]
    ) -> Iterator["FileResult"]:
        """Write what goes to standard output there; name pipes as the user did."""
        for result in results:
            if self.to_stdout and result.status == "done":
                for part, path in result.outputs.items():
                    with Path(path).open("rb") as file:
                        shutil.copyfileobj(file, out(), _CHUNK)
                    out().flush()
                    result.outputs[part] = PIPE
            if self._input is not None and result.source == str(self._input):
                error = result.error and result.error.replace(str(self._input), "standard input")
                result = replace(result, source=PIPE, error=error)
            yield result


@contextmanager
def pipes(
    paths: Sequence[str], output: str | None, outputs: int | None, manifest: str | None = None
) -> Iterator[Pipes]:
    """Replace `-` by standard input and output, in the `with` block.

    Parameters
    ----------
    paths : sequence of str
    output : str, optional
    outputs : int, optional
        How many files each recording makes; None for as many as there are parts.
    manifest : str, optional

    Raises
    ------
    TicktoneError
        If a pipe cannot do what is asked of it.
    """
    if output == PIPE and (outputs != 1 or len(paths) != 1):
        raise TicktoneError("-o - writes one file: give one recording, and --only or --stem-mp4")
    if manifest is not None and PIPE in (*paths, output):
        raise TicktoneError("a manifest cannot name a pipe; save the recording to a file first")
    if output == PIPE and sys.stdout is None:
        raise TicktoneError("- is standard output, which is closed; name a folder")
    if PIPE in (*paths, output):
        clean_up_when_interrupted()
    with ExitStack() as cleanup:
        found = Pipes(paths, output, cleanup)
        found.read()
        yield found
