"""Songs on several machines: two nodes of a Ray cluster, here, one of which is lost."""

import json
import os
import pickle
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from tests.support.files import names, read
from tests.support.patience import PATIENCE, wait_until
from tests.support.sounds import music
from ticktone.archive.discover import find_tasks
from ticktone.archive.job import Job
from ticktone.archive.local import run_tasks
from ticktone.archive.manifest import read_manifest
from ticktone.archive.on_ray import ATTEMPTS, _Actor, _Attempts
from ticktone.archive.target import Target

ENVIRONMENT = {
    **os.environ,
    "RAY_USAGE_STATS_ENABLED": "0",
    # For a machine that has much else to do:
    "RAY_raylet_start_wait_time_s": "90",
    "RAY_agent_register_timeout_ms": "300000",
    "RAY_worker_niceness": "0",
    "OMP_NUM_THREADS": "1",
}
AGAIN = """
import sys
from collections import Counter

import ticktone

folder, output, manifest, address = sys.argv[1:]
results = ticktone.separate_files(
    [folder], output, "hpr", manifest=manifest, engine="ray", address=address
)
print(sorted(Counter(result.status for result in results).items()))
"""


@pytest.fixture
def cluster():
    """Give a cluster's process, its address and its folder."""
    for _ in range(3):  # as Ray has little patience with itself
        process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("two_nodes.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        if where := process.stdout.readline().split():
            break
        process.communicate()
    yield process, *where
    if process.poll() is None:
        process.communicate(timeout=600)


def write_songs(folder):
    """Write 45 short songs in six formats, of the same names in nine folders, and 5 bad ones."""
    kinds = {
        "a.wav": {"subtype": "PCM_16"},
        "b.wav": {"subtype": "PCM_24"},
        "c.flac": {},
        "d.ogg": {},
        "e.mp3": {},
    }
    for disc in range(9):
        for number, (name, how) in enumerate(kinds.items()):
            path = folder / f"disc {disc}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            audio = music(1 + disc / 10 + number / 50, 22_050, 1 + disc % 2)
            soundfile.write(path, audio.T, 22_050, **how)
    bad = folder / "bad"
    bad.mkdir()
    (bad / "text.wav").write_text("once upon a time")
    (bad / "empty.mp3").write_bytes(b"")
    soundfile.write(bad / "none.wav", np.zeros((0, 1)), 22_050)
    soundfile.write(bad / "nan.wav", np.full(9000, np.nan), 22_050, subtype="FLOAT")
    whole = (folder / "disc 0" / "c.flac").read_bytes()
    (bad / "half.flac").write_bytes(whole[: len(whole) // 2])


def test_a_node_is_lost_and_every_good_file_is_done_once(cluster, tmp_path):
    process, address, session = cluster
    songs, output, manifest = (
        tmp_path / "in",
        tmp_path / "out",
        tmp_path / "out" / "manifest.parquet",
    )
    write_songs(songs)
    run = subprocess.Popen(
        [
            *(sys.executable, "-m", "ticktone", "separate", songs, "-o", output, "-m", "hpr"),
            *("--engine", "ray", "--address", address, "--json"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    told = [json.loads(run.stdout.readline()) for _ in range(12)]
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "lost\n"
    rest, errors = run.communicate(timeout=600)
    assert run.returncode == 1, errors
    told += map(json.loads, rest.splitlines())

    assert Counter(result["status"] for result in told) == {"done": 45, "failed": 5}, errors
    rows = read_manifest(manifest).to_pylist()
    assert len(rows) == len({row["source"] for row in rows}) == 50
    failed = {Path(row["source"]): row["error"] for row in rows if row["status"] == "failed"}
    assert set(failed) == set((songs / "bad").iterdir())
    assert "is not a sound file" in failed[songs / "bad" / "text.wav"]
    ours = [line for line in errors.splitlines() if line.startswith("ticktone: ")]
    assert len(ours) == 5  # of the machine that it lost, Ray itself tells
    assert "Traceback" not in errors

    tasks, _ = find_tasks([songs], Target(tmp_path / "alone"), ["harmonic", "percussive"])
    alone = list(run_tasks(Job(Target(), "hpr"), tasks))
    assert sum(result.status == "done" for result in alone) == 45
    written = [name for name in names(output) if not name.startswith("manifest.parquet")]
    written = [name for name in written if not Path(name).name.startswith(".ticktone")]
    assert written == names(tmp_path / "alone")
    assert len(written) == 3 * 45
    for name in written:
        assert np.array_equal(read(output / name), read(tmp_path / "alone" / name)), name

    again = subprocess.run(
        [sys.executable, "-c", AGAIN, songs, output, manifest, address],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=600,
    )
    assert again.stdout == "[('failed', 5), ('skipped', 45)]\n", again.stderr
    assert read_manifest(manifest).num_rows == 55

    process.communicate(timeout=PATIENCE)  # which closes its standard input, and so ends it
    wait_until(lambda: processes_of(session) == [], 0.2)


def processes_of(session):
    """List the processes that name a session's folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if session in path.read_text():
                found.append(path.parent.name)
        except OSError:  # it has just ended
            pass
    return found


def test_what_ends_its_worker_every_time_is_given_up(song, monkeypatch):
    (task,), _ = find_tasks([song("a.wav", 0.1)], Target(), ["harmonic"])
    counter = _Attempts()
    handle = SimpleNamespace(begin=SimpleNamespace(remote=counter.begin))
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(get=lambda count: count))
    actor = _Actor(Job(Target(), "hpr"), handle)
    row = {"task": pickle.dumps(task)}
    for _ in range(ATTEMPTS):
        counter.begin(str(task.source))
    result = pickle.loads(actor(row)["result"])
    assert result.status == "failed"
    assert "its process died or was lost 3 times" in result.error
    counter.counts.clear()
    assert pickle.loads(actor(row)["result"]).status == "done"
