from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ticktone.corpus.synthesis.notes import Note
from ticktone.corpus.synthesis.patches import ENGINES, ROLES, Patch, draw_patch
from ticktone.corpus.synthesis.voices import Voice

RATE = 22_050
A4 = 69


def render(patch, pitch=A4, seconds=0.5, force=0.7, origin=None):
    rng = np.random.default_rng(0)
    return Voice(patch, RATE).render(pitch, seconds, force, rng, origin)


def spectrum(sound):
    power = np.abs(np.fft.rfft(sound.sum(axis=0) * np.hanning(sound.shape[1]))) ** 2
    return np.fft.rfftfreq(sound.shape[1], 1 / RATE), power


def centroid(sound):
    frequencies, power = spectrum(sound)
    return (frequencies * power).sum() / power.sum()


def pitch_at(sound, seconds, length=0.06):
    """Measure the strongest frequency around a time, in Hz."""
    start = round(seconds * RATE)
    piece = sound[0, start : start + round(length * RATE)]
    power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 16))
    return np.argmax(power) * RATE / (1 << 16)


PLAIN = Patch("lead", "subtractive", "saw", cutoff=8000, sustain=1.0)


@pytest.mark.parametrize("wave", ["saw", "square", "pulse", "triangle", "sine", "organ"])
def test_a_wave_has_its_energy_at_the_multiples_of_its_pitch(wave):
    frequencies, power = spectrum(render(replace(PLAIN, wave=wave), seconds=1.0))
    distance = abs(frequencies / 440 - np.round(frequencies / 440)) * 440
    on = (distance < 20) & (frequencies > 100)
    assert 10 * np.log10(power[~on].sum() / power[on].sum()) < -45


def test_no_partial_folds_back():
    # A saw of 3.5 kHz has partials at 7 and 10.5 kHz; the next would be heard at 8.05 kHz
    frequencies, power = spectrum(render(PLAIN, pitch=105, seconds=1.0))
    first = 440 * 2 ** (36 / 12)
    clear = np.all([abs(frequencies - k * first) > 100 for k in (1, 2, 3)], axis=0)
    assert 10 * np.log10(power[clear].max() / power.max()) < -60


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("role", ROLES)
def test_every_engine_plays_every_role(engine, role):
    for seed in range(2):
        patch = replace(draw_patch(role, np.random.default_rng(seed)), engine=engine)
        sound = render(patch, pitch=40 if role == "bass" else 64, seconds=0.3)
        assert np.isfinite(sound).all()
        assert 0.02 < abs(sound).max() < 12
        assert abs(sound[:, -1]).max() < 1e-3  # no click at the end


# Of what each is, and with what it is heard
OPTIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "wave": ("square", {}),
    "q": (8.0, {"cutoff": 900.0}),
    "steep": (True, {"cutoff": 900.0}),
    "filter": ("highpass", {"cutoff": 900.0}),
    "cutoff": (500.0, {}),
    "tracking": (0.0, {"cutoff": 500.0}),
    "sweep_octaves": (3.0, {"cutoff": 500.0}),
    "sweep_attack": (0.2, {"sweep_octaves": 3.0, "cutoff": 500.0}),
    "sweep_decay": (0.02, {"sweep_octaves": 3.0, "cutoff": 500.0}),
    "attack": (0.2, {}),
    "decay": (0.05, {"sustain": 0.2}),
    "sustain": (0.1, {}),
    "release": (0.02, {}),
    "unison": (5, {"detune": 0.3}),
    "detune": (0.3, {"unison": 3}),
    "width": (1.0, {"unison": 3, "detune": 0.2}),
    "sub": (0.8, {}),
    "noise": (0.1, {}),
    "vibrato": (0.5, {}),
    "vibrato_hertz": (7.0, {"vibrato": 0.5, "vibrato_delay": 0.0}),
    "vibrato_delay": (0.0, {"vibrato": 0.5}),
    "wobble": (2.0, {"cutoff": 900.0}),
    "wobble_beats": (0.25, {"wobble": 2.0, "cutoff": 900.0}),
    "blip": (12.0, {}),
    "blip_seconds": (0.1, {"blip": 12.0}),
    "ratios": ((3.5,), {"engine": "fm"}),
    "index": (5.0, {"engine": "fm"}),
    "index_decay": (0.05, {"engine": "fm"}),
    "index_sustain": (0.9, {"engine": "fm"}),
    "word": ("iu", {"engine": "formant"}),
    "throat": (1.4, {"engine": "formant"}),
    "seed": (1, {"engine": "wavetable"}),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_setting_is_heard(name):
    value, others = OPTIONS[name]
    patch = replace(PLAIN, **others)
    before, after = render(patch), render(replace(patch, **{name: value}))
    samples = min(before.shape[1], after.shape[1])
    difference = (after[:, :samples] - before[:, :samples]).std()
    assert difference > 0.02 * before.std()


