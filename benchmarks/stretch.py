"""Time-stretching against librosa, PyTSMod and Signalsmith: attacks, tones, level, speed.

    python benchmarks/stretch.py [--pictures docs] [METHOD ...]
    python benchmarks/stretch.py --memory [--minutes 10 60] [METHOD ...]

    (with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 in the environment)

Needs `pip install librosa pytsmod python-stretch matplotlib`; those that are missing are left
out. The demo song's drum onsets are those of `examples/make_demo.py`; everything else is rendered
here.

- attacks: the largest log-spectral flux within 15 ms of each known onset, divided by that of the
  recording itself at that onset; the mean over onsets. 1: as sharp as the recording.
- spread: how long a stretched click lasts (two standard deviations of its energy, within 25 ms of
  where it should be), in milliseconds.
- purity: energy of the stretched tones against all that is not at their frequencies, in dB: of
  one sine, of a chord of seven and of three bass notes.
- drum: how far a drum of 100 Hz is from it, in cents.
- level: the stretched song's, against the song's, in dB.
- speed: seconds of the song stretched in a second.
"""

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import soundfile

from ticktone.separator import Separator
from ticktone.stft import STFT
from ticktone.stretch.overlap_add import overlap_add
from ticktone.stretch.phase_vocoder import phase_vocoder
from ticktone.stretch.stretcher import Stretcher, StretchSettings

RATE = 44_100
EXAMPLES = Path(__file__).parents[1] / "examples"
SPEEDS = (0.5, 0.8, 1.25, 2.0)
CHORD = (110.0, 220.5, 277.2, 329.6, 440.0, 554.4, 659.3)  # Hz
BASS = (55.0, 82.5, 110.5)
Stretch = Callable[[np.ndarray, float], np.ndarray]  # (channels, samples), speed


def ticktone_stretch(audio: np.ndarray, speed: float, method: str, **settings: bool) -> np.ndarray:
    stretcher = Stretcher(StretchSettings(speed, **settings), Separator(method))
    return stretcher.stretch(audio, RATE)


def whole_by_vocoder(audio: np.ndarray, speed: float) -> np.ndarray:
    return np.concatenate(list(phase_vocoder([audio], speed, STFT(4096, 1024))), axis=-1)


def whole_by_overlap_add(audio: np.ndarray, speed: float) -> np.ndarray:
    blocks = overlap_add([audio], speed, 128, lock_attacks=False)
    return np.concatenate(list(blocks), axis=-1)


def stretchers(methods: Iterable[str]) -> dict[str, Stretch]:
    """Return what is compared, by name."""
    found: dict[str, Stretch] = {}
    for method in methods:
        found[f"ticktone, {method}"] = partial(ticktone_stretch, method=method)
        paper = partial(ticktone_stretch, method=method, lock_attacks=False)
        found[f"ticktone, {method}, attacks not locked"] = paper
    found["our phase vocoder alone"] = whole_by_vocoder
    found["our overlap-add alone"] = whole_by_overlap_add
    if importlib.util.find_spec("librosa"):
        import librosa

        found["librosa time_stretch"] = lambda x, s: librosa.effects.time_stretch(x, rate=s)
    if importlib.util.find_spec("pytsmod"):
        import pytsmod

        found["PyTSMod phase vocoder, locked"] = lambda x, s: pytsmod.phase_vocoder(
            x, 1 / s, phase_lock=True
        )
        found["PyTSMod WSOLA"] = lambda x, s: pytsmod.wsola(x, 1 / s)
        found["PyTSMod hptsm"] = lambda x, s: pytsmod.hptsm(x, 1 / s)
    if importlib.util.find_spec("python_stretch"):
        from python_stretch import Signalsmith

        def signalsmith(audio: np.ndarray, speed: float) -> np.ndarray:
            stretcher = Signalsmith.Stretch(1)
            stretcher.preset(len(audio), RATE)
            stretcher.setTimeFactor(speed)
            return stretcher.process(np.ascontiguousarray(audio, np.float32))

        found["Signalsmith Stretch"] = signalsmith
    return found


