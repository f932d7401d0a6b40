"""What scores are played on: SoundFonts, drum kits and instruments, and whose they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from ticktone.corpus.instruments import FAMILIES, Instrument, programs_of, read_instrument
from ticktone.corpus.kits import Kit, read_kit
from ticktone.errors import TicktoneError

T = TypeVar("T")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Licences:
    """Which licence each source is under.

    Parameters
    ----------
    rules : tuple of (str, str)
        Shell patterns of paths, and the licence of what they match; the first that matches counts.
    """

    rules: tuple[tuple[str, str], ...] = ()

    def of(self, path: Path) -> str:
        """Return a file's or folder's licence; "" if no rule matches it."""
        return next((text for rule, text in self.rules if fnmatchcase(str(path), rule)), "")


@dataclass(frozen=True)
class SoundFont:
    """A SoundFont file."""

    path: Path
    licence: str


@dataclass(frozen=True)
class Bank:
    """Everything that can play; at least one SoundFont is among it.

    Parameters
    ----------
    soundfonts : tuple of SoundFont
    kits : tuple of Kit
    instruments : tuple of Instrument
    synthesised : float
        The share of scores that are played by drum machines and synthesisers.
    blended : float
        The share of the others in which each part is drawn on its own: from drum machines and
        synthesisers, or from all the rest.
    mastered : float
        The share of scores that are mastered as records are; see `ticktone.corpus.records`.
    """

    soundfonts: tuple[SoundFont, ...]
    kits: tuple[Kit, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    synthesised: float = 0.0
    blended: float = 0.0
    mastered: float = 0.0


def open_bank(
    soundfonts: Sequence[Path],
    kits: Sequence[Path] = (),
    instruments: Sequence[Path] = (),
    licences: Licences = Licences(),
) -> Bank:
    """Find the sounds of SoundFonts, kits and instruments.

    Parameters
    ----------
    soundfonts : sequence of Path
    kits, instruments : sequence of Path
        Folders of sounds (see `read_kit` and `read_instrument`), or folders of such folders.
    licences : Licences
        Where none matches a kit, what the kit itself says counts.

    Raises
    ------
    TicktoneError
        If there is no SoundFont, or a file or folder holds nothing that can be played.
    """
    if not soundfonts:
        raise TicktoneError("there is no SoundFont to play the scores; name one")
    for path in soundfonts:
        if not path.is_file():
            raise TicktoneError("there is no such SoundFont", path)
    found = Bank(
        tuple(SoundFont(path, licences.of(path)) for path in soundfonts),
        tuple(
            replace(kit, licence=kit.licence or UNKNOWN) for kit in _each(kits, read_kit, licences)
        ),
        tuple(_each(instruments, read_instrument, licences)),
    )
    for instrument in found.instruments:
        if not programs_of(instrument.name):
            raise TicktoneError(
                f"no part would ask for the instrument {instrument.name!r}; let its folder's name "
                f"hold one of: {', '.join(FAMILIES)}"
            )
    return found


def _each(paths: Sequence[Path], read: Callable[[Path, str], T], licences: Licences) -> list[T]:
    found = []
    for path in paths:
        if not path.is_dir():
            raise TicktoneError("is not a folder; check the spelling", path)
        try:
            found.append(read(path, licences.of(path)))
        except TicktoneError as error:
            folders = sorted(folder for folder in path.iterdir() if folder.is_dir())
            if not folders or (path / "drumkit.xml").exists():
                raise
            several = []
            for folder in folders:
                try:
                    several.append(read(folder, licences.of(folder)))
                except TicktoneError:
                    if (folder / "drumkit.xml").exists():
                        raise
                    continue  # documents, loops
            if not several:
                raise error from None
            found += several
    return found
