"""In a scikit-learn pipeline.

Separation as the first step of a classifier: which chord does each beat of the demo song play? The
classifier knows the chroma of a beat alone, and a grid search tells what is best to take it of.
Needs scikit-learn (which librosa brings), librosa and Matplotlib.
"""

import sys
from pathlib import Path

import librosa
import numpy as np
import soundfile
from matplotlib.figure import Figure
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ticktone.scikit_learn import PartTransformer

DEMO = Path(__file__).parent / "demo"
BEAT, LEAD_IN = 60 / 104, 0.05  # seconds
# The roots of the demo song's chords, bar by bar; two bars are half of one chord, half of another.
BARS = ("A", "F", "D", "G", "C", "E", "A", "F", "DD", "GG")


def clips(audio: np.ndarray, rate: int) -> tuple[np.ndarray, list[str]]:
    """Cut a song into its beats. [shape=(beats, samples)], and the root of each."""
    length = int(BEAT * rate)
    roots = [bar[half * (len(bar) - 1)] for bar in BARS for half in (0, 0, 1, 1)]
    starts = [round((LEAD_IN + beat * BEAT) * rate) for beat in range(len(roots))]
    return np.stack([audio[start : start + length] for start in starts]), roots


def chroma(sounds: np.ndarray) -> np.ndarray:
    """Compute mean pitch classes. [shape=(beats, 12)]."""
    spectra = librosa.feature.chroma_stft(y=sounds, sr=44_100, n_fft=8192, tuning=0)
    return spectra.mean(axis=-1)


def main(folder: Path) -> dict[str, float]:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    beats, roots = clips(audio.mean(axis=1), rate)
    steps = make_pipeline(
        PartTransformer(method="median", sample_rate=rate),
        FunctionTransformer(chroma),
        KNeighborsClassifier(3),
    )
    choices = {"parttransformer__part": ["harmonic", "percussive"]}
    search = GridSearchCV(steps, choices, cv=4).fit(beats, roots)
    scores = dict(
        zip(choices["parttransformer__part"], search.cv_results_["mean_test_score"], strict=True)
    )
    for part, score in scores.items():
        print(f"chords from the {part} part: {100 * score:.0f} % right")
    print(f"best: {search.best_params_}")

    figure = Figure(figsize=(9, 2.5), layout="constrained")
    axis = figure.subplots()
    axis.barh(list(scores), [100 * score for score in scores.values()], color="steelblue")
    axis.set(xlabel="beats whose chord is found, per cent", xlim=(0, 100))
    figure.savefig(folder / "scikit_learn_pipeline.png", dpi=100)
    return scores


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
