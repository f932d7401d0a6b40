"""What a script can do: send, follow, fetch, delete."""

import json
import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import mutagen
import numpy as np
import pytest
import soundfile
from jsonschema import Draft202012Validator
from mutagen.id3 import TIT2, TPE1
from openapi_spec_validator import validate

from tests.page.conftest import running
from tests.support.files import names, read
from tests.support.patience import wait_until
from ticktone.audio.tag_reading import read_tags

pytestmark = pytest.mark.slow  # nearly all of it starts processes


@pytest.mark.parametrize("method", ["median", "hpr"])
@pytest.mark.parametrize(("name", "kind"), [("a.WAV", "WAV"), ("a.aif", "AIFF"), ("a", "FLAC")])
def test_parts_are_the_command_lines(site, song, run, tmp_path, method, name, kind):
    path = song(name, 1.0, format=kind)
    run("separate", path, "-m", method)
    sent = site.wait(site.send_song(path, method=method))
    assert sent["state"] == "done"
    for part in sent["result"]["parts"]:
        answer = site.get(f"/api/songs/{sent['id']}/parts/{part['name']}")
        assert answer.content == (tmp_path / part["file"]).read_bytes()
        assert answer.headers["content-disposition"].endswith(f"''{part['file']}")


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_32", "FLOAT", "DOUBLE"])
def test_a_remix_is_the_command_lines(site, song, run, tmp_path, subtype):
    path = song("a.wav", 1.0, subtype=subtype)
    levels = {"harmonic": "-6", "percussive": "3.5", "residual": "-inf"}
    run("remix", path, "-m", "hpr", *(f"--{part}={level}" for part, level in levels.items()))
    sent = site.wait(site.send_song(path, method="hpr"))
    answer = site.get(f"/api/songs/{sent['id']}/remix", params=levels)
    theirs = (tmp_path / "a.remix.wav").read_bytes()
    # with floating point comes a chunk that tells the second in which it was written
    start = theirs.index(b"data") if subtype in ("FLOAT", "DOUBLE") else 0
    assert answer.content[start:] == theirs[start:]
    assert sent["result"]["remix"] == "a.remix.wav"


def test_a_remix_tells_what_it_had_to_limit(site, song):
    sent = site.wait(site.send_song(song("a.wav", 0.5)))
    answer = site.get(f"/api/songs/{sent['id']}/remix", params={"harmonic": 24})
    assert int(answer.headers["ticktone-limited"]) > 0
    assert float(answer.headers["ticktone-peak"]) > 1


@pytest.mark.parametrize(
    ("format", "bitrate", "kind"), [("flac", None, "FLAC"), ("mp3", 320, "MP3"), ("mp3", 96, "MP3")]
)
def test_a_remix_in_another_format(site, song, tmp_path, format, bitrate, kind):
    sent = site.wait(site.send_song(song("a.wav", 2.0)))
    how = {"format": format, **({"bitrate": bitrate} if bitrate else {})}
    answer = site.get(f"/api/songs/{sent['id']}/remix", params=how)
    assert answer.headers["content-disposition"].endswith(f"a.remix.{format}")
    path = tmp_path / f"mix.{format}"
    path.write_bytes(answer.content)
    assert soundfile.info(path).format == kind
    if bitrate:
        assert abs(len(answer.content) * 8 / 2000 - bitrate) < 0.2 * bitrate


def test_an_excerpt_has_no_clicks_at_its_ends(site, song, tmp_path):
    path = song("a.wav", 2.0, subtype="FLOAT")
    sent = site.wait(site.send_song(path))
    here = f"/api/songs/{sent['id']}/remix"
    (tmp_path / "b.wav").write_bytes(site.get(here, params={"start": 0.5, "end": 1.25}).content)
    heard, whole = read(tmp_path / "b.wav"), read(path)[:, 22_050:55_125]
    assert heard.shape == whole.shape
    assert np.array_equal(heard[:, [0, -1]], np.zeros((2, 2)))
    settled = slice(221, -221)
    np.testing.assert_allclose(heard[:, settled], whole[:, settled], atol=1e-6)
    for wrong in ({"start": 3, "end": 4}, {"start": 2, "end": 1}, {"end": "x"}, {"start": "nan"}):
        assert site.get(here, params=wrong).status_code == 400


