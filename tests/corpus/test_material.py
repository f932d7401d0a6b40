import os

import numpy as np
import pytest
import soundfile

from tests.corpus.studio import everything, read_song, songs
from ticktone.corpus import material
from ticktone.corpus.bank import Licences
from ticktone.corpus.corpus_manifest import read_manifest
from ticktone.corpus.effects import level_db
from ticktone.corpus.material import Addition
from ticktone.corpus.performance import BALANCE_DB, CEILING, HARMONIC_DB
from ticktone.errors import TicktoneError

RATE = 8000


def tone(seconds=0.5, rate=RATE, channels=1, hertz=440.0, peak=0.1):
    time = np.arange(round(seconds * rate)) / rate
    return peak * np.sin(2 * np.pi * hertz * time[:, np.newaxis] * (1 + np.arange(channels)))


@pytest.fixture
def sound(tmp_path):
    """Write a sound file."""

    def write(name="loops/a.wav", samples=None, rate=RATE, **how):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(rate=rate) if samples is None else samples, rate, **how)
        return path

    return write


@pytest.fixture
def add(tmp_path):
    """Add to a corpus; give the songs' names and the complaints."""

    def call(path="loops", kind="harmonic", output="corpus", sample_rate=RATE, **how):
        addition = Addition(kind, sample_rate=sample_rate, **how)
        told = list(material.add(tmp_path / path, tmp_path / output, addition))
        errors = [str(one) for one in told if isinstance(one, TicktoneError)]
        return [one.name for one in told if not isinstance(one, TicktoneError)], errors

    return call


@pytest.mark.parametrize("rate", [RATE, 11_025])
@pytest.mark.parametrize("channels", range(1, 7))
def test_any_sound_becomes_two_channels_at_the_rate_and_level(sound, add, tmp_path, channels, rate):
    sound(samples=tone(0.5, rate, channels), rate=rate)
    assert add(kind="percussive") == (["loops-a"], [])
    stems = read_song(tmp_path / "corpus" / "loops-a")
    assert list(stems) == ["percussive"]
    left, right = stems["percussive"]
    assert len(left) == RATE // 2
    assert np.allclose(left, right) == (channels == 1)
    wanted = HARMONIC_DB + BALANCE_DB[0]
    assert level_db(stems["percussive"], RATE) == pytest.approx(wanted, abs=0.1)


def test_the_manifest_tells_what_was_added(sound, add, tmp_path):
    path = sound("loops/Żółw 1/é.wav")
    add(licences=Licences((("*/loops/*", "CC0"),)))
    (entry,) = read_manifest(tmp_path / "corpus")
    assert (entry.name, entry.source) == ("loops-Żółw 1-é", "loops/Żółw 1/é.wav")
    assert (entry.seconds, entry.sample_rate, entry.files) == (0.5, RATE, ["harmonic.flac"])
    assert (entry.licences, entry.players) == (["CC0"], [])
    assert entry.levels["harmonic"] == pytest.approx(HARMONIC_DB, abs=0.1)
    assert add("loops/Żółw 1/é.wav", output="other")[0] == ["é"]
    (other,) = read_manifest(tmp_path / "other")
    assert (other.sha256, other.licences) == (entry.sha256, ["unknown"])
    assert os.fspath(path).endswith(entry.source)


@pytest.mark.parametrize(
    ("how", "channels", "rate", "samples"),
    [
        ({}, 2, RATE, 4000),
        ({"channels": 1}, 1, RATE, 4000),
        ({"sample_rate": 16_000}, 2, 16_000, 8000),
        ({"repeat": 1.2}, 2, RATE, 12_000),
        ({"repeat": 0.4}, 2, RATE, 4000),
    ],
    ids=["as they are", "mono", "rate", "repeated", "long enough"],
)
def test_every_option_changes_the_file(sound, add, tmp_path, how, channels, rate, samples):
    sound()
    add(**how)
    info = soundfile.info(tmp_path / "corpus" / "loops-a" / "harmonic.flac")
    assert (info.channels, info.samplerate, info.frames) == (channels, rate, samples)


def test_a_loop_is_repeated_without_a_gap(sound, add, tmp_path):
    sound()
    add(repeat=1.5)
    sample = read_song(tmp_path / "corpus" / "loops-a")["harmonic"][0]
    once, again, last = sample.reshape(3, -1)
    assert np.array_equal(once, again)
    assert np.array_equal(once, last)


