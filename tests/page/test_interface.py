"""What a script can do: send, follow, fetch, delete."""

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import soundfile
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.page.conftest import running
from tests.support.files import names, read

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
    loudest = pictures["harmonic"].mean(axis=1).argmax()
    assert loudest in (10, 11, 20, 21)  # 220 and 440 Hz
    assert pictures["percussive"][loudest].mean() < pictures["harmonic"][loudest].mean()
    assert 0.8 < about["seconds"] <= 1.0


def test_events_tell_of_a_song_until_it_is_done(site, song):
    sent = site.send_song(song("a.wav", 20.0)).json()
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
    assert sent["duration"] is None
    assert sent["seconds"] > 0.9
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
