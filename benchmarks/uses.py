"""What separation is good for: chords, beats and time-stretching, with and without it.

    python benchmarks/uses.py FOLDER [FOLDER ...] [--method NAME] [--jobs N] [--write PAGE]

    (with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 in the environment)

Each FOLDER holds songs in stems; the tables have a column for each and one for all songs. The
mixture as it is, the parts of `librosa.effects.hpss` and those of a method of ours (the default,
unless `--method` says otherwise) are analysed by the same functions of librosa at 22,050 Hz, and
the answers held against those for the true stem. So the true stem is right by definition, and
what is measured is how far a recording's answers move towards it, not whether librosa is right.

- chroma: cosine between the twelve pitch classes (`chroma_cqt`) of the harmonic part and of the
  true one, mean over frames that are not silent, in per cent.
- chords: half-second frames whose nearest major or minor triad is that of the true part, per cent.
- key: songs whose key (Krumhansl and Kessler's profiles) is that of the true part.
- onsets: F-measure of `onset_detect` within 50 ms, per cent.
- beats: F-measure of `beat_track` within 70 ms, per cent; tempo: songs within 4 % of the tempo.
- attacks: log-spectral flux at the drums' onsets when stretched to 0.8 of the speed, against the
  recording's own, in per cent (as in `benchmarks/stretch.py`).
- distance: decibels (root mean square over 64 mel bands and frames) from what the same stretcher
  makes of the true stems; less is better.
"""

import argparse
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import librosa
import numpy as np
from stretch import sharpness  # the script beside this one

import ticktone
from ticktone.datasets import Song, open_dataset
from ticktone.evaluation.intervals import margin_of_mean
from ticktone.methods import DEFAULT
from ticktone.parts import Separation
from ticktone.stretch.stretcher import Stretcher, StretchSettings

RATE = 22_050  # Hz, of the analyses
SPEED, SECONDS = 0.8, 10  # of stretching, and how much of each song is stretched
ONSET_WINDOW, BEAT_WINDOW, TEMPO_WINDOW = 0.05, 0.07, 0.04  # s, s, relative
BEGIN, END = "<!-- table -->", "<!-- end -->"  # marks of a page
LESS_IS_BETTER, COUNTED = {"distance"}, {"key", "tempo"}
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

Audio = np.ndarray  # [shape=(samples,)]
Scores = dict[str, dict[str, float]]  # of a song: by measure, then by source


def chroma(audio: Audio) -> np.ndarray:
    """Compute pitch classes. [shape=(12, frames)]."""
    return librosa.feature.chroma_cqt(y=audio, sr=RATE, norm=None)


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=0), 1e-9)


