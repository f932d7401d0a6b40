"""Manifests and URIs, without Ray."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from typer.testing import CliRunner

import ticktone
from tests.support.files import names, read
from ticktone.archive.discover import find_tasks
from ticktone.archive.job import Job, Task
from ticktone.archive.local import run_tasks
from ticktone.archive.manifest import Manifest, read_manifest, recorded
from ticktone.archive.one_file import write_separation
from ticktone.archive.result import FileResult
from ticktone.archive.target import Target
from ticktone.cli.commands import app
from ticktone.errors import TicktoneError
from ticktone.storage.location import Uri, location

COLUMNS = {
    *("source", "outputs", "status", "error", "method", "version"),
    *("sample_rate", "channels", "duration", "elapsed", "overs", "peaks", "notes"),
}


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def store():
    """Give a folder in fsspec's memory, empty at first."""
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield memory
    memory.store.clear()


def separate(*arguments):
    return CliRunner().invoke(app, ["separate", *map(str, arguments), "-m", "hpr"])


def records(folder):
    return read_manifest(location(folder)).to_pylist()


def test_a_manifest_says_what_became_of_each_file(song, tmp_path):
    path, bad = song("in/a.flac", 0.2), tmp_path / "in" / "b.wav"
    bad.write_text("text")
    done = separate(tmp_path / "in", tmp_path / "no", "--manifest", tmp_path / "m", "--json")
    assert done.exit_code == 1
    rows = {Path(row["source"]).name: row for row in records(tmp_path / "m")}
    assert rows["a.flac"].keys() == COLUMNS
    printed = json.loads(done.stdout.splitlines()[0])
    good = rows["a.flac"]
    assert good["source"] == str(path)
    assert dict(good["outputs"])["harmonic"] == str(path.with_name("a.harmonic.flac"))
    assert (good["status"], good["error"], good["method"]) == ("done", None, "hpr")
    assert (good["duration"], good["sample_rate"], good["channels"]) == (0.2, 44_100, 2)
    assert good["version"] == ticktone.__version__
    assert dict(good["peaks"]) == pytest.approx(printed["peaks"], abs=1e-6)
    assert "is not a sound file" in rows["b.wav"]["error"]
    assert "no such file" in rows["no"]["error"]
    assert {rows[name]["status"] for name in ("b.wav", "no")} == {"failed"}


def test_what_a_manifest_has_is_not_done_again(song, tmp_path):
    path, bad = song("in/a.wav", 0.1), tmp_path / "in" / "b.wav"
    bad.write_text("text")
    arguments = (tmp_path / "in", "--manifest", tmp_path / "m")
    assert separate(*arguments).exit_code == 1
    part = path.with_name("a.harmonic.wav")
    part.unlink()
    song("in/b.wav", 0.1)
    done = separate(*arguments)
    assert done.exit_code == 0
    assert "1 done, 1 skipped" in done.stdout
    assert not part.exists()
    rows = records(tmp_path / "m")
    assert [(Path(row["source"]).name, row["status"]) for row in rows] == [
        *(("a.wav", "done"), ("b.wav", "failed"), ("b.wav", "done"))
    ]


def test_a_manifest_is_one_jobs(song, tmp_path):
    path = song("a.wav", 0.1)
    assert separate(path, "--manifest", tmp_path / "m").exit_code == 0
    for change, reason in (
        (["-O", "beta=3"], "is of a run with options {}, not {'beta': 3}"),
        (["-o", tmp_path / "out"], "is of a run with output None"),
        (["--format", "flac"], "is of a run with format"),
    ):
        done = separate(path, "--manifest", tmp_path / "m", *change)
        assert done.exit_code == 1
        assert reason in done.stderr
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("text")
    for no_manifest in ("text", "a.wav"):
        done = separate(path, "--manifest", tmp_path / no_manifest)
        assert done.exit_code == 1
        assert "cannot be read as a manifest" in done.stderr


def test_older_results_are_kept_and_those_of_a_killed_attempt_replaced(song, tmp_path):
    path, manifest = song("a.wav", 0.1), tmp_path / "m"
    part = tmp_path / "a.harmonic.wav"
    part.write_bytes(b"mine")
    done = separate(path, "--manifest", manifest)
    assert done.exit_code == 1
    assert "a.harmonic.wav exists; use --overwrite or --skip-existing" in done.stderr
    part.write_bytes(b"left by an attempt since")
    assert separate(path, "--manifest", manifest).exit_code == 0
    assert np.array_equal(read(part) + sum(map(read, tmp_path.glob("a.[pr]*.wav"))), read(path))


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_run_goes_on_where_it_was(song, tmp_path, jobs):
    for number in range(6):
        song(f"in/{number}.wav", 4.0)
    arguments = ["separate", "in", "-o", "out", "-m", "hpr", "-j", str(jobs), "--manifest", "m"]
    command = [sys.executable, "-m", "ticktone", *arguments, "--json"]
    first = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    told = [json.loads(first.stdout.readline()) for _ in range(2)]
    first.kill()
    first.stdout.close()
    first.wait()
    before = {Path(row["source"]).name for row in records(tmp_path / "m")}
    assert Path(told[0]["source"]).name in before
    second = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
    statuses = [json.loads(line)["status"] for line in second.stdout.splitlines()]
    assert statuses.count("skipped") == len(before)
    done = [Path(row["source"]).name for row in records(tmp_path / "m")]
    assert sorted(done) == [f"{number}.wav" for number in range(6)]
    visible = [name for name in names(tmp_path / "out") if not name.startswith(".")]
    assert len(visible) == 18