@pytest.mark.parametrize("part", ["harmonic", "percussive"])
def test_a_part_in_another_format_keeps_the_tags(site, song, tmp_path, part):
    path = song("a.mp3", 2.0)
    tagged = mutagen.File(path)
    tagged.add_tags()
    tagged.tags.add(TIT2(text="A song"))
    tagged.tags.add(TPE1(text="An artist"))
    tagged.save()
    sent = site.wait(site.send_song(path))
    here = f"/api/songs/{sent['id']}/parts/{part}"
    for format, bitrate in (("flac", None), ("wav", None), ("mp3", 320)):
        how = {
            "format": format,
            "start": 0.5,
            "end": 1.5,
            **({"bitrate": bitrate} if bitrate else {}),
        }
        answer = site.get(here, params=how)
        assert answer.headers["content-disposition"].endswith(f"''a.{part}.{format}")
        written = tmp_path / f"part.{format}"
        written.write_bytes(answer.content)
        tags = read_tags(written).comments
        assert tags["title"] == [f"A song ({part})"]
        assert tags["artist"] == ["An artist"]
        assert abs(soundfile.info(written).duration - 1.0) < 0.06


def test_an_excerpt_is_split_alone(site, song, run, tmp_path):
    path = song("a.wav", 4.0, subtype="FLOAT")
    whole = read(path)
    cut = whole[:, 44_100:88_200]
    run("separate", path, "-m", "median", "--start", 1, "--end", 2, "-o", tmp_path / "cli")
    sent = site.wait(site.send_song(path, start=1, end=2))
    assert sent["excerpt"] == {"start": 1.0, "end": 2.0}
    assert (sent["duration"], sent["result"]["samples"]) == (1.0, 44_100)
    (tmp_path / "part.wav").write_bytes(
        site.get(f"/api/songs/{sent['id']}/parts/percussive").content
    )
    assert np.array_equal(read(tmp_path / "part.wav"), read(tmp_path / "cli" / "a.percussive.wav"))
    (tmp_path / "mix.wav").write_bytes(site.get(f"/api/songs/{sent['id']}/remix").content)
    np.testing.assert_allclose(read(tmp_path / "mix.wav"), cut, atol=1e-6)
    whole_again = site.wait(site.post(f"/api/songs/{sent['id']}/again"))
    assert (whole_again["excerpt"], whole_again["duration"]) == (None, 4.0)
    beyond = site.wait(site.send_song(path, start=5))
    assert beyond["error"] == "a.wav: is 4.0 s long; nothing begins at 5 s"
    assert site.send_song(path, start=2, end=1).status_code == 400


def test_another_speed_is_that_of_the_command_line(site, song, run, tmp_path):
    path = song("a.wav", 2.0, subtype="FLOAT")
    run("stretch", path, "-m", "median", "--speed", "0.8", "-o", tmp_path / "cli")
    sent = site.wait(site.send_song(path))
    here = f"/api/songs/{sent['id']}"
    played = [
        np.frombuffer(all_samples(site, f"{here}/parts/{part}/samples", speed=0.8), "<f4").reshape(
            -1, 2
        )
        for part in ("harmonic", "percussive")
    ]
    theirs = read(tmp_path / "cli" / "a.stretch.wav")
    assert theirs.shape[1] == len(played[0]) == 110_250
    np.testing.assert_allclose(sum(played).T, theirs, atol=1e-5)
    (tmp_path / "slow.wav").write_bytes(site.get(f"{here}/remix", params={"speed": 0.8}).content)
    np.testing.assert_allclose(read(tmp_path / "slow.wav"), theirs, atol=1e-5)
    loop = {"start": 0.5, "end": 1.0, "speed": 0.5}
    (tmp_path / "loop.wav").write_bytes(site.get(f"{here}/remix", params=loop).content)
    assert read(tmp_path / "loop.wav").shape[1] == 44_100
    assert site.get(f"{here}/parts/harmonic/samples", params={"speed": 9}).status_code == 400
    site.delete(here)
    assert names(site.songs.folder) == []


