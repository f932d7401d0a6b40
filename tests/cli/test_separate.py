"""`ticktone separate`, as a user runs it."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.conftest import music
from ticktone.audio.reader import Reader


def names(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def read(path):
    with Reader(Path(path)) as reader:
        return np.concatenate(list(reader.blocks()), axis=-1)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.wav", {"subtype": "PCM_16"}),
        ("a.wav", {"subtype": "PCM_24"}),
        ("a.wav", {"subtype": "PCM_32"}),
        ("a.wav", {"subtype": "FLOAT"}),
        ("a.flac", {"subtype": "PCM_16"}),
        ("a.flac", {"subtype": "PCM_24"}),
        ("a.ogg", {}),
        ("a.mp3", {}),
    ],
)
@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (8000, 1), (48_000, 1)])
def test_parts_keep_the_files_format_and_sum_to_it(song, run, name, how, rate, channels):
    path = song(name, 0.7, rate, channels, **how)
    done = run("separate", path)
    assert done.returncode == 0, done.stderr
    stem, extension = name.split(".")
    parts = [path.with_name(f"{stem}.{part}.{extension}") for part in ("harmonic", "percussive")]
    source = soundfile.info(path)
    for part in parts:
        info = soundfile.info(part)
        for kept in ("format", "subtype", "samplerate", "channels", "frames"):
            assert getattr(info, kept) == getattr(source, kept)
    total = sum(read(part) for part in parts)
    if how.get("subtype", "").startswith("PCM"):
        assert np.array_equal(total, read(path))
    elif how:  # floats can come no nearer
        np.testing.assert_allclose(total, read(path), rtol=0, atol=2**-24)
    else:
        np.testing.assert_allclose(total, read(path), atol=0.2)  # coded twice, with loss


@pytest.mark.parametrize(("rate", "channels"), [(192_000, 2), (96_000, 8), (11_025, 3)])
def test_unusual_rates_and_channels_are_kept(song, run, rate, channels):
    path = song("a.wav", 0.3, rate, channels, subtype="PCM_24")
    assert run("separate", path, "--method", "hpr").returncode == 0
    parts = [read(p) for p in path.parent.glob("a.*.wav")]
    assert len(parts) == 3
    assert np.array_equal(sum(parts), read(path))


def test_folders_are_mirrored_and_what_ticktone_wrote_is_passed_over(song, run, tmp_path):
    for name in ("in/a.wav", "in/deep/b.flac", "in/deep/.hidden.wav", "in/.git/c.wav"):
        song(name, 0.1)
    (tmp_path / "in" / "notes.txt").write_text("not sound")
    for _ in range(2):
        assert run("separate", "in", "-o", "in/out", "--overwrite", cwd=tmp_path).returncode == 0
    assert names(tmp_path / "in" / "out") == [
        "a.harmonic.wav",
        "a.percussive.wav",
        "deep/b.harmonic.flac",
        "deep/b.percussive.flac",
    ]


def test_the_summary_says_duration_speed_and_names(song, run):
    done = run("separate", song("a.wav", 1.5))
    assert done.stdout.startswith(str(song("a.wav", 1.5)))
    for word in ("0:01.5", "x real time", "a.harmonic.wav, a.percussive.wav"):
        assert word in done.stdout
    assert done.stderr == ""  # no progress bar where there is no terminal


def test_json_has_a_line_for_each_file(song, run, tmp_path):
    done = run("separate", song("a.wav", 0.5), tmp_path / "none.wav", "--json")
    assert done.returncode == 1
    records = {Path(r["source"]).name: r for r in map(json.loads, done.stdout.splitlines())}
    good, bad = records["a.wav"], records["none.wav"]
    assert good["status"] == "done"
    assert good["method"] == "median"
    assert (good["sample_rate"], good["channels"], good["duration"]) == (44_100, 2, 0.5)
    assert Path(good["outputs"]["harmonic"]).is_file()
    assert good["elapsed"] > 0
    assert bad["status"] == "failed"
    assert "no such file" in bad["error"]


def test_quiet_prints_nothing_but_errors(song, run, tmp_path):
    done = run("separate", song("a.wav", 0.1), "nothing.wav", "--quiet", cwd=tmp_path)
    assert done.stdout == ""
    assert done.stderr == "ticktone: nothing.wav: no such file; check the spelling\n"


@pytest.mark.parametrize("only", ["harmonic", "percussive"])
def test_only_one_part(song, run, tmp_path, only):
    assert run("separate", song("a.wav", 0.1), "--only", only).returncode == 0
    assert names(tmp_path) == [f"a.{only}.wav", "a.wav"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--format", "flac"], ("FLAC", "PCM_16")),
        (["--format", "ogg"], ("OGG", "VORBIS")),
        (["--format", "mp3"], ("MP3", "MPEG_LAYER_III")),
        (["--subtype", "PCM_24"], ("WAV", "PCM_24")),
        (["--float"], ("WAV", "FLOAT")),
    ],
)
def test_other_formats_can_be_asked_for(song, run, tmp_path, options, expected):
    assert run("separate", song("a.wav", 0.3), "-o", tmp_path / "out", *options).returncode == 0
    written = [soundfile.info(p) for p in (tmp_path / "out").iterdir()]
    assert [(info.format, info.subtype) for info in written] == [expected] * 2


def test_method_and_its_options_change_the_result(song, run, tmp_path):
    path = song("a.wav", 0.5)
    results = []
    for how in ([], ["-O", "power=1"], ["-m", "diffusion"], ["-m", "hpr", "-O", "residual=false"]):
        assert run("separate", path, "-o", tmp_path / "out", "--overwrite", *how).returncode == 0
        assert len(names(tmp_path / "out")) == 2
        results.append((tmp_path / "out" / "a.percussive.wav").read_bytes())
    assert len(set(results)) == 4


def test_the_same_input_gives_the_same_bytes_whatever_the_threads(song, run, tmp_path):
    path = song("a.flac", 2.0)
    found = set()
    for threads in (1, 1, 2):
        run("separate", path, "-o", tmp_path / "out", "--overwrite", "--threads", threads)
        found.add((tmp_path / "out" / "a.harmonic.flac").read_bytes())
    assert len(found) == 1


def test_existing_results_are_kept_skipped_or_replaced(song, run, tmp_path):
    path = song("a.wav", 0.2)
    assert run("separate", path).returncode == 0
    part = tmp_path / "a.harmonic.wav"
    part.write_bytes(b"mine")
    refused = run("separate", path)
    assert refused.returncode == 1
    assert "a.harmonic.wav exists; use --overwrite or --skip-existing" in refused.stderr
    skipped = run("separate", path, "--skip-existing")
    assert skipped.returncode == 0
    assert "skipped" in skipped.stdout
    assert part.read_bytes() == b"mine"
    (tmp_path / "a.percussive.wav").unlink()  # half a result is none
    assert run("separate", path, "--skip-existing").returncode == 0
    assert part.read_bytes() != b"mine"
    part.write_bytes(b"mine")
    assert run("separate", path, "--overwrite").returncode == 0
    assert part.read_bytes() != b"mine"


def test_several_jobs_give_what_one_gives(song, run, tmp_path):
    for number in range(5):
        song(f"in/{number}.wav", 0.2 + number / 10)
    (tmp_path / "in" / "bad.wav").write_text("text")
    for jobs in (1, 2):
        done = run("separate", tmp_path / "in", "-o", tmp_path / f"out{jobs}", "-j", jobs)
        assert done.returncode == 1
        assert "5 done, 1 failed" in done.stdout
        assert "bad.wav: is not a sound file" in done.stderr
    one, two = tmp_path / "out1", tmp_path / "out2"
    assert len(names(one)) == 10
    assert names(one) == names(two)
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names(one))


@pytest.mark.parametrize(
    "name", ["ein Lied, ünïcödé 歌.wav", "a b  c.wav", "-o.wav", "'$(x)\".wav"]
)
def test_any_name_will_do(song, run, tmp_path, name):
    song(name, 0.1)
    done = run("separate", "--", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stem = name.removesuffix(".wav")
    assert names(tmp_path) == sorted([name, f"{stem}.harmonic.wav", f"{stem}.percussive.wav"])


def test_a_file_found_in_a_folder_may_begin_with_a_dash(song, run, tmp_path):
    song("in/--help.wav", 0.1)
    assert run("separate", "in", cwd=tmp_path).returncode == 0
    assert len(names(tmp_path)) == 3


def failing(run, folder, *arguments, reason, **how):
    """Run, and see that it fails in one line, leaves nothing behind and goes on."""
    before = set(names(folder))
    good = folder / "good.wav"
    soundfile.write(good, music(0.1).T, 44_100)
    done = run("separate", *arguments, good, **how)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("ticktone: ")
    assert reason in line
    new = set(names(folder)) - before
    assert new == {"good.wav", "good.harmonic.wav", "good.percussive.wav"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.wav", None, "a.wav: no such file; check the spelling"),
        ("a.wav", b"", "a.wav: is empty (0 bytes); copy"),
        ("a.wav", b"once upon a time\n" * 99, "a.wav: is not a sound file"),
        ("a.m4a", b"\0\0\0\x20ftypM4A " + bytes(99), "a.m4a: "),
    ],
)
def test_bad_files_cost_only_themselves(run, tmp_path, name, content, reason):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    failing(run, tmp_path, tmp_path / name, reason=reason)


def test_m4a_without_ffmpeg(run, tmp_path):
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(99))
    reason = "a.m4a: .m4a needs the program ffmpeg, which is not installed; install it, or"
    failing(run, tmp_path, tmp_path / "a.m4a", reason=reason, env={**os.environ, "PATH": ""})


def test_a_folder_without_sound(run, tmp_path):
    (tmp_path / "empty").mkdir()
    failing(run, tmp_path, tmp_path / "empty", reason="empty: holds no sound files; name one")


def test_a_file_without_samples(run, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 1)), 44_100)
    failing(run, tmp_path, tmp_path / "a.wav", reason="a.wav: holds 0 samples")


@pytest.mark.parametrize(("value", "word"), [(np.nan, "nan"), (np.inf, "inf")])
def test_a_file_with_samples_that_are_no_numbers(run, tmp_path, value, word):
    audio = music(8.0)
    audio[0, 300_000] = value
    soundfile.write(tmp_path / "a.wav", audio.T, 44_100, subtype="FLOAT")
    reason = f"a.wav: sample 300000 of channel 1 (at 6.803 s) is {word}; repair"
    failing(run, tmp_path, tmp_path / "a.wav", reason=reason)


def test_a_truncated_file(song, run, tmp_path):
    path = song("a.mp3", 8.0)
    path.write_bytes(path.read_bytes()[:40_000])
    before = path.read_bytes()
    done = run("separate", path)
    assert done.returncode == 1
    assert "a.mp3: is truncated" in done.stderr
    assert names(tmp_path) == ["a.mp3"]
    assert path.read_bytes() == before


def test_inputs_that_would_write_the_same_outputs(song, run, tmp_path):
    one, two = song("one/a.wav", 0.1), song("two/a.wav", 0.1)
    done = run("separate", one, two, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.count("would write the same outputs") == 2
    assert not (tmp_path / "out").exists()
    song("one/a.flac", 0.1)
    done = run("separate", tmp_path / "one", "-o", tmp_path / "out", "--format", "wav")
    assert "would write the same outputs" in done.stderr
    assert run("separate", tmp_path / "one", "-o", tmp_path / "out").returncode == 0


def test_the_same_file_named_twice_is_done_once(song, run, tmp_path):
    path = song("a.wav", 0.1)
    done = run("separate", path, tmp_path, path)
    assert done.returncode == 0
    assert done.stdout.count("real time") == 1


def test_an_output_that_is_an_input(song, run, tmp_path):
    path, other = song("a.wav", 0.1), song("a.harmonic.wav", 0.1)
    before = other.read_bytes()
    done = run("separate", path, other, "--overwrite")
    assert done.returncode == 1
    assert f"a.wav: would overwrite {other}, which is to be read" in done.stderr
    assert other.read_bytes() == before


def test_what_will_not_be_written_is_no_danger(song, run, tmp_path):
    path, remixed = song("a.wav", 0.1), song("a.remix.wav", 0.1)
    assert run("separate", path, remixed, "--overwrite").returncode == 0
    done = run("separate", *tmp_path.glob("*.wav"), "--skip-existing")
    assert done.stdout.count(": skipped") == 2
    assert run("remix", song("b.wav", 0.1), song("b.harmonic.wav", 0.1)).returncode == 0


def test_outputs_are_told_by_content_and_place(song, run, tmp_path):
    liar = song("a.mp3", 0.1, format="WAV")
    done = run("separate", liar, song("a.wav", 0.1), "--overwrite")
    assert done.stderr.count("would write the same outputs") == 2
    song("d/b.wav", 0.1)
    (tmp_path / "e").symlink_to(tmp_path / "d")
    done = run("separate", tmp_path / "d/b.wav", tmp_path / "e/b.wav", "--overwrite")
    assert done.returncode == 0
    assert done.stdout.count("real time") == 1


def test_a_worker_that_dies_costs_only_the_files_in_hand(song, tmp_path):
    for number in range(6):
        song(f"in/{number}.wav", 30.0)
    (tmp_path / "out").mkdir()
    process = start(
        *("separate", tmp_path / "in", "-o", tmp_path / "out", "-j", 2, "-m", "hpr", "--json")
    )
    wait_for_work(tmp_path / "out", process)
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(workers[-1]), signal.SIGKILL)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    records = [json.loads(line) for line in output.splitlines()]
    assert len(records) == 6
    failed = [record for record in records if record["status"] == "failed"]
    assert 1 <= len(failed) <= 2
    assert all("its process died" in record["error"] for record in failed)
    finished = [name for name in names(tmp_path / "out") if not name.startswith(".")]
    assert len(finished) == 3 * (6 - len(failed))
    assert b"Traceback" not in errors


def test_a_killed_parent_takes_its_workers_along(song, tmp_path):
    for number in range(4):
        song(f"in/{number}.wav", 60.0)
    (tmp_path / "out").mkdir()
    process = start("separate", tmp_path / "in", "-o", tmp_path / "out", "-j", 2, "-m", "hpr")
    wait_for_work(tmp_path / "out", process)
    process.kill()
    process.communicate(timeout=60)  # which waits for all that hold its pipes
    assert not list((tmp_path / "out").glob(".*"))
    assert len(names(tmp_path / "out")) < 8


def test_an_output_that_is_its_own_input(song, run, tmp_path):
    path = song("a.wav", 0.1)
    (tmp_path / "a.harmonic.wav").hardlink_to(path)
    done = run("separate", path, "--overwrite")
    assert done.returncode == 1
    assert "would be overwritten by its own output" in done.stderr
    assert names(tmp_path) == ["a.harmonic.wav", "a.wav"]


def test_an_output_folder_that_cannot_be(song, run, tmp_path):
    path = song("a.wav", 0.1)
    done = run("separate", path, "-o", path / "out")
    assert done.returncode == 1
    assert "cannot be written: Not a directory; choose another folder" in done.stderr


@contextmanager
def as_nobody():
    """Permissions do not bind the administrator, whom tests in containers often are."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_files_and_folders_without_permission(song, tmp_path):
    from typer.testing import CliRunner

    from ticktone.cli.app import app

    path = song("a.wav", 0.1)
    locked, closed = tmp_path / "locked", tmp_path / "closed"
    locked.mkdir()
    song("locked/b.wav", 0.1)
    closed.mkdir()
    for folder in (tmp_path, *tmp_path.parents[:3]):  # so that nobody can get here at all
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    locked.chmod(0)
    closed.chmod(0o555)

    warm = CliRunner().invoke(app, ["separate", str(path), "-o", str(tmp_path / "out")])
    assert warm.exit_code == 0  # and all modules are loaded, which nobody may not read

    def reason(*arguments):
        with as_nobody():
            done = CliRunner().invoke(app, ["separate", *map(str, arguments)])
        assert done.exit_code == 1, done.output
        (line,) = done.stderr.splitlines()
        return line.removeprefix("ticktone: ")

    denied = "cannot be written: Permission denied; choose another folder with --output"
    try:
        assert denied in reason(path, "-o", closed)
        assert denied in reason(path, "-o", closed / "deep")
        assert reason(locked) == f"{locked}: may not be read: Permission denied"
        assert reason(locked / "b.wav").endswith("may not be read by you; change its permissions")
        path.chmod(0)
        assert reason(path) == f"{path}: may not be read by you; change its permissions"
    finally:
        locked.chmod(0o755)