def test_results_on_their_way_are_written_when_a_run_ends_early(tmp_path):
    job = Job(Target(), "hpr")
    tasks = [Task(tmp_path / f"{number}.wav", Target()) for number in range(5)]

    def run(tasks):
        yield from (FileResult(str(task.source)) for task in tasks)

    results: Any = recorded(Manifest(tmp_path / "m", job), tasks, [], run)
    for _ in range(3):
        next(results)
    results.close()
    assert len(records(tmp_path / "m")) == 3
    assert len(list((tmp_path / "m").iterdir())) == 2  # what it is, and one file of results


def test_many_results_fill_several_files(tmp_path, monkeypatch):
    monkeypatch.setattr("ticktone.archive.manifest._ROWS", 10)
    manifest = Manifest(tmp_path / "m", Job(Target(), "hpr"))
    for number in range(25):
        manifest.add(FileResult(f"{number}.wav", {"harmonic": "x.wav"}))
    manifest.close()
    assert len(records(tmp_path / "m")) == 25
    assert len(list((tmp_path / "m").iterdir())) == 1 + 3
    again = Manifest(tmp_path / "m", Job(Target(), "hpr"))
    assert again.outputs(Path("24.wav")) == {"harmonic": f"{Path('x.wav').resolve()}"}
    assert again.outputs(Path("25.wav")) is None


def test_uris_are_read_and_written(song, tmp_path, store):
    paths = {"disc 1/a%20#1.wav": "a.wav", "disc 2/a%20#1.wav": "b.wav", "disc 2/c.flac": "c.flac"}
    for number, (key, name) in enumerate(paths.items()):
        store.pipe(f"/music/{key}", song(name, 0.2 + number / 10).read_bytes())
    store.pipe("/music/disc 1/bad.wav", b"text")
    store.pipe("/music/.git/hidden.wav", b"text")
    options = ("-o", "memory://parts/mine", "--manifest", "memory://parts/m")
    done = separate("memory://music", *options)
    assert done.exit_code == 1
    assert "memory://music/disc 1/bad.wav: is not a sound file" in done.stderr
    assert "3 done, 1 failed" in done.stdout
    written = [f"/parts/mine/{key}" for key in paths]
    for path, name in zip(written, paths.values(), strict=True):
        stem, extension = path.rsplit(".", 1)
        local = tmp_path / f"got.{extension}"
        parts = []
        for part in ("harmonic", "percussive", "residual"):
            local.write_bytes(store.cat(f"{stem}.{part}.{extension}"))
            parts.append(read(local))
        assert np.array_equal(sum(parts), read(tmp_path / name))
    assert not [path for path in store.find("/") if path.endswith(".part")]
    again = separate("memory://music", *options)
    assert "3 skipped, 1 failed" in again.stdout
    rows = records("memory://parts/m")
    assert rows[1]["source"].startswith("memory://music/")
    assert len(rows) == 5


def test_songs_of_one_name_named_by_uris_do_not_collide(song, store):
    sound = song("a.wav", 0.1).read_bytes()
    uris = [f"memory://music/{disc}/a.wav" for disc in (1, 2)]
    for uri in uris:
        store.pipe(uri.removeprefix("memory:/"), sound)
    assert separate(*uris, "-o", "memory://parts").exit_code == 0
    assert store.exists("/parts/music/1/a.harmonic.wav")
    assert store.exists("/parts/music/2/a.harmonic.wav")


def test_existing_results_elsewhere_are_kept_skipped_or_replaced(song, store):
    store.pipe("/music/a.wav", song("a.wav", 0.1).read_bytes())
    uri, part = "memory://music/a.wav", "/music/a.harmonic.wav"
    assert separate(uri).exit_code == 0
    store.pipe(part, b"mine")
    refused = separate(uri)
    assert "memory://music/a.harmonic.wav exists; use --overwrite" in refused.stderr
    assert "1 skipped" in separate(uri, uri + "x", "--skip-existing").stdout
    assert store.cat(part) == b"mine"
    assert separate(uri, "--overwrite").exit_code == 0
    assert store.cat(part) != b"mine"


