"""In a scikit-learn pipeline.

Separation as the first step of a classifier: which drum does each beat of the demo song have, the
bass drum or the snare drum? The classifier hears a tenth of a second of each beat as twenty mel
bands, and a grid search tells what it had better hear them of. Needs scikit-learn (which librosa
brings), librosa and Matplotlib.
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
BEAT = 60 / 104  # seconds
FIRST, BEATS = 0.05 + 8 * BEAT, 32  # eight bars, bass drum and snare drum in turn


def beats_of(audio: np.ndarray, rate: int) -> np.ndarray:
    """Cut a song into its beats. [shape=(beats, samples)]."""
    starts = [round((FIRST + beat * BEAT) * rate) for beat in range(BEATS)]
    return np.stack([audio[start : start + round(BEAT * rate)] for start in starts])


def bands(sounds: np.ndarray) -> np.ndarray:
    """Compute levels of the first tenth of a second, in dB. [shape=(beats, 20)]."""
    first = sounds[:, :4410]
    spectra = librosa.feature.melspectrogram(y=first, sr=44_100, n_mels=20)
    return librosa.power_to_db(spectra.mean(axis=-1), top_db=None)


def main(folder: Path) -> dict[str, float]:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    beats, drums = beats_of(audio.mean(axis=1), rate), ["bass drum", "snare drum"] * (BEATS // 2)
    steps = make_pipeline(
        PartTransformer(method="median", sample_rate=rate),
        FunctionTransformer(bands),
        KNeighborsClassifier(3),
    )
    choices = {"parttransformer__part": ["harmonic", "percussive"]}
    search = GridSearchCV(steps, choices, cv=4).fit(beats, drums)
    scores = dict(
        zip(choices["parttransformer__part"], search.cv_results_["mean_test_score"], strict=True)
    )
    for part, score in scores.items():
        print(f"drums told from the {part} part: {100 * score:.0f} % right")
    print(f"best: {search.best_params_}")

    figure = Figure(figsize=(9, 2.5), layout="constrained")
    axis = figure.subplots()
    axis.barh(list(scores), [100 * score for score in scores.values()], color="steelblue")
    axis.set(xlabel="beats whose drum is told, per cent", xlim=(0, 100))
    figure.savefig(folder / "scikit_learn_pipeline.png", dpi=100)
    return scores


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