@pytest.mark.program("ffmpeg")
def test_drums_and_the_rest_as_a_stem_file(site, song, tmp_path):
    sent = site.wait(site.send_song(song("a.wav", 1.0)))
    assert "stems" in site.get("/api").json()["offers"]
    answer = site.get(f"/api/songs/{sent['id']}/stems")
    assert answer.headers["content-disposition"].endswith("''a.stem.mp4")
    (tmp_path / "a.stem.mp4").write_bytes(answer.content)
    asked = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0"]
    streams = subprocess.run([*asked, tmp_path / "a.stem.mp4"], capture_output=True, text=True)
    assert streams.stdout.split() == ["aac"] * 5
    assert b'"Drums"' in answer.content


@pytest.mark.parametrize("gain", ["nan", "inf", "loud", "1e9"])
def test_a_remix_refuses_gains_that_are_none(site, song, gain):
    sent = site.wait(site.send_song(song("a.wav", 0.1)))
    answer = site.get(f"/api/songs/{sent['id']}/remix", params={"harmonic": gain})
    assert answer.status_code == 400
    assert "gain" in answer.json()["error"]


def test_samples_are_those_of_the_parts(site, song, run, tmp_path):
    path = song("a.wav", 0.7, channels=3)
    run("separate", path, "-m", "median")
    sent = site.wait(site.send_song(path))
    result = sent["result"]
    assert (result["sample_rate"], result["channels"]) == (44_100, 3)
    samples = site.get(f"/api/songs/{sent['id']}/parts/harmonic/samples").content
    heard = np.frombuffer(samples, "<f4").reshape(-1, 3)
    assert len(heard) == result["samples"]
    assert np.array_equal(heard.T, read(tmp_path / "a.harmonic.wav"))


def all_samples(site, address, **how):
    """Fetch samples as they come."""
    heard = b""
    while True:
        answer = site.get(address, params={**how, "offset": len(heard)})
        assert answer.status_code == 200, answer.text
        heard += answer.content
        if answer.headers["ticktone-whole"] == "yes":
            return heard
        time.sleep(0.1)


def test_a_song_is_heard_while_it_is_being_split(site, song):
    sent = site.send_song(song("long.wav", 40.0), method="hpr").json()
    here = f"/api/songs/{sent['id']}"
    wait_until(lambda: site.get(here).json()["sound"])
    process = site.songs._working[sent["id"]]._process.pid
    os.kill(process, signal.SIGSTOP)
    first = site.get(f"{here}/parts/percussive/samples")
    assert (first.headers["ticktone-whole"], site.get(here).json()["state"]) == ("no", "working")
    assert len(first.content) > 0
    os.kill(process, signal.SIGCONT)
    heard = all_samples(site, f"{here}/parts/percussive/samples")
    assert site.until(sent["id"], "done", "failed")["state"] == "done"
    assert heard.startswith(first.content)
    assert heard == site.get(f"{here}/parts/percussive/samples").content
    assert len(heard) == 40 * 44_100 * 2 * 4
    for wrong in ("-1", "x", "²"):
        answer = site.get(f"{here}/parts/percussive/samples", params={"offset": wrong})
        assert answer.status_code == 400