def test_what_fails_on_its_way_leaves_nothing(song, store, monkeypatch):
    store.pipe("/music/a.wav", song("a.wav", 0.1).read_bytes())

    def fail(*_, **__):
        raise OSError("the line is down")

    monkeypatch.setattr(type(store), "mv", fail)
    done = separate("memory://music/a.wav")
    assert done.exit_code == 1
    assert done.stderr == (
        "ticktone: memory://music/a.harmonic.wav: cannot be reached: the line is down\n"
    )
    assert store.find("/music") == ["/music/a.wav"]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("memory://music/none.wav", "no such file; check the spelling"),
        ("nosuch://music/a.wav", "cannot be reached: Protocol not known: nosuch"),
        ("memory://music", "no such file; check the spelling"),
    ],
)
def test_uris_that_lead_nowhere(store, uri, reason):
    done = separate(uri)
    assert done.exit_code == 1
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_a_uri_is():
    assert location("a/b.wav") == Path("a/b.wav")
    assert location("file:///a/b c.wav") == Path("/a/b c.wav")
    uri = location("s3://bucket/a b/c#1.flac")
    assert isinstance(uri, Uri)
    assert str(uri) == "s3://bucket/a b/c#1.flac"
    assert str(uri.parent / "d.wav") == "s3://bucket/a b/d.wav"
    assert (uri.stem, uri.suffix, uri.name) == ("c#1", ".flac", "c#1.flac")


def test_files_named_by_file_uris_keep_their_whole_path(song, tmp_path):
    uris = [f"file://{song(f'{disc}/a.wav', 0.1)}" for disc in (1, 2)]
    tasks, failures = find_tasks(uris, Target(tmp_path / "out"), ["harmonic"])
    assert not failures
    outputs = [task.target.path(task.source, "harmonic", "wav") for task in tasks]
    assert outputs == [tmp_path / f"out{tmp_path}/{disc}/a.harmonic.wav" for disc in (1, 2)]


def test_without_pyarrow(song, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.fs", None)
    path = song("a.wav", 0.1)
    for arguments in ((path, "--manifest", "m"), ("s3://bucket/a.wav",)):
        done = separate(*arguments)
        assert done.exit_code == 1
        assert "pip install 'ticktone[archive]'" in done.stderr
    assert separate(path).exit_code == 0


def test_an_internal_error_costs_one_file_only(song, monkeypatch, caplog):
    tasks, _ = find_tasks([song("a.wav", 0.1), song("b.wav", 0.1)], Target(), ["harmonic"])
    monkeypatch.setattr("ticktone.archive.job.write_separation", broken_for_a)
    results = list(run_tasks(Job(Target(), "hpr"), tasks))
    assert [result.status for result in results] == ["failed", "done"]
    assert (
        "internal error (ZeroDivisionError: division by zero); please report it" in results[0].error
    )
    assert "Traceback" in caplog.text


def broken_for_a(separator, source, *rest):
    return write_separation(separator, source, *rest) if source.stem != "a" else 1 / 0


def test_engines(song, tmp_path):
    path = song("a.wav", 0.1)
    for arguments, reason in (
        (["--engine", "rya"], "unknown engine 'rya'; did you mean ray?"),
        (["--address", "auto"], "--address is a Ray cluster's; add --engine ray"),
        (["--engine", "ray"], "--engine ray needs a --manifest, or an --output to put it in"),
    ):
        done = separate(path, *arguments)
        assert done.exit_code == 1
        assert done.stderr == f"ticktone: {reason}\n"
    assert names(tmp_path) == ["a.wav"]


@pytest.mark.slow
def test_loading_the_command_line_loads_neither_ray_nor_pyarrow():
    code = "import sys, ticktone.cli.commands, ticktone.archive.on_ray; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert not {"ray", "pyarrow", "fsspec"} & set(loaded)


def test_a_refusal_raises_nothing_but_our_error(tmp_path):
    (tmp_path / "m").write_text("text")
    with pytest.raises(TicktoneError, match="cannot be read as a manifest"):
        Manifest(tmp_path / "m", Job(Target(), "hpr"))
    assert os.listdir(tmp_path) == ["m"]  # noqa: PTH208


@pytest.mark.parametrize("said", [b"{bad", b"[]", b"{}", b'{"job": {}, "since": "x"}'])
def test_a_damaged_manifest_costs_one_line(song, tmp_path, said):
    import pyarrow.parquet

    path = song("a.wav", 0.1)
    assert separate(path, "--manifest", tmp_path / "m").exit_code == 0
    file, *others = (tmp_path / "m").iterdir()
    for other in others:
        other.unlink()
    table = pyarrow.parquet.read_table(file)
    for damaged in (
        table.replace_schema_metadata({b"ticktone": said}),
        table.drop_columns(["outputs"]),
    ):
        pyarrow.parquet.write_table(damaged, file)
        done = separate(path, "--manifest", tmp_path / "m")
        assert done.exit_code == 1
        assert "is a damaged manifest" in done.stderr