def test_a_peaky_sound_does_not_clip(sound, add, tmp_path):
    clicks = np.zeros(RATE)
    clicks[::4000] = 0.5
    sound(samples=clicks)
    add()
    assert abs(read_song(tmp_path / "corpus" / "loops-a")["harmonic"]).max() == pytest.approx(
        CEILING, abs=1e-3
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (np.zeros(800), "is silent; leave it out"),
        (np.full(1, 0.1), "is silent; leave it out"),  # nothing is left of it at 8 kHz
        (np.array([0.1, np.nan, 0.1] * 800), "has samples that are not finite; leave it out"),
        (np.array([0.1, np.inf, 0.1] * 800), "has samples that are not finite; leave it out"),
        (np.zeros(0), "holds 0 samples"),
        (b"", "is empty (0 bytes)"),
        (b"once upon a time" * 99, "is not a sound file"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_the_rest_goes_on(
    sound, add, tmp_path, content, reason
):
    for name in ("loops/a.wav", "loops/c.wav"):
        sound(name)
    bad = tmp_path / "loops" / "b.wav"
    if isinstance(content, bytes):
        bad.write_bytes(content)
    else:
        sound("loops/b.wav", content, 44_100, subtype="FLOAT")
    made, (error,) = add()
    assert made == ["loops-a", "loops-c"]
    assert error.startswith(f"{bad}: {reason}")
    assert songs(tmp_path / "corpus") == ["loops-a", "loops-c"]


def test_what_is_there_is_passed_over(sound, add, tmp_path):
    for name in ("loops/a.wav", "loops/b.wav"):
        sound(name)
    add()
    before = everything(tmp_path / "corpus")
    assert add() == ([], [])
    assert everything(tmp_path / "corpus") == before
    (tmp_path / "corpus" / "loops-b" / "harmonic.flac").unlink()
    sound("loops/c.wav")
    assert add() == (["loops-b", "loops-c"], [])
    assert len(read_manifest(tmp_path / "corpus")) == 3
    after = everything(tmp_path / "corpus")
    assert all(after[name] == before[name] for name in before if name.endswith(".flac"))


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"kind": "percussive"}, "was made with as harmonic, not percussive"),
        ({"sample_rate": 16_000}, "was made with sample_rate 8000, not 16000"),
        ({"channels": 1}, "was made with channels 2, not 1"),
        ({"repeat": 3.0}, r"was made with repeat 0\.0, not 3\.0"),
    ],
)
def test_other_options_are_not_mixed_in_silently(sound, add, how, reason):
    sound()
    add()
    with pytest.raises(TicktoneError, match=f"loops-a: {reason}; choose another --output"):
        add(**how)


def test_another_folder_of_the_same_name_is_not_taken_for_the_first(sound, add):
    sound("one/loops/a.wav")
    sound("two/loops/a.wav", tone(peak=0.2))
    add("one/loops")
    with pytest.raises(TicktoneError, match=r"two/loops/a\.wav: is not the file that .*loops-a "):
        add("two/loops")


@pytest.mark.parametrize(
    "names", [("loops/a.wav", "loops/a.flac"), ("loops/x/a.wav", "loops/x-a.wav")]
)
def test_two_sounds_that_would_be_called_alike_are_named(sound, add, names):
    for name in names:
        sound(name)
    with pytest.raises(TicktoneError, match=r"would be called as .*; rename one"):
        add()


def test_hidden_files_do_not_count(sound, add):
    for name in ("loops/.a.wav", "loops/.trash/b.wav", "loops/c.wav"):
        sound(name)
    assert add() == (["loops-c"], [])


@pytest.mark.parametrize(
    ("path", "reason"),
    [("none", "none: no such file or folder"), ("empty", "empty: holds no sound files")],
)
def test_a_place_without_sounds_is_told(add, tmp_path, path, reason):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TicktoneError, match=reason):
        add(path)


@pytest.mark.parametrize("output", ["loops", "loops/corpus"])
def test_a_corpus_is_not_added_to_itself(sound, add, output):
    path = sound()
    with pytest.raises(TicktoneError, match="lies in the folder that is added"):
        add(output=output)
    assert path.is_file()


def test_songs_keep_their_balance(sound, add, tmp_path):
    sound("songs/b/drums.wav", tone(peak=0.08))
    sound("songs/b/bass.wav", tone(peak=0.1, hertz=110))
    sound("songs/b/vocals.wav", tone(peak=0.1, hertz=110))
    assert add("songs", "songs") == (["b"], [])
    stems = read_song(tmp_path / "corpus" / "b")
    levels = {part: level_db(stem, RATE) for part, stem in stems.items()}
    assert levels["harmonic"] == pytest.approx(HARMONIC_DB, abs=0.1)
    balance = 20 * np.log10(0.08 / 0.2)
    assert levels["percussive"] == pytest.approx(HARMONIC_DB + balance, abs=0.1)


def test_a_song_of_drums_alone_has_the_level_of_drums(sound, add, tmp_path):
    sound("songs/b/drums.wav", tone(peak=0.7))
    sound("songs/b/bass.wav", np.zeros(4000))
    add("songs", "songs")
    stems = read_song(tmp_path / "corpus" / "b")
    wanted = HARMONIC_DB + BALANCE_DB[0]
    assert level_db(stems["percussive"], RATE) == pytest.approx(wanted, abs=0.1)
    assert not stems["harmonic"].any()


def test_songs_that_cannot_be_used_are_told(sound, add):
    for part in ("drums", "bass"):
        sound(f"songs/a/{part}.wav")
        sound(f"songs/c/{part}.wav", np.zeros(800))
    sound("songs/b/drums.wav")
    made, (b, c) = add("songs", "songs")
    assert made == ["a"]
    assert "songs/b: has no harmonic stem" in b
    assert c.endswith("is silent; leave it out")


def test_a_folder_of_another_layout_is_refused(sound, add):
    sound("loops/a.wav")
    with pytest.raises(TicktoneError, match=r"loops: found a\.wav; expected .* or SONG/drums"):
        add("loops", "songs")