def test_spectrograms_are_on_one_scale(site, song):
    sent = site.wait(site.send_song(song("a.wav", 1.0)))
    about = sent["result"]["spectrogram"]
    pictures = {
        name: np.frombuffer(
            site.get(f"/api/songs/{sent['id']}/spectrograms/{name}").content, np.uint8
        ).reshape(about["bins"], about["columns"])
        for name in ("mixture", "harmonic", "percussive")
    }
    assert pictures["mixture"].max() == 255
    edges = np.geomspace(about["lowest"], 22_050, about["bins"] + 1)
    row = np.searchsorted(edges, 220) - 1
    shown = pictures["harmonic"].mean(axis=1)
    assert abs(shown[:140].argmax() - row) <= 1 or abs(shown.argmax() - row * 2) <= 1
    assert pictures["percussive"][row].mean() < pictures["harmonic"][row].mean()
    assert 0.8 < about["seconds"] <= 1.0


def test_spectrograms_are_sharp_below_200_hz(site, tmp_path):
    """Two tones a minor third apart in the bass are two lines."""
    seconds = np.arange(4 * 44_100) / 44_100
    tones = (65.4, 77.8)
    sound = sum(0.3 * np.sin(2 * np.pi * tone * seconds) for tone in tones)
    soundfile.write(tmp_path / "bass.wav", sound, 44_100)
    sent = site.wait(site.send_song(tmp_path / "bass.wav"))
    about = sent["result"]["spectrogram"]
    picture = np.frombuffer(
        site.get(f"/api/songs/{sent['id']}/spectrograms/mixture").content, np.uint8
    ).reshape(about["bins"], about["columns"])
    edges = np.geomspace(about["lowest"], 22_050, about["bins"] + 1)
    low, between, high = np.searchsorted(edges, (65.4, 71.3, 77.8)) - 1
    middle = picture[:, about["columns"] // 2].astype(float) * 80 / 255  # dB
    assert min(middle[low], middle[high]) > middle[between] + 10


def test_events_tell_of_a_song_until_it_is_done(site, song):
    sent = site.send_song(song("a.wav", 30.0), method="hpr").json()
    with site.stream("GET", f"/api/songs/{sent['id']}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    assert [song["seconds"] for song in told] == sorted(song["seconds"] for song in told)
    assert any(0 < song["seconds"] < song["duration"] for song in told if song["duration"])
    assert told[-1]["state"] == "done"


def test_several_songs_are_listed_and_fetched_as_one_zip(site, song, tmp_path):
    one, two = song("a.wav", 0.3), song("music/a.wav", 0.2)
    done = [site.wait(site.send_song(path)) for path in (one, two)]
    ids = ",".join([done[0]["id"], "none", done[1]["id"]])
    listed = site.get("/api/songs", params={"ids": ids}).json()["songs"]
    assert [known["id"] for known in listed] == [known["id"] for known in done]
    answer = site.get("/api/zip", params={"ids": ids})
    with ZipFile(BytesIO(answer.content)) as bundle:
        assert bundle.testzip() is None
        assert bundle.namelist() == [
            *("a.harmonic.wav", "a.percussive.wav"),
            *("a.harmonic (2).wav", "a.percussive (2).wav"),
        ]
        part = site.get(f"/api/songs/{done[1]['id']}/parts/percussive").content
        assert bundle.read("a.percussive (2).wav") == part
    assert site.get("/api/zip", params={"ids": "none"}).status_code == 404


def test_a_list_does_not_keep_songs_and_asking_for_one_does(site, song):
    id = site.wait(site.send_song(song("a.wav", 0.1)))["id"]
    site.songs.get(id).touched -= 1000
    listed = site.get("/api/songs", params={"ids": id}).json()["songs"][0]
    assert listed["expires"] < 3600 - 999
    assert site.get(f"/api/songs/{id}").json()["expires"] > 3500


def test_another_method_without_sending_again(site, song):
    first = site.wait(site.send_song(song("a.wav", 0.3)))
    second = site.wait(site.post(f"/api/songs/{first['id']}/again", params={"method": "hpr"}))
    assert second["name"] == "a.wav"
    assert [part["name"] for part in second["result"]["parts"]] == [
        *("harmonic", "percussive", "residual")
    ]
    site.delete(f"/api/songs/{first['id']}")
    assert site.get(f"/api/songs/{second['id']}/parts/harmonic").status_code == 200


def test_a_deleted_song_is_gone(site, song):
    sent = site.wait(site.send_song(song("a.wav", 0.2)))
    assert site.delete(f"/api/songs/{sent['id']}").status_code == 204
    assert names(site.songs.folder) == []
    for rest in ("", "/events", "/parts/harmonic", "/remix"):
        assert site.get(f"/api/songs/{sent['id']}{rest}").status_code == 404


def test_work_that_is_cancelled_ends(site, long_song):
    sent = site.send_song(long_song, method="kam").json()
    site.until(sent["id"], "working")
    with site.stream("GET", f"/api/songs/{sent['id']}/events") as answer:
        assert site.delete(f"/api/songs/{sent['id']}").status_code == 204
        told = [line for line in answer.iter_lines() if line.startswith("data: ")]
    assert json.loads(told[-1][6:])["state"] == "deleted"
    assert names(site.songs.folder) == []
    assert site.get("/api").json()["load"]["working"] == 0


def test_what_is_not_there_yet_or_not_at_all(site, song, long_song):
    sent = site.send_song(long_song, method="kam").json()
    early = site.get(f"/api/songs/{sent['id']}/parts/harmonic")
    assert early.status_code == 409
    site.delete(f"/api/songs/{sent['id']}")
    done = site.wait(site.send_song(song("b.wav", 0.2)))
    for rest in ("parts/residual", "parts/..%2F..%2Fsong.wav", "spectrograms/song"):
        assert site.get(f"/api/songs/{done['id']}/{rest}").status_code == 404
    assert site.get("/nothing").json() == {"error": "Not Found"}
    assert site.put("/api/songs").status_code == 405


def test_the_description_is_valid_and_true(site, song):
    description = site.get("/openapi.json").json()
    validate(description)
    routes = {
        route.path
        for route in site.app.routes
        if route.path.startswith("/api") and "." not in route.path
    }
    assert routes == set(description["paths"])

    def check(name, value):
        Draft202012Validator({**description, "$ref": f"#/components/schemas/{name}"}).validate(
            value
        )

    check("Server", site.get("/api").json())
    sent = site.send_song(song("a.wav", 0.2))
    check("Song", sent.json())
    check("Song", site.wait(sent))
    check("Error", site.get("/api/songs/none").json())


@pytest.mark.program("ffmpeg")
def test_a_song_without_a_known_length_shows_how_far_it_is(site, song, tmp_path):
    path = song("a.wav", 1.0)
    long = tmp_path / "a.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-i", path, long], check=True)
    sent = site.wait(site.send_song(long))
    assert sent["state"] == "done"
    assert sent["duration"] == sent["seconds"] > 0.9
    assert [part["file"] for part in sent["result"]["parts"]] == [
        "a.harmonic.flac",
        "a.percussive.flac",
    ]
    part = site.get(f"/api/songs/{sent['id']}/parts/harmonic").content
    (tmp_path / "part.flac").write_bytes(part)
    assert soundfile.info(tmp_path / "part.flac").samplerate == 44_100


def test_the_example_saves_parts_and_remix(song, tmp_path):
    example = Path(__file__).parents[2] / "examples" / "send_a_song.py"
    path = song("music/a b.wav", 0.3)
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server", token="sesame") as site:
        command = [sys.executable, example, path, f"{site.base_url}?token=sesame"]
        subprocess.run(command, cwd=tmp_path, check=True)
        assert names(site.songs.folder) == []
    harmonic, percussive, remix = (
        read(tmp_path / f"a b.{part}.wav") for part in ("harmonic", "percussive", "remix")
    )
    assert np.array_equal(harmonic + percussive, read(path))
    assert np.array_equal(remix, harmonic)
