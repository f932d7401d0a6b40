"""Compose and render the demo song: a mixture and its two true stems, as OGG Vorbis.

Everything is synthesised here from a fixed seed, so the song is free of other people's rights
and its stems are known exactly. ``python make_demo.py`` writes the files to ``demo/``.
Sounds are float arrays of shape (samples,), buses of shape (samples, 2); times are in seconds,
pitches are MIDI note numbers, and a step is a sixteenth note.
"""

import zlib
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from scipy import signal

Array = NDArray[np.float64]

OUT = Path(__file__).parent / "demo"
RATE = 44_100  # Hz
SEED = 2024
STEP = 60 / 104 / 4  # a sixteenth at 104 beats a minute
SWING = 0.14  # how late the off sixteenths are, in steps
LEAD_IN = 0.05  # room for a humanised note to come early
LENGTH = int((LEAD_IN + 11 * 16 * STEP + 0.9) * RATE)  # eleven bars, and the reverb's tail
DRUMS_DB = -3.5  # energy of the drums against the rest
PEAK = 0.9  # of the mixture
QUALITY = {"harmonic": 0.1, "percussive": 0.1, "demo": 0.3}  # 0 smallest .. 1 best

# Words are notes/length; bars 0-1 are the intro, 2-5 and 6-9 two parts, 10 is the last chord.
# The electric piano has close voicings without roots, which are the bass's.
CHORDS = """55,59,60,64/16 55,57,60,64/16 |
    53,57,60,64/16 53,57,59,64/16 | 52,55,59,62/16 56,59,62,65/16 |
    55,59,60,64/16 55,57,60,64/16 | 53,57,60,64/16 53,57,60,62/8 53,56,59,64/8 |
    52,55,59,62/20"""  # Am9 Fmaj9 | Dm9 G13 | Cmaj9 E7b9 | Am9 Fmaj9 | Dm9 Gsus G13b9 | Cmaj9
BASS = """33/16 | 29/10 36/2 31/2 28/2 |
    38/6 38/2 33/3 36/3 38/2 | 31/6 31/2 38/3 41/3 35/2 |
    36/6 36/2 43/3 40/3 38/2 | 28/6 28/2 35/3 38/3 32/2 |
    33/3 45/3 33/2 40/3 43/3 31/2 | 29/3 41/3 29/2 36/3 33/3 40/2 |
    38/3 38/3 36/2 33/3 41/3 38/2 | 31/6 43/2 31/3 35/3 31/2 | 36/20"""
LEAD = """-/16 | -/10 67/2 69/2 72/2 |
    76/6 74/2 72/4 69/4 | 71/6 69/2 71/2 74/2 76/4 |
    79/6 76/2 74/4 71/3 -/1 | 71/4 68/4 71/2 74/2 77/2 76/2 |
    81/6 79/2 76/4 72/4 | 81/4 79/2 76/6 -/2 72/2 |
    77/4 76/2 74/3 -/1 69/2 72/4 | 74/6 76/2 77/4 74/2 71/2 | 74/2 76/17"""
REST = "." * 16  # drums: one character a step, "." rests, 1..9 is the velocity
DRUMS = {
    "kick": "7..............."
    + "8.......6......."
    + 3 * "9.....6.8.4....."
    + "9.....6.8......."
    + 3 * "9..5..7.8.5...6."
    + "9.....7.8......."
    + "9...............",
    "snare": REST
    + "............4.68"
    + 3 * "....9..2.2..9..2"
    + "....9..2.2..6378"
    + 3 * "....9..3.2..9.23"
    + "....9..3887.....",
    "hat": "7.4.8.4.7.4.8.45"
    + "7.4.8.457.4....."
    + 3 * "7.5.8.537.5.8.5."
    + "7.5.8.537.5....."
    + 3 * "83648364836483.4"
    + "8364836.........",
    "open_hat": REST
    + "............5..."
    + 3 * "..............6."
    + "............6..."
    + 3 * "..............7.",
    "shaker": 2 * REST + 4 * "3151315131513151" + 4 * "4262426242624262",
    "high_tom": 9 * REST + "...........88...",
    "low_tom": 9 * REST + ".............798",
    "crash": 2 * REST + "7..............." + 3 * REST + "8..............." + 3 * REST + "9",
}
DRUM_MIX = {  # gain, pan from -1 left to 1 right
    "kick": (0.72, 0.0),
    "snare": (0.9, 0.06),
    "hat": (0.26, 0.4),
    "open_hat": (0.26, 0.4),
    "shaker": (0.16, -0.6),
    "high_tom": (0.7, -0.3),
    "low_tom": (0.8, 0.35),
    "crash": (0.45, -0.45),
}


