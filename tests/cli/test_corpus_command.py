"""`ticktone corpus`, from the outside."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.studio import RATE, write_midi, write_studio
from tests.corpus.tracker import write_song
from tests.support.patience import PATIENCE, wait_until
from ticktone.corpus.corpus_manifest import read_manifest

needed = pytest.mark.program("fluidsynth")


@pytest.fixture
def rendering(tmp_path):
    """The arguments of a small rendering."""
    studio = write_studio(tmp_path / "studio")
    return [
        *("corpus", "render", tmp_path / "midi", "-o", tmp_path / "corpus"),
        *("--soundfont", studio.soundfont, "--kit", studio.kits),
        *("--instrument", studio.instruments, "--sample-rate", RATE, "--mono"),
    ]


@needed
def test_scores_are_rendered_and_then_passed_over(run, rendering, tmp_path):
    for name in "ab":
        write_midi(tmp_path / "midi" / f"{name}.mid", beats=2)
    (tmp_path / "midi" / "c.mid").write_bytes(b"junk")
    options = ["--licence", "*/midi/*=CC0", "--seed", 7, "--seconds", 0.3, "--families", "-j", 2]
    done = run(*rendering, *options)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{tmp_path}/corpus: 2 made, 1 failed; 2 songs, 0.00 hours")
    failed, unknown = done.stderr.splitlines()
    assert failed.startswith(f"ticktone: {tmp_path}/midi/c.mid: cannot be read as MIDI")
    assert unknown == "ticktone: of 2 songs not all licences are known; tell them by --licence"
    entries = read_manifest(tmp_path / "corpus")
    assert {entry.name for entry in entries} == {"midi-a", "midi-b"}
    for entry in entries:
        assert (entry.seed, entry.seconds, entry.sample_rate) == (7, 0.3, RATE)
        assert "CC0" in entry.licences
        assert entry.options["channels"] == 1
        assert "bass.flac" in entry.files

    (tmp_path / "midi" / "c.mid").unlink()
    again = run(*rendering, *options, "--licence", "*=MIT")
    assert again.returncode == 0
    assert again.stdout.startswith(f"{tmp_path}/corpus: 2 there already; 2 songs")
    other = run(*rendering, *options, "--seed", 8, "-q")
    assert (other.returncode, other.stdout) == (1, "")
    assert "was made with seed 7, not 8; choose another --output" in other.stderr


@pytest.mark.library("openmpt")
@needed
def test_modules_are_rendered_beside_scores(run, rendering, tmp_path):
    write_midi(tmp_path / "midi" / "a.mid", beats=2)
    path = write_song(tmp_path / "midi" / "b.mod")
    (tmp_path / "licences").write_text("# mine\n*/b.mod = CC0\n* = MIT\n")
    done = run(*rendering, "--licences", tmp_path / "licences", "--versions", 2)
    assert (done.returncode, done.stderr) == (0, "")
    entries = {entry.name: entry for entry in read_manifest(tmp_path / "corpus")}
    assert entries.keys() == {"midi-a", "midi-a.2", "midi-b"}
    assert entries["midi-b"].licences == ["CC0"]
    assert entries["midi-a"].licences == ["MIT"]
    assert path.with_name("b.mod.parts.toml").is_file()


def test_a_file_of_licences_that_is_wrong_is_told(run, tmp_path):
    (tmp_path / "licences").write_text("a = CC0\nCC0\n")
    (tmp_path / "a.mod").touch()
    done = run(
        *("corpus", "render", tmp_path / "a.mod", "-o", tmp_path / "corpus"),
        *("--licences", tmp_path / "licences"),
    )
    assert done.returncode == 1
    assert "licences: line 2 is not of the form PATTERN = LICENCE" in done.stderr


@pytest.mark.slow
def test_songs_are_synthesised(run, tmp_path):
    command = ["corpus", "synthesise", "-o", tmp_path / "corpus", "--songs", 2, "--seed", 3]
    how = ["--minutes-per-song", 0.06, "--sample-rate", 22_050, "--mono", "--genre", "house"]
    done = run(*command, *how, "-j", 2)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{tmp_path}/corpus: 2 made; 2 songs")
    for entry in read_manifest(tmp_path / "corpus"):
        assert (entry.licences, entry.seed, entry.sample_rate) == (["our own"], 3, 22_050)
        assert entry.options["channels"] == 1
        assert entry.players[0].startswith("house at ")
    again = run(*command, *how)
    assert again.stdout.startswith(f"{tmp_path}/corpus: 2 there already; 2 songs")
    wrong = run(*command, "--genre", "polka")
    assert wrong.returncode == 1
    assert "there is no genre 'polka'; there are: house, techno" in wrong.stderr


def test_sounds_are_added(run, song, tmp_path):
    for name in ("loops/a.wav", "loops/b.wav"):
        song(name, 0.2, 8000)
    command = ["corpus", "add", tmp_path / "loops", "-o", tmp_path / "corpus"]
    how = ["--licence", "*=CC0", "--sample-rate", 11_025, "--mono", "--repeat", 0.5]
    done = run(*command, "--as", "percussive", *how)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{tmp_path}/corpus: 2 made; 2 songs")
    (entry, _) = read_manifest(tmp_path / "corpus")
    assert (entry.name, entry.seconds, entry.sample_rate) == ("loops-a", 0.6, 11_025)
    assert (entry.licences, entry.files) == (["CC0"], ["percussive.flac"])
    assert entry.options["channels"] == 1
    assert run(*command, "--as", "percussive", *how).stdout.startswith(
        f"{tmp_path}/corpus: nothing new; 2 songs"
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--as", "drums"], "--as 'drums' is none of: percussive, harmonic, songs"),
        (["--as", "songs", "--licence", "CC0"], "--licence 'CC0' is not of the form PATTERN=TEXT"),
        (["--as", "songs"], "loops: is not a folder; check the spelling"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(run, tmp_path, arguments, reason):
    done = run("corpus", "add", tmp_path / "loops", "-o", tmp_path / "corpus", *arguments)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert reason in line


def test_without_fluidsynth(run, rendering, tmp_path):
    write_midi(tmp_path / "midi" / "a.mid")
    done = run(*rendering, env={**os.environ, "PATH": ""})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "needs the program fluidsynth, which is not installed" in line


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "ticktone", *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for_a_song(process, corpus):
    def is_there():
        assert process.poll() is None, process.communicate()
        return read_manifest(corpus)

    wait_until(is_there, 0.02)


def check(corpus, count):
    """See that there are fewer songs than asked for, and all of them whole."""
    entries = read_manifest(corpus)
    assert 0 < len(entries) < count
    assert all((corpus / entry.name / file).is_file() for entry in entries for file in entry.files)
    assert not list(corpus.glob(".*"))


@needed
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_whole_songs(rendering, tmp_path, sent, code):
    for number in range(8):
        write_midi(tmp_path / "midi" / f"{number}.mid", beats=100)
    process = start(*rendering, "-j", 2)
    wait_for_a_song(process, tmp_path / "corpus")
    process.send_signal(sent)
    _, errors = process.communicate(timeout=PATIENCE)  # which waits for all that hold its pipes
    assert process.returncode == code
    assert b"Traceback" not in errors
    check(tmp_path / "corpus", 8)


@needed
def test_a_worker_that_dies_costs_only_the_scores_in_hand(rendering, tmp_path):
    for number in range(5):
        write_midi(tmp_path / "midi" / f"{number}.mid", beats=60)
    process = start(*rendering, "-j", 2)
    wait_for_a_song(process, tmp_path / "corpus")
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(workers[-1]), signal.SIGKILL)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    lines = errors.decode().splitlines()
    told = [line for line in lines if "licences" not in line and "songs: " not in line]
    assert 1 <= len(told) <= 2
    assert all("midi/" in line and "its process died" in line for line in told)
    check(tmp_path / "corpus", 5)
    assert len(read_manifest(tmp_path / "corpus")) == 5 - len(told)
