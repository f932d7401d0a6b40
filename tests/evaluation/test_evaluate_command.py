"""`ticktone evaluate`, as its users call it."""

import csv
import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import museval
import numpy as np
import pytest
import soundfile
from matplotlib.image import imread
from typer.testing import CliRunner

from tests.datasets.conftest import encode
from tests.evaluation.conftest import RATE
from tests.support.patience import PATIENCE, wait_until
from ticktone.cli.commands import app


@pytest.fixture
def evaluate(tmp_path, monkeypatch):
    """Run the command in this process, in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def call(*arguments):
        return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])

    yield call
    for number, handler in before.items():
        signal.signal(number, handler)


def rows(output):
    return {row["method"]: row for row in csv.DictReader(io.StringIO(output))}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "protocol"),
    [("musdb18hq", "sdr"), ("musdb18hq", "lordelo2019"), ("dsd100", "drossos2018")],
)
def test_the_test_set_of_a_data_set(request, evaluate, tmp_path, kind, protocol):
    path = request.getfixturevalue(kind)
    done = evaluate(path, "-m", "median", "-p", protocol, "-f", "csv")
    assert done.exit_code == 0, done.output
    assert list(rows(done.stdout)) == ["gain", "median", "oracle"]
    (song,) = (tmp_path / "here" / "evaluation" / protocol / "median" / "test").iterdir()
    assert song.stem == {"musdb18hq": "Someone - Théâtre", "dsd100": "001 - E - F"}[kind]
    assert "1 song" in done.stderr


@pytest.mark.program("ffmpeg")
def test_musdb18(evaluate, musdb18, tmp_path):
    done = evaluate(musdb18, "-m", "median")
    assert done.exit_code == 1
    assert "must be decoded before use" in done.stderr
    done = evaluate(musdb18, "-m", "median", "--cache", tmp_path / "cache", "-p", "lordelo2019")
    assert done.exit_code == 0, done.output
    assert "lordelo2019: dB, mean over songs; 1 song." in done.stdout
    encode(musdb18 / "test" / "D.stem.mp4", [tmp_path / "test" / "C - Three" / "drums.wav"])
    done = evaluate(musdb18, "-m", "median", "--cache", tmp_path / "cache", "-p", "lordelo2019")
    assert done.exit_code == 1
    assert "D: " in done.stderr
    assert "has 1 streams of sound, not the 5" in done.stderr
    assert "3 results kept" in done.stderr


def test_a_table_with_both_ends_and_what_is_sure(evaluate, songs):
    done = evaluate(songs("abcd"), "-m", "median,median:power=1,hpr")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["percussive", "harmonic", "average"]
    assert [line.split()[0] for line in lines[2:7]] == [
        *("gain", "median", "median:power=1", "hpr", "oracle")
    ]
    assert lines[2].split()[3] == "0"
    assert lines[6].split()[3] == "100"  # per cent of the way
    assert lines[8] == "sdr: dB, mean over songs; 4 songs."
    assert lines[9] == "SDR with 95 % intervals over songs:"
    assert [line.split()[:2] for line in lines[10:13]] == [
        [name, "percussive"] for name in ("median", "median:power=1", "hpr")
    ]
    assert lines[13] == "SDR above that of median, song by song, with 95 % intervals:"
    assert lines[14].startswith("  median:power=1  percussive ")
    assert lines[16].startswith("Only 4 songs: take 10 or more")


@pytest.mark.slow
def test_options_change_the_table(evaluate, songs):
    folder = songs("abcd", channels=2)

    def shown(*options):
        done = evaluate(folder, "-m", "median,hpr", "--format", "csv", *options)
        assert done.exit_code == 0, done.output
        return done.stdout

    plain = shown()
    tables = {
        "plain": plain,
        "stereo": shown("--stereo"),
        "statistic": shown("--statistic", "median"),
        "protocol": shown("-p", "lordelo2019"),
        "percussive": shown("--percussive", "harmonic*"),
    }
    assert len(set(tables.values())) == len(tables)
    folder = songs("abcdefgh")
    options = ("-m", "median,hpr", "--statistic", "median", "--seed")
    seeds = [evaluate(folder, *options, n).stdout for n in (0, 0, 1, 2, 3)]
    assert seeds[0] == seeds[1]
    assert len(set(seeds)) > 1
    assert evaluate(folder, "-m", "median", "--quiet").output == ""
    both = [evaluate(folder, "-m", "median", "-o", f"j{n}", "-j", n).stdout for n in (1, 2)]
    assert both[0] == both[1]


def test_a_phase_is_an_option_of_every_method(evaluate, songs):
    done = evaluate(songs("a"), "-m", "median,median:phase=pu-hpss,unet:phase=pu-hpss", "-f", "csv")
    assert done.exit_code == 0, done.output
    found = rows(done.stdout)
    assert list(found)[1:4] == ["median", "median:phase=pu-hpss", "unet:phase=pu-hpss"]
    before, after = (found[name]["percussive SDR"] for name in list(found)[1:3])
    assert before != after


def test_formats(evaluate, songs):
    folder = songs()
    texts = {f: evaluate(folder, "-m", "median", "-f", f) for f in ("markdown", "latex", "csv")}
    assert texts["markdown"].stdout.startswith("|  | percussive SDR |")
    assert "\n\nsdr: dB, mean over songs" in texts["markdown"].stdout
    assert texts["latex"].stdout.startswith(r"\begin{tabular}")
    assert "\n% sdr: dB" in texts["latex"].stdout
    assert float(rows(texts["csv"].stdout)["oracle"]["percussive SDR"]) > 5
    assert "sdr: dB" in texts["csv"].stderr


def test_subsets(evaluate, musdb18hq):
    done = evaluate(musdb18hq, "-m", "median", "--subset", "train")
    assert "4 songs" in done.stdout
    done = evaluate(musdb18hq, "-m", "median", "--subset", "dev")
    assert done.exit_code == 1
    assert "has no songs in 'dev'" in done.stderr


@pytest.mark.slow
def test_museval_aggregates_our_results_to_our_table(evaluate, songs):
    done = evaluate(songs("abc", 3.2), "-m", "median", "-p", "lordelo2019", "-f", "csv")
    assert done.exit_code == 0, done.output
    store = museval.EvalStore(frames_agg="median", tracks_agg="mean")
    store.add_eval_dir("evaluation/lordelo2019/median")
    theirs = store.agg_frames_tracks_scores()
    for part in ("percussive", "harmonic"):
        for metric in ("SDR", "SIR", "SAR"):
            ours = float(rows(done.stdout)["median"][f"{part} {metric}"])
            assert ours == pytest.approx(theirs[part][metric], abs=1e-4)


@pytest.mark.slow
def test_silence_is_left_out_and_counted(evaluate, songs):
    folder = songs("abc", 3.0)
    audio, _ = soundfile.read(folder / "a" / "percussive.wav")
    audio[:RATE] = 0
    soundfile.write(folder / "a" / "percussive.wav", audio, RATE)
    soundfile.write(folder / "b" / "harmonic.wav", 0 * audio, RATE)
    done = evaluate(folder, "-m", "median", "-p", "lordelo2019")
    assert done.exit_code == 0, done.output
    assert "2 songs." in done.stdout
    assert "median: 1 of 6 windows have no score" in done.stdout
    assert "Not scored, as a source is silent throughout: b (harmonic)." in done.stdout


def test_silence_everywhere_is_told(evaluate, songs):
    folder = songs("a")
    soundfile.write(folder / "a" / "percussive.wav", np.zeros(RATE), RATE)
    done = evaluate(folder, "-m", "median")
    assert done.exit_code == 1
    assert "no song could be scored; a source is silent in every song" in done.stderr


def test_a_terminal_sees_what_is_done(evaluate, songs, monkeypatch):
    monkeypatch.setattr("ticktone.cli.common.has_terminal", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")  # by which Rich takes it for a terminal
    done = evaluate(songs("a"), "-m", "median")
    assert done.exit_code == 0
    assert "songs x methods" in done.stderr
    assert "%" in done.stderr


def test_one_bad_song_is_named_and_the_rest_goes_on(evaluate, songs):
    folder = songs("abc")
    (folder / "b" / "harmonic.wav").write_bytes(b"<html>not found</html>")
    done = evaluate(folder, "-m", "median")
    assert done.exit_code == 1
    assert done.stderr.count("harmonic.wav: is not a sound file") == 1
    assert "2 songs." in done.stdout
    for name in "ac":
        (folder / name / "harmonic.wav").unlink()
    done = evaluate(folder, "-m", "median")
    assert done.exit_code == 1
    assert "no usable song" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-m", "medain"], "did you mean median"),
        (["-m", "median,,hpr"], "has an empty name"),
        (["-m", "median:power"], "'power' is not of the form NAME=VALUE"),
        (["-p", "lordelo"], "did you mean lordelo2019"),
        (["-f", "markdwon"], "did you mean markdown"),
        (["--statistic", "meam"], "did you mean mean"),
        (["--published", "."], "--published is for --plot"),
        (["--published", ".", "--plot", "a.png"], "BSS Eval 4, not comparable with sdr"),
        (["-o", "/dev/null/out"], "cannot be written"),
    ],
)
def test_wrong_options_are_refused_in_one_line(evaluate, songs, arguments, message, tmp_path):
    done = evaluate(songs(), *arguments)
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("ticktone: ")
    assert message in line
    assert list((tmp_path / "here").iterdir()) == []


def test_a_folder_of_another_layout_is_told_what_was_expected(evaluate, tmp_path):
    done = evaluate(tmp_path, "-m", "median")
    assert done.exit_code == 1
    assert "found here; expected {train,test}/SONG.stem.mp4" in done.stderr
    assert evaluate(tmp_path / "nowhere").exit_code == 1


@pytest.mark.slow
def test_box_plots_beside_published_results(evaluate, songs, tmp_path):
    folder = songs("abc")
    for system, level in (("TAK1", 6.0), ("median", 2.0)):
        for song in ("a", "b", "c", "other"):
            track = museval.TrackStore(song)
            track.add_target("drums", {m: [level] for m in ("SDR", "SIR", "SAR", "ISR")})
            (tmp_path / "sisec" / system / "test").mkdir(parents=True, exist_ok=True)
            track.save(tmp_path / "sisec" / system / "test" / f"{song}.json")
    options = ("-m", "median", "-p", "lordelo2019", "--plot")
    refused = evaluate(folder, *options, "ours.txt")
    assert refused.exit_code == 1
    assert "pictures are PNG, PDF or SVG, not .txt; name it ours.png" in refused.stderr
    done = evaluate(folder, *options, "ours.png")
    assert done.exit_code == 0
    assert "box plots -> ours.png" in done.stderr
    done = evaluate(folder, *options, "all.png", "--published", tmp_path / "sisec")
    assert done.exit_code == 0, done.output
    ours, everything = imread("ours.png"), imread("all.png")
    assert everything.shape[1] > ours.shape[1] > 300
    assert everything.std() > 0.05
    refused = evaluate(folder, *options, "ours.png")
    assert refused.exit_code == 1
    assert "ours.png: exists; use --overwrite" in refused.stderr
    assert evaluate(folder, *options, "ours.png", "--overwrite").exit_code == 0
    assert evaluate(folder, *options, "all.pdf").exit_code == 0
    assert Path("all.pdf").read_bytes()[:4] == b"%PDF"


@pytest.mark.slow
def test_published_results_of_other_songs_are_refused(evaluate, songs, tmp_path):
    track = museval.TrackStore("z")
    track.add_target("drums", {m: [1.0] for m in ("SDR", "SIR", "SAR", "ISR")})
    (tmp_path / "sisec" / "TAK1").mkdir(parents=True)
    track.save(tmp_path / "sisec" / "TAK1" / "z.json")
    done = evaluate(
        *(songs(), "-m", "median", "-p", "lordelo2019"),
        *("--plot", "a.png", "--published", tmp_path / "sisec"),
    )
    assert done.exit_code == 1
    assert "published results of TAK1 have no song of this data set" in done.stderr


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(songs, tmp_path):
    folder, output = songs("abcdef", 20.0), tmp_path / "out"
    command = [sys.executable, "-m", "ticktone", "evaluate", folder, "-m", "hpr", "-o", output]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )

    def one_is_scored():
        assert process.poll() is None, process.communicate()
        return list(output.rglob("*.json"))

    wait_until(one_is_scored, 0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    found = {path: path.stat().st_mtime_ns for path in output.rglob("*.json")}
    assert 0 < len(found) < 18
    assert all(json.loads(path.read_text())["ticktone"] for path in found)
    assert not list(output.rglob(".*"))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{len(found)} results kept" in done.stderr
    assert len(list(output.rglob("*.json"))) == 18
    assert all(path.stat().st_mtime_ns == when for path, when in found.items())