def moment(step: float, rng: np.random.Generator, spread: float = 0.004) -> float:
    """Time of a step in seconds, with swing and a player's scatter."""
    late = SWING if round(step) % 2 else 0.0
    return LEAD_IN + (step + late) * STEP + float(rng.normal(0, spread))


def place(bus: Array, sound: Array, time: float, gain: float, pan: float) -> None:
    """Add a mono sound to a bus at a time, with equal-power panning."""
    start = max(0, round(time * RATE))
    sound = sound[: len(bus) - start]
    angle = (pan + 1) * np.pi / 4
    bus[start : start + len(sound)] += gain * np.outer(sound, (np.cos(angle), np.sin(angle)))


def score(text: str) -> list[tuple[int, list[int], int]]:
    """Read ``notes/length`` words into (step, notes, length in steps); ``-`` is a rest."""
    events, step = [], 0
    for word in text.replace("|", " ").split():
        notes, length = word.split("/")
        events.append((step, [int(n) for n in notes.split(",") if n != "-"], int(length)))
        step += int(length)
    return events


def clock(seconds: float) -> Array:
    """Sample times of a sound of that length."""
    return np.arange(int(seconds * RATE)) / RATE


def hertz(note: float) -> float:
    """Frequency of a MIDI note."""
    return float(440 * 2 ** ((note - 69) / 12))


def band(x: Array, low: float, high: float) -> Array:
    """Second-order band-pass between two frequencies in Hz, along the first axis."""
    sos = signal.butter(2, (low, high), "bandpass", fs=RATE, output="sos")
    return np.asarray(signal.sosfilt(sos, x, axis=0))


def noise(rng: np.random.Generator, t: Array, low: float, high: float) -> Array:
    """White noise between two frequencies in Hz, of unit deviation, as long as ``t``."""
    x = band(rng.normal(0, 1, len(t)), low, high)
    return x / x.std()


def gate(t: Array, length: float, attack: float, release: float) -> Array:
    """Envelope that rises, holds for the note's length and falls, with rounded corners."""
    rise, fall = np.clip(t / attack, 0, 1), np.clip((length + release - t) / release, 0, 1)
    return np.sin(rise * np.pi / 2) ** 2 * np.sin(fall * np.pi / 2) ** 2


def bass_note(note: int, length: float, rng: np.random.Generator) -> Array:
    """Plucked string, additive: high partials start weaker and die sooner."""
    t = clock(length + 0.06)
    k = np.arange(1, 25)[:, None]
    level = np.sin(np.pi * k * 0.22) / k**1.15  # plucked at 0.22 of the string
    partials = np.sin(2 * np.pi * hertz(note) * k * np.sqrt(1 + 1e-4 * k**2) * t)
    tone = (level * np.exp(-t * (0.9 + 0.55 * k)) * partials).sum(axis=0)
    finger = noise(rng, t, 700, 2500) * np.exp(-t / 0.008)
    return (tone + 0.1 * finger) * gate(t, length, 0.004, 0.06)


def piano_note(note: int, length: float, velocity: float) -> Array:
    """Electric piano by frequency modulation: a mellow body and a short, bright tine."""
    t = clock(length + 0.2)
    w = 2 * np.pi * hertz(note) * t
    body = np.sin(w + 1.6 * velocity * np.exp(-t / 0.5) * np.sin(w))
    tine = np.sin(1.002 * w + 0.7 * velocity * np.exp(-t / 0.09) * np.sin(14 * w))
    return velocity * (body + 0.6 * tine) * np.exp(-t / 1.3) * gate(t, length, 0.003, 0.2)


def guitar_note(note: int, length: float, rng: np.random.Generator) -> Array:
    """Plucked string, Karplus-Strong: a burst of noise circling in a damped delay line."""
    t = clock(length + 0.35)
    period = RATE / hertz(note) - 1  # the three-tap damping below adds a delay of one sample
    whole = int(period)
    loop = np.convolve((0.04, 0.92, 0.04), (1 - period + whole, period - whole))
    decay = 10 ** (-3 * period / RATE / 2.2)  # 60 dB in 2.2 s, before damping
    burst = np.zeros_like(t)
    burst[:whole] = rng.uniform(-1, 1, whole)
    pick = whole // 6  # where the string is picked
    burst[pick:] -= 0.9 * burst[:-pick]
    string = signal.lfilter([1.0], np.r_[1.0, np.zeros(whole - 1), -decay * loop], burst)
    return band(string, 110, 9000) * gate(t, length, 0.001, 0.35)