def half_seconds(frames: np.ndarray) -> np.ndarray:
    """Average frames of 512 samples over half a second each."""
    each = round(0.5 * RATE / 512)
    whole = frames[:, : frames.shape[1] // each * each]
    return whole.reshape(12, -1, each).mean(axis=-1)


def chords(frames: np.ndarray) -> np.ndarray:
    triads = [np.isin(np.arange(12), chord) for chord in ((0, 4, 7), (0, 3, 7))]
    templates = np.array([np.roll(triad, root) for triad in triads for root in range(12)])
    return (templates @ unit(frames)).argmax(axis=0)


def key(frames: np.ndarray) -> int:
    mean = unit(frames).mean(axis=1)
    profiles = [np.roll(profile, root) for profile in (MAJOR, MINOR) for root in range(12)]
    return int(np.argmax([np.corrcoef(mean, profile)[0, 1] for profile in profiles]))


def harmony(truth: Audio, sources: dict[str, Audio]) -> Scores:
    true = chroma(truth)
    heard = true.sum(axis=0) > 0.01 * true.sum(axis=0).max()  # 40 dB below the loudest
    halves = half_seconds(true)
    sounding = halves.sum(axis=0) > 0.01 * halves.sum(axis=0).max()
    scores: Scores = defaultdict(dict)
    for name, audio in sources.items():
        found = chroma(audio)
        cosines = (unit(true) * unit(found)).sum(axis=0)
        scores["chroma"][name] = 100 * float(cosines[heard].mean())
        agree = chords(half_seconds(found)) == chords(halves)
        scores["chords"][name] = 100 * float(agree[sounding].mean())
        scores["key"][name] = float(key(found) == key(true))
    return scores


def f_measure(true: np.ndarray, found: np.ndarray, window: float) -> float:
    """Compare two lists of times (s), each of which may be matched once, as they come."""
    hits = i = j = 0
    while i < len(true) and j < len(found):
        if abs(true[i] - found[j]) <= window:
            hits, i, j = hits + 1, i + 1, j + 1
        elif true[i] < found[j]:
            i += 1
        else:
            j += 1
    return 100 * 2 * hits / max(1, len(true) + len(found))


def beats(audio: Audio) -> tuple[float, np.ndarray]:
    tempo, times = librosa.beat.beat_track(y=audio, sr=RATE, units="time")
    return float(np.squeeze(tempo)), times


def rhythm(truth: Audio, sources: dict[str, Audio]) -> Scores:
    onsets = partial(librosa.onset.onset_detect, sr=RATE, units="time")
    (true_tempo, true_beats), true_onsets = beats(truth), onsets(y=truth)
    scores: Scores = defaultdict(dict)
    for name, audio in sources.items():
        tempo, times = beats(audio)
        scores["onsets"][name] = f_measure(true_onsets, onsets(y=audio), ONSET_WINDOW)
        scores["beats"][name] = f_measure(true_beats, times, BEAT_WINDOW)
        near = abs(tempo / max(true_tempo, 1e-9) - 1) <= TEMPO_WINDOW
        scores["tempo"][name] = float(near)
    return scores


def mel(audio: Audio, rate: int) -> np.ndarray:
    """Compute levels in 64 mel bands, in dB, none lower than 60 dB below the highest."""
    power = librosa.feature.melspectrogram(y=audio, sr=rate, n_mels=64)
    return librosa.power_to_db(power, ref=np.max, top_db=60)


def stretching(truth: Separation, sources: dict[str, Separation], rate: int) -> Scores:
    mixture = truth.harmonic + truth.percussive
    stretcher = Stretcher(StretchSettings(SPEED))
    onsets = librosa.onset.onset_detect(y=truth.percussive, sr=rate, units="time", hop_length=256)
    onsets = onsets[(onsets > 0.1) & (onsets < len(mixture) / rate - 0.3)]

    def stretched(parts: Separation) -> Audio:
        return np.concatenate(list(stretcher.stretched_parts([parts], rate)))

    ideal = stretched(truth)
    scores: Scores = defaultdict(dict)
    for name, parts in {**sources, "true stems": truth}.items():
        found = stretched(parts)
        if len(onsets):
            sharp = sharpness(mixture[np.newaxis], found[np.newaxis], onsets, SPEED)
            scores["attacks"][name] = 100 * float(sharp)
        squares = (mel(found, rate) - mel(ideal, rate)) ** 2
        scores["distance"][name] = float(np.sqrt(squares.mean()))
    return scores


def song_scores(song: Song, method: str) -> Scores:
    percussive, harmonic, rate = song.mono("percussive"), song.mono("harmonic"), song.sample_rate
    mixture = percussive + harmonic
    parts = {
        "mixture": Separation(mixture, mixture),
        "librosa.effects.hpss": Separation(*librosa.effects.hpss(mixture)),
        method: ticktone.separate(mixture, rate, method),
    }
    resampled = partial(librosa.resample, orig_sr=rate, target_sr=RATE)
    first = max(0, len(mixture) // 2 - SECONDS * rate // 2)
    middle = slice(first, first + SECONDS * rate)
    excerpts = {name: Separation(*(part[middle] for part in pair)) for name, pair in parts.items()}
    nothing = np.zeros_like(mixture[middle])
    excerpts["mixture"] = Separation(mixture[middle], nothing)  # to the phase vocoder, whole
    return {
        **harmony(resampled(harmonic), {name: resampled(p.harmonic) for name, p in parts.items()}),
        **rhythm(
            resampled(percussive), {name: resampled(p.percussive) for name, p in parts.items()}
        ),
        **stretching(Separation(harmonic[middle], percussive[middle]), excerpts, rate),
    }


def cell(values: list[float], measure: str, sign: bool = False) -> str:
    """Write a mean and half of Student's interval of 95 %, or how many songs are right."""
    if measure in COUNTED and not sign:
        return f"{sum(value > 0 for value in values)} of {len(values)}"
    digits = 2 if measure in LESS_IS_BETTER else 1
    mean = f"{np.mean(values):{'+' if sign else ''}.{digits}f}"
    margin = margin_of_mean(np.array(values)) if len(values) > 1 else np.inf
    return f"{mean}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{margin:.{digits}f}"


def against(song_scores: list[dict[str, float]], name: str, other: str, measure: str) -> str:
    """Write the difference of two sources, and on how many songs each is better."""
    gains = [song[name] - song[other] for song in song_scores]
    if measure in LESS_IS_BETTER:
        better, worse = sum(g < -1e-6 for g in gains), sum(g > 1e-6 for g in gains)
    else:
        better, worse = sum(g > 1e-6 for g in gains), sum(g < -1e-6 for g in gains)
    counts = f"{better} better, {worse} worse"
    return counts if measure in COUNTED else f"{cell(gains, measure, sign=True)} ({counts})"


def table(measure: str, found: dict[str, list[Scores]]) -> list[str]:
    songs = [song[measure] for scores in found.values() for song in scores if measure in song]
    note = "; less is better" if measure in LESS_IS_BETTER else ""
    mixture, librosas, *_ = songs[0]
    heads = [*found, "against the mixture, all songs", "against librosa's, all songs"]
    lines = ["", f"| {measure}{note} | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    for name in songs[0]:
        columns = [
            cell([song[measure][name] for song in scores if measure in song], measure)
            for scores in found.values()
        ]
        for other in (mixture, librosas):
            is_compared = name not in (mixture, other)
            columns.append(against(songs, name, other, measure) if is_compared else "")
        lines.append(f"| {name} | {' | '.join(columns)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--method", default=DEFAULT)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--write", type=Path, help="a page that gets the tables, between its marks")
    wanted = parser.parse_args()
    found: dict[str, list[Scores]] = {}
    with ProcessPoolExecutor(wanted.jobs) as pool:
        for folder in wanted.folders:
            songs = list(open_dataset(folder))
            found[folder.name] = []
            for scores in pool.map(partial(song_scores, method=wanted.method), songs):
                found[folder.name].append(scores)
                print(folder.name, len(found[folder.name]), file=sys.stderr, flush=True)
    counts = ", ".join(f"{len(scores)} of {name}" for name, scores in found.items())
    lines = [f"Songs: {counts}. Mean ± half the 95 % interval over songs."]
    for measure in next(iter(found.values()))[0]:
        lines += table(measure, found)
    print(*lines, sep="\n")
    if wanted.write is not None:
        before, _, rest = wanted.write.read_text().partition(BEGIN)
        after = rest[rest.index(END) :]
        wanted.write.write_text("\n".join([before + BEGIN, "", *lines, "", after]))


if __name__ == "__main__":
    main()
