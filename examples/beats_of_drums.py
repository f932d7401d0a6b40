"""Beat tracking on drums.

librosa's beat tracker, told the percussive part alone and told the mixture. The demo song has 104
beats a minute. Look before you adopt this: on real songs the drums alone are no better
for finding beats than the whole mixture (see "What it is for, measured"); what they are better for
is finding the drums' own strokes. Needs librosa and Matplotlib.
"""

import sys
from pathlib import Path

import librosa
import numpy as np
import soundfile
from matplotlib.figure import Figure

import ticktone

DEMO = Path(__file__).parent / "demo"
TRUE_TEMPO = 104.0


def main(folder: Path) -> dict[str, float]:
    audio, rate = soundfile.read(DEMO / "demo.ogg", dtype="float32")
    mixture = audio.mean(axis=1)
    sounds = {"mixture": mixture, "percussive part": ticktone.separate(mixture, rate).percussive}

    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots(2, sharex=True)
    tempi = {}
    for axis, (name, sound) in zip(axes, sounds.items(), strict=True):
        strength = librosa.onset.onset_strength(y=sound, sr=rate)
        tempo, beats = librosa.beat.beat_track(onset_envelope=strength, sr=rate, units="time")
        tempi[name] = float(np.squeeze(tempo))
        print(f"{name}: {tempi[name]:.1f} beats a minute, {len(beats)} beats")
        axis.plot(librosa.times_like(strength, sr=rate), strength, linewidth=0.7)
        axis.vlines(beats, 0, strength.max(), color="tab:orange", alpha=0.6)
        axis.set(title=name, ylabel="onset strength", xlim=(5, 15))
    axes[-1].set_xlabel("seconds; lines: beats")
    figure.savefig(folder / "beats_of_drums.png", dpi=100)
    return tempi


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