def lead_note(note: int, before: int, length: float, rng: np.random.Generator) -> Array:
    """Sung note: partials shaped by formants, a glide from the note before, late vibrato."""
    t = clock(length + 0.09)
    glide = (before - note) * np.exp(-t / 0.025)
    vibrato = np.clip((t - 0.18) / 0.3, 0, 1) * np.sin(2 * np.pi * 5.4 * t)
    pitch = note + glide + 0.28 * vibrato + 0.04 * rng.normal()
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((pitch - 69) / 12)) / RATE
    tone = np.zeros_like(t)
    for k in range(1, int(14_000 / hertz(note))):
        level = 0.06  # above the formants: (Hz, width, gain)
        for f, width, gain in ((750, 200, 1.0), (1250, 250, 0.6), (2900, 400, 0.5)):
            level += gain / (1 + ((k * hertz(note) - f) / width) ** 2)
        tone += level / k**0.7 * np.sin(k * phase + k * k)
    breath = noise(rng, t, 3000, 12_000)
    swell = np.exp(-t / 1.2) * gate(t, length, 0.07, 0.09)
    return (tone * (1 + 0.12 * vibrato) + 0.02 * breath) * swell


def skin(t: Array, high: float, low: float, bend: float, decay: float) -> Array:
    """Drum head: a decaying sine that falls from a high to a low frequency in Hz."""
    frequency = low + (high - low) * np.exp(-t / bend)
    return np.sin(2 * np.pi * np.cumsum(frequency) / RATE) * np.exp(-t / decay)


def drum(kind: str, rng: np.random.Generator) -> Array:
    """One stroke at full strength; its noise makes each stroke a little different."""
    t = clock(3.0 if kind == "crash" else 0.8)
    if kind == "kick":
        click = noise(rng, t, 1500, 7000) * np.exp(-t / 0.004)
        return skin(t, 190, 52, 0.028, 0.075) + 0.2 * click
    if kind == "snare":
        wires = noise(rng, t, 350, 8000) * np.exp(-t / 0.075)
        slap = noise(rng, t, 250, 3000) * np.exp(-t / 0.018)
        tone = skin(t, 260, 188, 0.02, 0.05) + 0.6 * skin(t, 380, 331, 0.02, 0.045)
        return 0.35 * tone + 0.45 * wires + 0.45 * slap
    if kind in ("high_tom", "low_tom"):
        low = 165 if kind == "high_tom" else 98
        stick = noise(rng, t, 300, 5000) * np.exp(-t / 0.01)
        return skin(t, 1.6 * low, low, 0.045, 0.17) + 0.2 * stick
    if kind == "shaker":
        return 0.3 * noise(rng, t, 4500, 9000) * np.sin(np.pi * np.clip(t / 0.1, 0, 1)) ** 3
    decay, base, low = {
        "hat": (0.03, 540, 6500),
        "open_hat": (0.28, 540, 6500),
        "crash": (0.75, 400, 2500),
    }[kind]
    ratios = np.array([2.0, 3.02, 4.16, 5.43, 6.79, 8.21])[:, None]  # share no fundamental
    clang = np.sign(np.sin(2 * np.pi * base * ratios * t)).mean(axis=0)
    ring = 0.35 * noise(rng, t, low, 11_000) + 0.4 * band(clang, low, 11_000)
    return ring * np.exp(-t / decay) * np.clip(t / 0.001, 0, 1)


def play_drums(rng: np.random.Generator) -> Array:
    """Render the kit in its room."""
    bus = np.zeros((LENGTH, 2))
    for kind, (gain, pan) in DRUM_MIX.items():
        for step, mark in enumerate(DRUMS[kind]):
            if mark == ".":
                continue
            sound = drum(kind, rng)
            if kind == "open_hat":
                sound *= gate(clock(0.8), 2 * STEP, 0.001, 0.02)  # choked by the pedal
            velocity = (int(mark) / 9) ** 1.4 * rng.uniform(0.9, 1.1)
            place(bus, sound, moment(step, rng), gain * velocity, pan)
    bus = room(bus, 0.5, 0.25, rng)
    return np.tanh(1.5 * bus)  # tames the peaks, as a bus compressor does


