"""DSD100: Liutkus et al., "The 2016 signal separation evaluation campaign", LVA/ICA 2017.

50 songs for training ("Dev") and 50 for testing; 44.1 kHz, stereo, for academic use only. The
percussive part is the drums, the harmonic part the sum of the other stems. The files in Mixtures,
which are the sum of all stems, are not read.
"""

from functools import partial
from pathlib import Path

from ticktone.datasets.layout import Entry, Files, Layout, folders, wav_stems


def dsd100(path: Path) -> Layout:
    """Find the songs of DSD100."""
    return Layout(
        kind="dsd100",
        expected="Mixtures and Sources/{Dev,Test}/SONG/{drums,bass,other,vocals}.wav",
        harmonic="sum",
        subsets=("train", "test"),
        entries=[
            Entry(song.name, partial(_files, song), subset)
            for subset, folder in (("train", "Dev"), ("test", "Test"))
            for song in folders(path / "Sources" / folder)
        ],
    )


def _files(song: Path) -> Files:
    drums, *others = wav_stems(song, "drums", "bass", "other", "vocals")
    return [drums], others