def test_a_filter_darkens_and_its_envelope_closes():
    assert centroid(render(replace(PLAIN, cutoff=600.0))) < 0.7 * centroid(render(PLAIN))
    swept = render(replace(PLAIN, cutoff=300.0, sweep_octaves=4.0, sweep_decay=0.05))
    middle = round(0.05 * RATE)
    assert centroid(swept[:, :middle]) > 1.5 * centroid(swept[:, 4 * middle : 8 * middle])


def test_a_hard_touch_is_brighter():
    for patch in (replace(PLAIN, cutoff=800.0), replace(PLAIN, engine="fm", index=3.0)):
        assert centroid(render(patch, force=1.0)) > 1.05 * centroid(render(patch, force=0.1))


def test_a_glide_begins_at_the_last_note_and_ends_at_its_own():
    sound = render(replace(PLAIN, wave="sine", glide=0.3), origin=A4 - 12, seconds=1.0)
    assert pitch_at(sound, 0.0) < 300
    assert pitch_at(sound, 0.8) == pytest.approx(440, rel=0.01)


def test_only_voices_that_glide_do_so_and_chords_do_not():
    notes = [Note(0, 0.4, 57, 100), Note(0.5, 0.9, 69, 100)]
    chord = [Note(0, 0.9, 57, 100), Note(0, 0.9, 69, 100)]

    def play(patch, notes):
        return Voice(patch, RATE).play(notes, RATE, np.random.default_rng(0))

    sine = replace(PLAIN, wave="sine")
    slides = replace(sine, glide=0.2)
    assert pitch_at(play(sine, notes), 0.5) == pytest.approx(440, rel=0.02)
    assert pitch_at(play(slides, notes), 0.5) < 400
    # The phase of each note is drawn, so what is compared is loudness by frequency
    spectra = [spectrum(play(patch, chord))[1] for patch in (sine, slides)]
    assert np.allclose(spectra[0], spectra[1], atol=1e-3 * spectra[0].max())


def test_vibrato_moves_the_pitch_by_so_much():
    sound = render(
        replace(PLAIN, wave="sine", vibrato=1.0, vibrato_hertz=2.0, vibrato_delay=0.0),
        seconds=1.5,
    )
    pitches = [pitch_at(sound, at) for at in np.arange(0.3, 1.3, 0.04)]
    assert 12 * np.log2(max(pitches) / min(pitches)) == pytest.approx(2.0, abs=0.35)


def test_vowels_have_their_formants():
    for word, first, second in (("ii", 270, 2290), ("aa", 730, 1090)):
        sound = render(Patch("lead", "formant", word=word, sustain=1.0), pitch=45, seconds=0.6)
        frequencies, power = spectrum(sound)
        # The glottal slope is taken out before the resonances are compared
        level = 10 * np.log10(power + 1e-9) + 32 * np.log10(np.maximum(frequencies, 50))
        peak = level[abs(frequencies - second) < 120].max()
        between = level[abs(frequencies - 1600) < 60].max()
        assert peak > between + 6
        assert level[abs(frequencies - first) < 80].max() > between


def test_a_louder_note_is_louder_and_notes_lie_where_they_should():
    def peak(velocity):
        notes = [Note(0.25, 0.5, A4, velocity)]
        sound = Voice(PLAIN, RATE).play(notes, RATE, np.random.default_rng(0))
        assert not sound[:, : round(0.25 * RATE)].any()
        return abs(sound).max()

    assert peak(120) > 1.5 * peak(60)


def test_pads_swell_and_plucks_fall():
    def shape(role, seed):
        sound = render(draw_patch(role, np.random.default_rng(seed)), seconds=1.0)
        frame = RATE // 50
        power = np.square(sound[:, : RATE - RATE % frame]).mean(axis=0).reshape(-1, frame)
        levels = power.mean(axis=1)
        return levels[:2].mean() / levels.max(), levels[-5:].mean() / levels.max()

    pads = np.array([shape("pad", seed) for seed in range(12)])
    plucks = np.array([shape("pluck", seed) for seed in range(12)])
    assert np.median(pads[:, 0]) < 0.2  # no onset,
    assert np.median(plucks[:, 0]) > 0.5
    assert np.median(pads[:, 1]) > 0.2
    assert np.median(plucks[:, 1]) < 0.1