def play_rest(rng: np.random.Generator) -> Array:
    """Render bass, electric piano, guitar and lead, each at its level in dB, in a room."""
    bass, piano, guitar, lead = np.zeros((4, LENGTH, 2))
    for step, notes, length in score(BASS):
        sound = bass_note(notes[0], (length - 0.3) * STEP, rng)
        place(bass, sound, moment(step, rng), rng.uniform(0.85, 1), 0.0)
    for step, notes, length in score(CHORDS):
        last = step == 160
        strokes = ((0, 6), (6, 10)) if length == 16 else ((0, length),)
        for offset, hold in strokes:
            for j, note in enumerate(notes):
                sound = piano_note(note, hold * STEP, rng.uniform(0.75, 0.9))
                time = moment(step + offset, rng) + 0.008 * j  # the hand rolls a little
                place(piano, sound, time, 1.0 - offset / 20, -0.3)
        figure = (0, 1, 2, 3) if last else (0, 1, 2, 3, 2, 1, 3, 2)[: length // 2]
        for n, tone in enumerate(figure):
            sound = guitar_note(notes[tone] + 12, 1.8 if last else 0.8, rng)
            gain = rng.uniform(0.6, 1) * (0.8, 0.6)[n % 2]
            place(guitar, sound, moment(step + 2 * n, rng, 0.006), gain, 0.45)
    before = 67
    for step, notes, length in score(LEAD):
        for note in notes:
            sound = lead_note(note, before, length * STEP, rng)
            place(lead, sound, moment(step, rng, 0.008), rng.uniform(0.85, 1), 0.05)
            before = note
    swirl = 0.25 * np.sin(2 * np.pi * 4.6 * np.arange(LENGTH) / RATE)
    piano *= 1 + np.stack((swirl, -swirl), axis=1)  # the stereo tremolo of electric pianos
    levels = ((bass, -17), (piano, -20), (guitar, -22), (lead, -19))
    dry = sum((x / x.std() * 10 ** (db / 20) for x, db in levels), np.zeros((LENGTH, 2)))
    return np.tanh(room(dry, 1.3, 0.3, rng))


def room(bus: Array, rt60: float, wet: float, rng: np.random.Generator) -> Array:
    """Add a reverb: convolution with noise that falls by 60 dB in ``rt60`` seconds."""
    t = clock(rt60)[:, None]
    tail = band(rng.normal(0, 1, (len(t), 2)), 250, 7000) * 10 ** (-3 * t / rt60)
    tail = np.vstack((np.zeros((int(0.012 * RATE), 2)), tail / np.linalg.norm(tail, axis=0)))
    return bus + wet * signal.fftconvolve(bus, tail, axes=0)[: len(bus)]


def write_ogg(name: str, audio: Array) -> Array:
    """Write a bus as OGG Vorbis, the same bytes every time, and return it as decoded."""
    path = OUT / f"{name}.ogg"
    level = 1 - QUALITY[name]
    with sf.SoundFile(path, "w", RATE, 2, "VORBIS", format="OGG", compression_level=level) as f:
        for start in range(0, len(audio), 16_384):  # one long write can crash libsndfile
            f.write(audio[start : start + 16_384])
    path.write_bytes(pin_serial(path.read_bytes()))
    return np.asarray(sf.read(path)[0])


def pin_serial(ogg: bytes) -> bytes:
    """Give every page of an OGG file serial number 1, which libsndfile draws by the clock."""
    mirror = bytes(int(f"{i:08b}"[::-1], 2) for i in range(256))
    pages, at = bytearray(), 0
    while at < len(ogg):
        segments = ogg[at + 26]
        size = 27 + segments + sum(ogg[at + 27 : at + 27 + segments])
        page = bytearray(ogg[at : at + size])
        page[14:18], page[22:26] = (1).to_bytes(4, "little"), bytes(4)
        # OGG's checksum is zlib's with the bits mirrored and no inversions.
        check = zlib.crc32(page.translate(mirror), 0xFFFFFFFF) ^ 0xFFFFFFFF
        page[22:26] = int(f"{check:032b}"[::-1], 2).to_bytes(4, "little")
        pages += page
        at += size
    return bytes(pages)


def main() -> None:
    """Render both stems, set their balance and write the three files."""
    OUT.mkdir(parents=True, exist_ok=True)
    rest = play_rest(np.random.default_rng([SEED, 0]))
    drums = play_drums(np.random.default_rng([SEED, 1]))
    drums *= rest.std() / drums.std() * 10 ** (DRUMS_DB / 20)
    fade = np.clip(np.arange(LENGTH, 0, -1) / (0.3 * RATE), 0, 1)[:, None]
    rest, drums = fade * rest, fade * drums
    peak = np.abs(rest + drums).max()
    for gain in np.arange(0.98, 0.7, -0.03) * PEAK / peak:  # as Vorbis overshoots by chance
        # The mixture is the sum of the decoded stems: they are as true as the codec allows.
        stems = write_ogg("harmonic", gain * rest) + write_ogg("percussive", gain * drums)
        if np.abs(write_ogg("demo", stems)).max() < 1.02 * PEAK:
            break


if __name__ == "__main__":
    main()