def demo_onsets() -> np.ndarray:
    """Return when the demo song's drums are struck, in seconds, none within 60 ms of another."""
    spec = importlib.util.spec_from_file_location("make_demo", EXAMPLES / "make_demo.py")
    demo = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    times = []
    demo.place = lambda bus, sound, time, gain, pan: times.append((time, gain))
    demo.play_drums(np.random.default_rng([demo.SEED, 1]))
    times = sorted(time for time, gain in times if gain > 0.1)
    apart = [times[0]]
    for onset in times:
        if onset - apart[-1] > 0.06:
            apart.append(onset)
    return np.array(apart)


def clicks_over_chord(seconds: float = 6.0) -> tuple[np.ndarray, np.ndarray]:
    """Render bursts of noise, 10 ms long, over a soft chord, and their onsets in seconds."""
    onsets = np.arange(0.31, seconds - 0.4, 0.29)
    return clicks(seconds, onsets, 0.01, 0) + 0.25 * chord(seconds), onsets


def clicks(seconds: float, onsets: np.ndarray, decay: float, seed: int = 1) -> np.ndarray:
    sound = np.zeros((2, int(seconds * RATE)))
    rng = np.random.default_rng(seed)
    shape = np.exp(-np.arange(int(0.1 * RATE)) / RATE / decay)
    for onset in onsets:
        at = round(onset * RATE)
        sound[:, at : at + len(shape)] += 0.4 * rng.standard_normal((2, len(shape))) * shape
    return sound


def chord(seconds: float, frequencies: Iterable[float] = CHORD) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    tones = [np.sin(2 * np.pi * f * time + f) / len(CHORD) for f in frequencies]
    return np.array([sum(tones), sum((-1) ** k * tone for k, tone in enumerate(tones))])


def flux(audio: np.ndarray) -> np.ndarray:
    """Log-spectral flux over 3 ms of 6 ms frames, one value to 32 samples."""
    stft = STFT(256, 32)
    spectrum = np.abs(stft.forward(audio.mean(axis=0))) / stft.taper.sum()
    level = np.log1p(1000 * spectrum / np.sqrt((audio**2).mean()))
    return np.maximum(0, level[:, 4:] - level[:, :-4]).mean(axis=0)


def peaks(curve: np.ndarray, onsets: np.ndarray, lag: int = 0) -> np.ndarray:
    near = int(0.015 * RATE / 32)
    at = np.rint(onsets * RATE / 32).astype(int) + lag - 2
    padded = np.pad(curve, near + 2000)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * near + 1)
    return windows[at + 2000].max(axis=-1)


def sharpness(original: np.ndarray, stretched: np.ndarray, onsets: np.ndarray, speed: float):
    """Return the attacks' flux against the original's, at the constant lag that suits best."""
    expected, curve = peaks(flux(original), onsets), flux(stretched)
    found = (peaks(curve, onsets / speed, lag) for lag in range(-80, 81, 8))
    return max((p / expected).mean() for p in found)


def spread(stretched: np.ndarray, onsets: np.ndarray, speed: float) -> float:
    """Return how long clicks last, in milliseconds."""
    near, lasting = int(0.025 * RATE), []
    energy = np.pad((stretched**2).sum(axis=0), near)
    for onset in onsets / speed:
        at = round(onset * RATE)
        piece = energy[at : at + 2 * near]
        time = np.arange(len(piece)) / RATE * 1000
        middle = (time * piece).sum() / piece.sum()
        lasting.append(2 * np.sqrt(((time - middle) ** 2 * piece).sum() / piece.sum()))
    return float(np.mean(lasting))


