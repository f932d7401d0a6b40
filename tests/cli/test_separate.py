"""`ticktone separate`, as a user runs it."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import ticktone
from tests.support.files import names, read
from ticktone.methods import DEFAULT


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
@pytest.mark.parametrize(
    ("rate", "channels"),
    [(44_100, 2), *(pytest.param(rate, 1, marks=pytest.mark.slow) for rate in (8000, 48_000))],
)
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
    assert good["method"] == DEFAULT
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


@pytest.mark.slow
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
    for how in (
        [],
        ["-O", "one_mask=true"],
        ["-m", "median"],
        ["-m", "median", "-O", "power=1"],
        ["-m", "hpr", "-O", "residual=false"],
    ):
        assert run("separate", path, "-o", tmp_path / "out", "--overwrite", *how).returncode == 0
        assert len(names(tmp_path / "out")) == 2
        results.append((tmp_path / "out" / "a.percussive.wav").read_bytes())
    assert len(set(results)) == 5


def test_the_phase_changes_the_result_and_parts_still_sum(song, run, tmp_path):
    path = song("a.wav", 0.5)
    results = []
    for how in ([], ["--phase", "mixture"], ["--phase", "pu-hpss"]):
        done = run("separate", path, "-m", "median", "-o", tmp_path / "out", "--overwrite", *how)
        assert done.returncode == 0, done.stderr
        parts = [read(tmp_path / "out" / f"a.{part}.wav") for part in ("harmonic", "percussive")]
        assert np.array_equal(sum(parts), read(path))
        results.append(parts[1])
    assert np.array_equal(results[0], results[1])
    assert abs(results[0] - results[2]).max() > 1e-3


def test_without_complement_the_estimates_are_written_as_they_are(song, run, tmp_path):
    path = song("a.wav", 0.5, subtype="FLOAT")
    how = ("--phase", "pu-hpss", "--no-complement")
    assert run("separate", path, "-m", "median", *how).returncode == 0
    audio = soundfile.read(path, dtype="float32")[0].T
    raw = ticktone.separate(audio, 44_100, "median", phase="pu-hpss", complement=False)
    for name, part in raw._asdict().items():
        assert np.array_equal(read(tmp_path / f"a.{name}.wav"), part)
    assert abs(sum(raw) - audio).max() > 1e-3


def test_the_same_input_gives_the_same_bytes_whatever_the_threads(song, run, tmp_path):
    path = song("a.flac", 1.0)
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


@pytest.mark.slow
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
