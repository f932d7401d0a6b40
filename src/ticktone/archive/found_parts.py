"""The parts of a recording that lie beside it, used only if they are certainly its own."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from ticktone.audio.formats import READABLE
from ticktone.audio.reader import Reader
from ticktone.errors import TicktoneError
from ticktone.parts import PARTS, SOURCES, Audio, Parts, as_parts
from ticktone.storage.location import Location

_ROUNDING = 1e-6  # by which sums of floating-point samples may be off
_FINEST = 2.0**-15  # a coarser step leaves no doubt about what sums to a recording


def find_parts(source: Location, *folders: Location | None) -> dict[str, Path]:
    """Return the files named as parts of a recording, in one of some folders and of one kind.

    Parameters
    ----------
    source : Path or Uri
    *folders : Path or Uri
        Where to look, in this order.

    Returns
    -------
    dict of str to Path
        By part, two or three; empty where none are found, or not on this computer.
    """
    extensions = dict.fromkeys([source.suffix[1:], "wav", "flac", *sorted(READABLE)])
    for folder in folders:
        if not isinstance(folder, Path):
            continue
        for extension in extensions:
            paths = {part: folder / f"{source.stem}.{part}.{extension}" for part in PARTS}
            found = {part: path for part, path in paths.items() if path.is_file()}
            if set(SOURCES) <= set(found):
                return found
    return {}


def read_parts(paths: Mapping[str, Path]) -> Generator[Parts, None, None]:
    """Read files of parts block by block, in the order of `ticktone.parts.PARTS`.

    Raises
    ------
    TicktoneError
        If one cannot be read, or they are not of one length.
    """
    with ExitStack() as files:
        readers = [files.enter_context(Reader(paths[part])) for part in PARTS if part in paths]
        try:
            for blocks in zip(*(reader.blocks() for reader in readers), strict=True):
                if len({block.shape for block in blocks}) > 1:
                    raise ValueError
                yield as_parts(blocks)
        except ValueError:
            raise TicktoneError("are not of one length", readers[0].path) from None


def why_not_its_own(paths: Mapping[str, Path], recording: Path) -> str | None:
    """Compare the sum of parts with the recording, sample by sample.

    Parameters
    ----------
    paths : mapping of str to Path
        Of the parts.
    recording : Path

    Returns
    -------
    str or None
        Why the parts are not certainly those of the recording; None if they are.
    """
    try:
        with Reader(recording) as whole:
            like = (whole.sample_rate, whole.channels)
            step = 0.0
            for path in paths.values():
                with Reader(path) as part:
                    if (part.sample_rate, part.channels) != like:
                        return "have another sample rate or other channels"
                    own = part.format.step or 0.0
                    step = max(step, own if own < _FINEST else 0.0)
            allowed = 1.5 * step + _ROUNDING
            for blocks in _in_step(whole.blocks(), read_parts(paths)):
                if blocks is None:
                    return "are not as long"
                mixture, parts = blocks
                if np.abs(sum(parts[1:], parts[0]) - mixture).max(initial=0.0) > allowed:
                    return "do not sum to it"
    except TicktoneError as error:
        return f"cannot be read ({error.cause})"
    return None


def _in_step(
    mixtures: Iterator[Audio], parts: Iterator[Parts]
) -> Iterator[tuple[Audio, list[Audio]] | None]:
    """Pair blocks of one recording, cut to common lengths; None where one ends before the other."""
    mixture: Audio | None = None
    block: list[Audio] | None = None
    while True:
        mixture = next(mixtures, None) if mixture is None else mixture
        block = next(map(list, parts), None) if block is None else block
        if mixture is None or block is None:
            if mixture is not None or block is not None:
                yield None
            return
        length = min(mixture.shape[-1], block[0].shape[-1])
        yield mixture[:, :length], [part[:, :length] for part in block]
        mixture = mixture[:, length:] if length < mixture.shape[-1] else None
        block = [part[:, length:] for part in block] if length < block[0].shape[-1] else None