def purity(stretched: np.ndarray, frequencies: Iterable[float] = CHORD) -> float:
    """Return the tones' energy against the rest's, in dB, in frames of 0.37 s off the ends."""
    size, tones, rest = 2**14, 0.0, 0.0
    time = np.arange(size) / RATE
    basis = np.array([f(2 * np.pi * tone * time) for tone in frequencies for f in (np.sin, np.cos)])
    for start in range(RATE // 4, stretched.shape[-1] - RATE // 4 - size, size):
        piece = stretched[:, start : start + size].astype(np.float64)
        fitted = np.linalg.lstsq(basis.T, piece.T, rcond=None)[0].T @ basis
        tones += (fitted**2).sum()
        rest += ((piece - fitted) ** 2).sum()
    return float(10 * np.log10(tones / rest))


def drum_shift(stretched: np.ndarray) -> float:
    """Return how far drums of 100 Hz are from it, in cents."""
    spectrum = np.abs(np.fft.rfft(stretched.mean(axis=0), 2**20))
    frequency = np.fft.rfftfreq(2**20, 1 / RATE)
    smooth = np.exp(-0.5 * ((np.arange(-400, 401) * RATE / 2**20) / 4) ** 2)
    power = np.convolve(spectrum**2, smooth, "same") * ((frequency > 40) & (frequency < 250))
    return float(1200 * np.log2(frequency[power.argmax()] / 100))


def drums(seconds: float = 4.0) -> np.ndarray:
    """Render strokes of a drum: sines of 100 Hz that decay in 0.12 s, with a click."""
    onsets = np.arange(0.3, seconds - 0.4, 0.31)
    sound = clicks(seconds, onsets, 0.002)
    time = np.arange(int(0.3 * RATE)) / RATE
    for onset in onsets:
        at = round(onset * RATE)
        sound[:, at : at + len(time)] += 0.5 * np.sin(2 * np.pi * 100 * time) * np.exp(-time / 0.12)
    return sound


def measured(stretch: Stretch, speed: float, song: np.ndarray, onsets: np.ndarray) -> dict:
    rendered, struck = clicks_over_chord()
    short = np.arange(0.4, 3.5, 0.3)
    began = time.perf_counter()
    stretched = stretch(song, speed)
    elapsed = time.perf_counter() - began
    tone = chord(4.0, CHORD[4:5]).astype(np.float32)
    return {
        "attacks, song": sharpness(song, stretched, onsets, speed),
        "attacks, clicks": sharpness(
            rendered, stretch(rendered.astype(np.float32), speed), struck, speed
        ),
        "spread": spread(
            stretch(clicks(4.0, short, 0.0005).astype(np.float32), speed), short, speed
        ),
        "purity, sine": purity(stretch(tone, speed), CHORD[4:5]),
        "purity, chord": purity(stretch(chord(4.0).astype(np.float32), speed)),
        "purity, bass": purity(stretch(chord(4.0, BASS).astype(np.float32), speed), BASS),
        "drum": drum_shift(stretch(drums().astype(np.float32), speed)),
        "level": 20 * np.log10(stretched.std() / song.std()),
        "speed": song.shape[-1] / RATE / elapsed,
    }


def attack_picture(path: Path, found: dict[str, Stretch], speed: float) -> None:
    """Draw one click over the chord, as it was and as each made it."""
    from matplotlib.figure import Figure

    rendered, onsets = clicks_over_chord()
    onset = onsets[8]
    figure = Figure(figsize=(8, 1.0 * len(found) + 1.4), layout="constrained")
    axes = figure.subplots(len(found) + 1, sharex=True, sharey=True)
    pictures = {"recording": (rendered, onset)}
    for name, stretch in found.items():
        pictures[name] = stretch(rendered.astype(np.float32), speed), onset / speed
    for axis, (name, (sound, at)) in zip(axes, pictures.items(), strict=True):
        first = round((at - 0.06) * RATE)
        piece = sound[0, first : first + int(0.14 * RATE)]
        axis.plot((np.arange(len(piece)) / RATE - 0.06) * 1000, piece, lw=0.5, color="#1b5e8c")
        axis.set_title(name, fontsize=8, loc="left", pad=2)
        axis.axvline(0, lw=0.5, color="#c0392b")
        axis.set_yticks([])
    axes[-1].set_xlabel(f"milliseconds from where the attack should be, at speed {speed:g}")
    figure.savefig(path, dpi=80)


def tone_picture(path: Path, found: dict[str, Stretch], speed: float) -> None:
    """Draw the spectrum of the stretched chord."""
    from matplotlib.figure import Figure

    sound = chord(4.0).astype(np.float32)
    figure = Figure(figsize=(8, 1.0 * len(found) + 1.4), layout="constrained")
    axes = figure.subplots(len(found) + 1, sharex=True, sharey=True)
    pictures = {"recording": sound} | {name: f(sound, speed) for name, f in found.items()}
    size = 2**15
    window = np.blackman(size)
    for axis, (name, stretched) in zip(axes, pictures.items(), strict=True):
        middle = (stretched.shape[-1] - size) // 2
        spectrum = np.abs(np.fft.rfft(stretched[0, middle : middle + size] * window))
        level = 20 * np.log10(spectrum / spectrum.max() + 1e-9)
        frequency = np.fft.rfftfreq(size, 1 / RATE)
        shown = frequency < 900
        axis.plot(frequency[shown], level[shown], lw=0.6, color="#1b5e8c")
        axis.set_title(name, fontsize=8, loc="left", pad=2)
        axis.set_ylim(-110, 5)
        axis.set_ylabel("dB", fontsize=7)
    axes[-1].set_xlabel(f"Hz; a chord of seven sines at speed {speed:g}")
    figure.savefig(path, dpi=80)


def memory(methods: Iterable[str], minutes: Iterable[int]) -> None:
    """Print the peak memory of `ticktone stretch` for recordings of several lengths."""
    from memory import peak, write_noise  # the script beside this one

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{length:g}.wav") for length in minutes]
        for path, length in zip(paths, minutes, strict=True):
            write_noise(path, length)
        for method, speed in product(methods, (0.25, 0.8, 4)):
            how = ("--speed", speed, "-m", method, "--overwrite", "--threads", 1)
            peaks = ", ".join(f"{peak('stretch', path, *how):.0f} MB" for path in paths)
            print(f"{method:16} speed {speed:4}: {peaks}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, help="folder for two pictures")
    parser.add_argument("--no-table", action="store_true")
    parser.add_argument("--memory", action="store_true", help="peak memory instead")
    parser.add_argument("--minutes", type=int, nargs="*", default=(10, 60), help="with --memory")
    parser.add_argument("--speeds", type=float, nargs="*", default=SPEEDS)
    parser.add_argument("methods", nargs="*", default=["folded-3w-unet", "median"])
    arguments = parser.parse_args()
    if arguments.memory:
        memory(arguments.methods, arguments.minutes)
        return
    found = stretchers(arguments.methods)
    if not arguments.no_table:
        song = soundfile.read(EXAMPLES / "demo" / "demo.ogg", dtype="float32")[0].T
        onsets = demo_onsets()
        print(f"{len(onsets)} onsets of the song")
        for speed in arguments.speeds:
            for number, (name, stretch) in enumerate(found.items()):
                row = measured(stretch, speed, song, onsets)
                if not number:
                    print(f"\n| speed {speed:g} | {' | '.join(row)} |")
                    print(f"|---|{'---|' * len(row)}")
                cells = " | ".join(f"{value:.2f}" for value in row.values())
                print(f"| {name} | {cells} |", flush=True)
    if arguments.pictures is not None:
        left_out = ("our overlap-add", "PyTSMod p", "PyTSMod h", "ticktone, median")
        shown = {name: f for name, f in found.items() if not name.startswith(left_out)}
        attack_picture(arguments.pictures / "stretch-attack.png", shown, 0.5)
        tone_picture(arguments.pictures / "stretch-tone.png", shown, 0.8)


if __name__ == "__main__":
    main()
