"""What must not harm the server."""

import os
import re
import select
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile

from tests.page.conftest import running, serving
from tests.support.files import names
from tests.support.patience import PATIENCE, wait_until
from ticktone.page import upload
from ticktone.system import SYSTEM

pytestmark = pytest.mark.slow  # nearly all of it starts processes


@pytest.fixture
def small(tmp_path):
    """Run a server that takes in one song, lets two wait, and files up to 2 MB."""
    place = tmp_path / "server"
    place.mkdir()
    with running(place, queue=2, upload=2_000_000, duration=100.0, kept=2, keep=600.0) as site:
        yield site


def memory(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def test_twenty_at_once(small, song):
    path = song("a.wav", 1.0)
    first = small.send_song(path).json()
    os.kill(small.songs._working[first["id"]]._process.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: small.send_song(path), range(20)))
    taken = [answer for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert (len(taken), len(refused)) == (2, 18)
    assert all("busy: 1 at work and 2 waiting" in answer.json()["error"] for answer in refused)
    assert {answer.headers["retry-after"] for answer in refused} == {"10"}
    assert {answer.json()["ahead"] for answer in taken} == {0, 1}
    small.delete(f"/api/songs/{first['id']}")
    for answer in taken:
        assert small.wait(answer)["state"] == "done"


def test_an_upload_that_breaks_off_leaves_nothing(small):
    with socket.create_connection(small.songs_address) as client:
        client.sendall(
            b"POST /api/songs?name=a.wav HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 1000000\r\n\r\nRIFF" + bytes(50_000)
        )
        wait_until(lambda: names(small.songs.folder))
    wait_until(lambda: not names(small.songs.folder))
    load = small.get("/api").json()["load"]
    assert load == {"working": 0, "waiting": 0, "room": 3}


def test_an_upload_that_stalls_is_given_up(small, monkeypatch):
    monkeypatch.setattr(upload, "_PATIENCE", 0.3)
    with socket.create_connection(small.songs_address) as client:
        client.sendall(
            b"POST /api/songs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nRIFF"
        )
        assert b"408" in client.recv(100)
    assert names(small.songs.folder) == []


def refusal(client):
    """Read as much of an answer as holds its error."""
    answer = b""
    while b"}" not in answer:
        piece = client.recv(10_000)
        assert piece, answer
        answer += piece
    return answer


def test_a_large_upload_is_refused_before_it_is_sent(small):
    with socket.create_connection(small.songs_address) as client:
        client.sendall(
            b"POST /api/songs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000000\r\n\r\n"
        )
        answer = refusal(client)
    assert b" 413 " in answer
    assert b"larger than the 2 MB" in answer
    assert names(small.songs.folder) == []


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        (b"Content-Length: 2000000000", bytes(100_000)),
        (b"Transfer-Encoding: chunked", b"186a0\r\n" + bytes(100_000) + b"\r\n"),
    ],
)
def test_two_gigabytes_against_a_small_limit(tmp_path, header, piece):
    how = {"env": {**os.environ, "TMPDIR": str(tmp_path)}}
    with serving("--max-upload", 1, **how) as (address, process):
        before = memory(process.pid)
        url = httpx.URL(address)
        with socket.create_connection((url.host, url.port)) as client:
            client.sendall(
                b"POST /api/songs HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n"
            )
            sent = 0
            while sent < 2_000_000_000 and not select.select([client], [], [], 0)[0]:
                client.sendall(piece)
                sent += len(piece)
            assert b"larger than the 1 MB" in refusal(client)
        assert sent < 200_000_000
        wait_until(lambda: httpx.get(f"{address}/api").json()["load"]["waiting"] == 0)
        assert names(tmp_path) == []
        assert memory(process.pid) < before + 10  # MB


def test_a_song_that_is_too_long_is_refused(small, song):
    path = song("a.wav", 101.0, 8000, 1)
    sent = small.wait(small.send_song(path))
    assert sent["error"].startswith("a.wav: is longer than the 1:40 that this page takes")


@pytest.mark.parametrize("tells", [True, False])
def test_ten_hours_of_silence_in_some_kilobytes(small, tmp_path, tells):
    path = tmp_path / "silence.flac"
    soundfile.write(path, np.zeros(36_000_000, np.int16), 1000, "PCM_16")
    content = bytearray(path.read_bytes())
    assert len(content) < 150_000
    if not tells:  # how many samples there are: 36 bits of the first block
        content[21] &= 0xF0
        content[22:26] = bytes(4)
        path.write_bytes(content)
    sent = small.wait(small.send_song(path))
    assert "is longer than the 1:40 that this page takes" in sent["error"]
    assert [Path(name).name for name in names(small.songs.folder)] == ["song.flac"]
    excerpt = small.wait(small.send_song(path, start=0, end=20))
    assert (excerpt["state"], excerpt["seconds"]) == ("done", 20.0)


