"""From one sound file to one with its parts at other levels."""

import math
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ticktone.archive.found_parts import find_parts, read_parts, why_not_its_own
from ticktone.archive.one_file import ProgressObserver
from ticktone.archive.outputs import Observer, Outputs, open_outputs, write_parts
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.errors import TicktoneError
from ticktone.options import check_truths
from ticktone.parts import REMIX, Audio, Parts, as_parts, check_gains, mix_parts
from ticktone.separator import Separator
from ticktone.splitter import Progress
from ticktone.storage.location import Location

NORMALISED_PEAK = 10 ** (-0.1 / 20)  # of full scale: what is coded with loss swings over a little
_SILENCE = -120.0  # dB, from which on a part is not heard


@dataclass(frozen=True)
class RemixSettings:
    """At what levels parts are put together again, and how.

    Parameters
    ----------
    gains : mapping of str to float
        Of parts, in dB; minus infinity leaves a part out. A part not named keeps its level.
    normalise : bool
        Give the whole remix the one gain by which its peak is 0.1 dB below full scale.
    use_found : bool
        Take the parts that lie beside the recording, or in the target's folder, if their sum is
        the recording, whatever found them; else it is separated again.
    """

    gains: Mapping[str, float]
    normalise: bool = False
    use_found: bool = False

    def __post_init__(self) -> None:
        check_truths(self, "normalise", "use_found")

    def check(self, parts: Iterable[str]) -> None:
        """Refuse gains that are out of range, or leave nothing of these parts.

        Raises
        ------
        TicktoneError
        """
        check_gains(self.gains)
        if all(self.gains.get(part, 0.0) <= _SILENCE for part in parts):
            raise TicktoneError("every part is left out, so nothing would be heard; raise one")


def write_remix(
    separator: Separator,
    source: Location,
    settings: RemixSettings,
    target: Target,
    progress: Progress | None = None,
) -> FileResult:
    """Put a sound file's parts together again at other levels, as `NAME.remix.EXT`.

    Parameters
    ----------
    separator : Separator
    source : Path or Uri
    settings : RemixSettings
    target : Target
    progress : callable, optional

    Returns
    -------
    FileResult
        Without a method, where parts were found.

    Raises
    ------
    TicktoneError
        As `separate_file`, or if nothing would be heard.
    """
    with open_outputs(source, [REMIX], target) as outputs:
        reader = outputs.reader
        notes: list[str] = []
        observers: list[Observer] = []
        found = _found(outputs, target, notes) if settings.use_found and not outputs.exist else {}
        settings.check(found or separator.parts)
        if progress is not None and reader.frames:
            observers.append(ProgressObserver(progress, reader.frames))
        parts: Generator[Parts, None, None]
        mixed: Iterator[Audio]
        if found:
            parts = read_parts(found)
        else:
            parts = separator.stream(
                reader.blocks(), reader.sample_rate, step=outputs.step, read_ahead=True
            )
        with closing(parts):
            mixed = (mix_parts(block, settings.gains) for block in parts)
            if settings.normalise:
                mixed = _normalised(mixed, notes)
            both = (as_parts([block, block]) for block in mixed)
            method = "" if found else separator.method.name
            result = write_parts(outputs, both, lambda parts: parts[:1], observers, method)
    result.notes += notes
    return result


def _found(outputs: Outputs, target: Target, notes: list[str]) -> dict[str, Path]:
    """Return the parts that lie there, if they are the recording's; say so, and if they are not."""
    found = find_parts(outputs.source, outputs.source.parent, target.folder)
    if not found:
        return {}
    named = ", ".join(path.name for path in found.values())
    why_not = why_not_its_own(found, outputs.reader.path)
    if why_not is None:
        notes.append(f"made of the parts that lie there ({named})")
        return found
    notes.append(f"separated again, as the parts that lie there {why_not} ({named})")
    return {}


def _normalised(blocks: Iterator[Audio], notes: list[str]) -> Iterator[Audio]:
    """Pass a remix on at the level where its peak is `NORMALISED_PEAK`; it waits on the disk."""
    shapes: list[tuple[int, ...]] = []
    peak, kind = 0.0, np.dtype(np.float32)
    with tempfile.TemporaryFile() as waiting:
        for block in blocks:
            peak, kind = max(peak, float(np.abs(block).max(initial=0.0))), block.dtype
            shapes.append(block.shape)
            waiting.write(np.ascontiguousarray(block).tobytes())
        gain = NORMALISED_PEAK / peak if peak > 0 else 1.0
        notes.append(f"normalised by {20 * math.log10(gain):+.1f} dB")
        waiting.seek(0)
        for shape in shapes:
            data = waiting.read(math.prod(shape) * kind.itemsize)
            block = np.frombuffer(data, kind).reshape(shape)
            yield block * kind.type(gain)
