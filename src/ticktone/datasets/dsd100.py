"""DSD100: Liutkus et al., "The 2016 signal separation evaluation campaign", LVA/ICA 2017.

50 songs for training ("Dev") and 50 for testing; 44.1 kHz, stereo, for academic use only. The
percussive part is the drums, the harmonic part the sum of the other stems. The files in Mixtures,
which are the sum of all stems, are not read.
"""

from functools import partial
from pathlib import Path

from ticktone.datasets.layout import Files, Layout, SongEntry, find_wav_stems, list_folders


def dsd100(path: Path) -> Layout:
    """Return the layout DSD100, and the songs that a folder has in it.

    Parameters
    ----------
    path : Path
        The folder that holds Mixtures and Sources.

    Returns
    -------
    Layout
    """
    return Layout(
        kind="dsd100",
        expected="Mixtures and Sources/{Dev,Test}/SONG/{drums,bass,other,vocals}.wav",
        harmonic="sum",
        subsets=("train", "test"),
        entries=[
            SongEntry(song.name, partial(_files, song), (subset,))
            for subset, folder in (("train", "Dev"), ("test", "Test"))
            for song in list_folders(path / "Sources" / folder)
        ],
    )


def _files(song: Path) -> Files:
    drums, *others = find_wav_stems(song, "drums", "bass", "other", "vocals")
    return [drums], others