def test_a_disk_that_is_full(song, run, tmp_path):
    path = song("a.wav", 20.0)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    for format in ("wav", "flac", "ogg"):
        done = run("separate", path, "--format", format, preexec_fn=limit)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert "cannot be written to the end" in line
        assert names(tmp_path) == ["a.wav"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--method", "medain"], "unknown method 'medain'; did you mean median?"),
        (["-O", "powr=1"], "unknown option of median 'powr'; did you mean power?"),
        (["-O", "power"], "option 'power' is not of the form NAME=VALUE"),
        (["-O", "power=-1"], "method median: power must be greater than 0"),
        (["-O", "power=loud"], "method median: power must be of type float, not 'loud'"),
        (["--only", "drums"], "there is no part 'drums'; there are: harmonic, percussive"),
        (["--format", "flv"], "unknown format 'flv'; there are: same, wav, flac, ogg, mp3"),
        (["--float", "--subtype", "PCM_16"], "--float and --subtype exclude each other"),
        (["--overwrite", "--skip-existing"], "exclude each other"),
    ],
)
def test_wrong_options_are_refused_once(song, run, tmp_path, arguments, reason):
    done = run("separate", song("a.wav", 0.1), song("b.wav", 0.1), *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("ticktone: ")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert names(tmp_path) == ["a.wav", "b.wav"]


def test_formats_that_cannot_hold_a_file_are_refused_by_its_name(song, run, tmp_path):
    done = run("separate", song("a.flac", 0.1), "--float")
    assert "a.flac: FLAC holds no FLOAT samples" in done.stderr
    done = run("separate", song("b.wav", 0.1, 96_000), "--format", "mp3")
    assert "does not hold 2 channels at 96000 Hz" in done.stderr
    assert names(tmp_path) == ["a.flac", "b.wav"]


def test_samples_beyond_full_scale_are_reported(run, tmp_path):
    path = tmp_path / "a.wav"
    loud = 0.95 * np.sin(2 * np.pi * 441 * np.arange(44_100) / 44_100)
    loud[25::11_000] *= -1  # a click against a wave's crest is twice as high as the crest
    soundfile.write(path, loud, 44_100, subtype="PCM_16")
    done = run("separate", path, "--json")
    assert done.returncode == 0
    assert "samples exceeded full scale (peak +" in done.stderr
    assert "--float keeps them" in done.stderr
    record = json.loads(done.stdout)
    assert 0 < record["overs"]["percussive"] < 20
    assert record["peaks"]["percussive"] > 1
    done = run("separate", path, "--float", "--overwrite")
    assert done.stderr == ""
    parts = [soundfile.read(tmp_path / f"a.{part}.wav")[0] for part in ("harmonic", "percussive")]
    assert abs(parts[1]).max() > 1
    assert np.array_equal(sum(parts), soundfile.read(path)[0])


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "ticktone", *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Whoever runs the tests in the background may have told them to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def wait_for_work(folder, process):
    deadline = time.monotonic() + 60
    while not any(p.stat().st_size > 10_000 for p in folder.glob(".*.part")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_ctrl_c_at_any_moment_ends_it(song, tmp_path):
    path = song("a.wav", 600.0, 8000)
    for moment in np.linspace(0.05, 0.8, 12):
        process = start("separate", path, "-m", "hpr", "--overwrite")
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        # before Python itself is up, the signal ends the process in the system's own way
        assert process.returncode in (130, -signal.SIGINT), errors
        if process.returncode == 130:
            assert b"Traceback" not in errors
        assert names(tmp_path) == ["a.wav"]


def test_without_standard_error_it_still_works(song, tmp_path):
    path = song("a.wav", 0.2)
    command = f"{sys.executable} -m ticktone separate {path} 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False, capture_output=True).returncode == 0
    assert len(names(tmp_path)) == 3


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing_half_written(song, tmp_path, jobs, sent, code):
    for name in ("in/a.wav", "in/b.wav", "in/c.wav"):
        song(name, 90.0)
    (tmp_path / "out").mkdir()
    process = start("separate", tmp_path / "in", "-o", tmp_path / "out", "-j", jobs, "-m", "hpr")
    wait_for_work(tmp_path / "out", process)
    process.send_signal(sent)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert all("a." in name for name in names(tmp_path / "out") if jobs == 1)
    assert not list((tmp_path / "out").glob(".*"))


def test_a_killed_run_leaves_nothing_that_looks_finished(song, run, tmp_path):
    path = song("a.wav", 90.0)
    process = start("separate", path, "-m", "hpr")
    wait_for_work(tmp_path, process)
    process.kill()
    process.communicate()
    assert [name for name in names(tmp_path) if not name.startswith(".")] == ["a.wav"]


def test_nothing_is_asked_of_the_network(song, tmp_path):
    code = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event.startswith('socket.'): raise SystemExit(f'asked for {event}')\n"
        "sys.addaudithook(hook)\n"
        "from ticktone.cli import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "separate", song("a.wav", 0.5)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_terminal_gets_a_progress_bar(song, tmp_path):
    import pty

    path = song("a.wav", 20.0)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ticktone", "separate", path],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # which reading a closed terminal gives
        while chunk := os.read(ours, 4096):
            seen += chunk
    assert process.wait() == 0
    assert b"a.wav" in seen
    assert b"%" in seen