def test_a_song_of_too_many_samples_is_refused(tmp_path, song):
    """Which a short upload of silence in many channels can hold."""
    with running(tmp_path, duration=1.0) as site:
        path = song("a.flac", 0.9, 96_000, 3)
        sent = site.wait(site.send_song(path))
        assert sent["error"].startswith("a.flac: holds more samples than 0:01 of stereo at 96 kHz")
        assert site.wait(site.send_song(song("b.flac", 0.9, 48_000, 4)))["state"] == "done"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../../tmp/evil.wav", "evil.wav"),
        ("..\\..\\evil.wav", "evil.wav"),
        ("/etc/passwd", "passwd"),
        ("..", ".."),
        ("a\0b\r\nSet-Cookie: c.wav", "abSet-Cookie: c.wav"),
        ("", "song"),
        ("歌 ♪ \"'<b>.wav", "歌 ♪ \"'<b>.wav"),
        ("x" * 5000 + ".wav", "x" * 196 + ".wav"),
    ],
)
def test_names_are_never_paths(small, song, tmp_path, name, shown):
    before = names(tmp_path)
    path = song("a.wav", 0.2)
    sent = small.wait(small.send_song(path, name=name))
    assert sent["state"] == "done"
    assert sent["name"] == shown
    inside = {Path(found).name for found in names(small.songs.folder)}
    assert inside <= {
        *("song", "song.wav", "song.harmonic.wav", "song.percussive.wav"),
        *("harmonic.f4", "percussive.f4"),
        *(f"{part}.spectrogram" for part in ("mixture", "harmonic", "percussive")),
    }
    answer = small.get(f"/api/songs/{sent['id']}/parts/harmonic")
    assert re.fullmatch(
        r"attachment; filename\*=UTF-8''[\w.%~-]+", answer.headers["content-disposition"]
    )
    assert set(names(tmp_path)) - set(before) <= {
        "a.wav",
        *(f"server/{found}" for found in names(small.songs.folder)),
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("song.mp3", b"this is no sound at all\n" * 50),
        ("empty.wav", b""),
        ("cut.flac", b"fLaC\x00\x00\x00\x22" + bytes(20)),
        ("list.m3u", b"#EXTM3U\n/etc/passwd\n"),
        ("page.html", b"<script>alert(1)</script>"),
    ],
)
def test_bad_files_get_the_command_lines_reasons(small, run, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    sent = small.wait(small.send_song(path))
    assert sent["state"] == "failed"
    assert run("separate", name, cwd=tmp_path).stderr.strip() == f"ticktone: {sent['error']}"


def test_content_counts_and_not_the_name(small, song, tmp_path):
    path = song("a.wav", 0.3)
    sent = small.wait(small.send_song(path, name="a.mp3"))
    assert [part["file"] for part in sent["result"]["parts"]] == [
        "a.harmonic.wav",
        "a.percussive.wav",
    ]


def test_only_so_many_finished_songs_are_kept(small, song):
    path = song("a.wav", 0.1)
    ids = [small.wait(small.send_song(path))["id"] for _ in range(4)]
    assert [small.get(f"/api/songs/{id}").status_code for id in ids] == [404, 404, 200, 200]


def test_finished_songs_are_forgotten_after_a_while(tmp_path, song):
    with running(tmp_path, keep=0.6) as site:
        sent = site.send_song(song("a.wav", 0.1)).json()
        assert (tmp_path / sent["id"]).exists()
        wait_until(lambda: site.songs.get(sent["id"]) is None)
        wait_until(lambda: not (tmp_path / sent["id"]).exists())


def test_a_process_that_dies_is_told_and_the_next_song_done(small, song):
    first = small.send_song(song("a.wav", 90.0, 8000, 1), method="hpr").json()
    small.until(first["id"], "working")
    small.songs._working[first["id"]]._process.kill()
    failed = small.until(first["id"], "failed")
    assert failed["error"].startswith("a.wav: its process died")
    assert small.wait(small.send_song(song("b.wav", 0.1)))["state"] == "done"


def test_a_killed_server_leaves_what_the_next_one_removes(long_song, tmp_path):
    how = {"env": {**os.environ, "TMPDIR": str(tmp_path)}}
    content = long_song.read_bytes()
    with serving("-m", "hpr", **how) as (address, process):
        httpx.post(f"{address}/api/songs", content=content)
        (place,) = tmp_path.glob(".ticktone.*")
        wait_until(lambda: list(place.glob("*/.ticktone.*.part")))
        workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.wait()
        wait_until(lambda: not any(is_at_work(worker) for worker in workers))
    assert place.exists()
    with serving(**how):
        assert not place.exists()
        assert len(list(tmp_path.glob(".ticktone.*"))) == 1
    assert list(tmp_path.glob(".ticktone.*")) == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, *SYSTEM.window_closed])
def test_a_server_that_is_ended_at_work_leaves_nothing(long_song, tmp_path, sent):
    how = {
        "env": {**os.environ, "TMPDIR": str(tmp_path)},
        "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        "stderr": subprocess.PIPE,
    }
    content = long_song.read_bytes()
    with serving("-m", "hpr", **how) as (address, process):
        id = httpx.post(f"{address}/api/songs", content=content).json()["id"]
        with httpx.stream("GET", f"{address}/api/songs/{id}/events", timeout=PATIENCE) as events:
            lines = events.iter_lines()
            next(lines)
            process.send_signal(sent)
            assert '"deleted"' in "".join(lines)
        errors = process.communicate(timeout=PATIENCE)[1]
        assert "Traceback" not in errors
    assert list(tmp_path.glob(".ticktone.*")) == []


def test_memory_does_not_grow(song):
    content = song("a.wav", 20.0).read_bytes()  # 3.5 MB
    with serving("-m", "median", "--kept", 2) as (address, process), httpx.Client() as client:

        def once():
            id = client.post(f"{address}/api/songs", content=content).json()["id"]
            here = f"{address}/api/songs/{id}"
            wait_until(lambda: client.get(here).json()["state"] == "done")
            client.get(f"{here}/remix?harmonic=-3")
            client.get(f"{here}/parts/harmonic/samples")

        once()
        before = memory(process.pid)
        for _ in range(2):
            once()
        assert memory(process.pid) < before + 3  # MB, less than one song


def is_at_work(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
