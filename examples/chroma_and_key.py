"""Chroma and key of the rest.

A chromagram sums the spectrum's energy by pitch class, and drums smear noise over all twelve.
Without the percussive part it comes nearer to that of the true harmonic stem. The key is that
whose profile (Krumhansl and Kessler 1982) the mean chroma follows most closely; the demo song is
in C major, and begins and returns on its relative, A minor. Needs librosa and Matplotlib.
"""

import sys
from pathlib import Path

import librosa
import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone

DEMO = Path(__file__).parent / "demo"
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def key(chroma: np.ndarray) -> str:
    """Return the key whose profile correlates best with the mean chroma."""
    scores = {
        f"{NAMES[root]} {mode}": np.corrcoef(chroma.mean(axis=1), np.roll(profile, root))[0, 1]
        for mode, profile in PROFILES.items()
        for root in range(12)
    }
    return max(scores, key=scores.__getitem__)


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    """Compare two chromagrams frame by frame; 1 if they are alike."""
    norms = np.linalg.norm(one, axis=0) * np.linalg.norm(other, axis=0)
    return float(((one * other).sum(axis=0) / np.maximum(norms, 1e-9)).mean())


def main(folder: Path) -> dict[str, tuple[float, str]]:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    mixture = audio.mean(axis=1)
    truth = soundfile.read(DEMO / "harmonic.ogg", dtype="float32")[0].mean(axis=1)
    sounds = {
        "mixture": mixture,
        "harmonic part": ticktone.separate(mixture, rate).harmonic,
        "true harmonic stem": truth,
    }
    chromas = {name: librosa.feature.chroma_cqt(y=y, sr=rate) for name, y in sounds.items()}
    found = {}
    figure = Figure(figsize=(9, 6), layout="constrained")
    for axis, (name, chroma) in zip(figure.subplots(3, sharex=True), chromas.items(), strict=True):
        likeness = cosine(chroma, chromas["true harmonic stem"])
        found[name] = likeness, key(chroma)
        print(f"{name}: {likeness:.3f} like the true stem's, {found[name][1]}")
        axis.imshow(
            chroma, aspect="auto", origin="lower", extent=(0, len(mixture) / rate, -0.5, 11.5)
        )
        axis.set(title=f"{name}: {found[name][1]}", yticks=range(12), yticklabels=NAMES)
    axis.set_xlabel("seconds")
    figure.savefig(folder / "chroma_and_key.png", dpi=100)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
