"""A tiny SoundFont, kit and instrument, and scores for them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pretty_midi
import soundfile

from tests.corpus.soundfont import write_soundfont

RATE = 22_050
KICK, SNARE, HAT = 36, 38, 42
DRUM_HZ = 5000  # far above the notes


@dataclass
class Studio:
    soundfont: Path
    kits: Path
    instruments: Path

    @property
    def sounds(self) -> dict[str, tuple[Path, ...]]:
        """What `Rendering` is told of it."""
        return {
            "soundfonts": (self.soundfont,),
            "kits": (self.kits,),
            "instruments": (self.instruments,),
        }


def write_studio(folder: Path) -> Studio:
    kit, instrument = folder / "kits" / "tiny", folder / "instruments" / "bass_tiny"
    for made in (kit, instrument):
        made.mkdir(parents=True)
    time = np.arange(RATE) / RATE
    for name in ("kick", "snare", "hat_closed"):
        hit = np.sin(2 * np.pi * DRUM_HZ * time) * np.exp(-time / 0.03)
        soundfile.write(kit / f"{name}_01.wav", 0.5 * hit[: RATE // 5], RATE)
    soundfile.write(instrument / "040_e2_mf.wav", 0.3 * np.sin(2 * np.pi * 82.4 * time), RATE)
    return Studio(write_soundfont(folder / "sines.sf2"), folder / "kits", folder / "instruments")


def write_midi(path: Path, programs=(0, 33), drums=(KICK, HAT, SNARE, HAT), beats: int = 8) -> Path:
    """Write a score of four beats a second."""
    midi = pretty_midi.PrettyMIDI()
    for program in programs:
        part = pretty_midi.Instrument(program)
        for beat in range(beats):
            pitch = 40 + program % 12 + 2 * (beat % 3)
            part.notes.append(pretty_midi.Note(90, pitch, beat / 4, beat / 4 + 0.2))
        midi.instruments.append(part)
    if drums:
        part = pretty_midi.Instrument(0, is_drum=True)
        for beat in range(beats):
            key = drums[beat % len(drums)]
            part.notes.append(pretty_midi.Note(100, key, beat / 4, beat / 4 + 0.1))
        midi.instruments.append(part)
    path.parent.mkdir(parents=True, exist_ok=True)
    midi.write(str(path))
    return path


def read_song(folder: Path) -> dict[str, np.ndarray]:
    """Read a song's stems. [shape=(channels, samples)]"""
    return {
        path.stem: soundfile.read(path, always_2d=True)[0].T for path in sorted(folder.iterdir())
    }


def songs(corpus: Path) -> list[str]:
    """List what lies in a corpus beside its manifest."""
    return sorted(path.name for path in corpus.iterdir() if path.name != "manifest.jsonl")


def everything(folder: Path) -> dict[str, bytes]:
    """Read all files in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
