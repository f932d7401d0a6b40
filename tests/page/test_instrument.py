"""The page as an instrument: what a musician does with a song beyond splitting it."""

import os
import re
import signal
import subprocess

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.page.conftest import METHODS, new_page, running
from tests.page.test_browser import is_done, seconds, split
from tests.support.browser import saved
from tests.support.files import read
from tests.support.patience import wait_until

pytestmark = pytest.mark.program("chromium")


def drop(page, path, place="#drop"):
    content = page.evaluate_handle(
        """([bytes, name]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        [list(path.read_bytes()), path.name],
    )
    page.dispatch_event(place, "drop", {"dataTransfer": content})


def selection(page, duration):
    read = "document.getElementById('done').style.getPropertyValue"
    start, span = (
        float(page.evaluate(f"{read}('{name}')").rstrip("%")) for name in ("--from", "--span")
    )
    return np.array([start, start + span]) / 100 * duration


def drag(page, start, end):
    """Drag over the waveform, from one share of it to another."""
    box = page.locator("#timeline").bounding_box()
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], height)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], height, steps=3)
    page.mouse.up()


def test_a_song_is_played_while_the_rest_is_split(page, site, song):
    page.click("#more summary")
    page.select_option("#method", "hpr")
    page.set_input_files("#file", song("long.wav", 40.0))
    wait_until(lambda: site.songs._working)
    (sent,) = site.songs._working
    wait_until(lambda: site.get(f"/api/songs/{sent}").json()["sound"])
    process = site.songs._working[sent]._process.pid
    os.kill(process, signal.SIGSTOP)
    expect(page.locator("#play")).to_be_enabled()
    expect(page.locator("#splitting")).to_be_visible()
    page.click("#play")
    wait_until(lambda: seconds(page) > 0.01)  # of 40 s
    page.locator("[data-part=percussive] .mute").click()
    expect(page.locator("#remix")).to_be_disabled()
    expect(page.locator("[data-part=harmonic] .download")).to_be_disabled()
    os.kill(process, signal.SIGCONT)
    is_done(page)
    expect(page.locator("#splitting")).to_be_hidden()
    expect(page.locator("#play")).to_have_text("Pause")  # it has played on
    expect(page.locator("[data-part=harmonic] .download")).to_be_enabled()
    expect(page.locator("[data-part=percussive] .unheard")).to_be_visible()


def test_the_first_30_seconds_and_a_range(page, song):
    long_song = song("long.wav", 40.0, 11_025, 1)
    page.select_option("#extent", "first")
    split(page, long_song)
    expect(page.locator("#length")).to_have_text("0:30")
    expect(page.locator("#facts")).to_contain_text("0:00 to 0:30 of the song")
    page.click("#whole")
    expect(page.locator("#length")).to_have_text("0:40")
    page.click("#another")
    page.select_option("#extent", "range")
    page.fill("#from", "0:20")
    page.fill("#until", "0:19")
    page.set_input_files("#file", long_song)  # is not taken
    expect(page.locator("#extent-note")).to_contain_text("must come after")
    expect(page.locator("#empty")).to_be_visible()
    page.fill("#until", "0:22.5")
    split(page, long_song)
    expect(page.locator("#length")).to_have_text("0:02")
    expect(page.locator("#facts")).to_contain_text("0:20 to 0:22 of the song")


def test_another_speed_is_heard_and_downloaded(page, song, tmp_path):
    split(page, song("a.wav", 4.0))
    page.select_option("#speed", "0.5")
    page.click("#play")
    wait_until(lambda: seconds(page) > 0.1)
    before = page.evaluate("performance.now()")
    place = seconds(page)
    wait_until(lambda: seconds(page) > place + 0.2)  # 0.8 s of the song
    took = (page.evaluate("performance.now()") - before) / 1000
    assert took > 1.4  # s, half as fast
    page.click("#play")
    path = saved(page, "#remix", tmp_path)
    assert path.name == "a.remix.50%.wav"
    assert read(path).shape[1] == 8 * 44_100
    page.select_option("#speed", "1")
    assert saved(page, "#remix", tmp_path).name == "a.remix.wav"


def test_a_part_is_downloaded_as_the_mix_is(page, song, tmp_path):
    split(page, song("a.wav", 4.0))
    drag(page, 0.25, 0.5)
    page.locator("#only-loop input").check()
    page.select_option("#format", "mp3 320")
    path = saved(page, "[data-part=percussive] .download", tmp_path)
    assert path.name == "a.percussive.loop.mp3"
    assert abs(soundfile.info(path).duration - 1.0) < 0.1
    expect(page.locator("[data-part=percussive] .note")).to_have_text(f"Saved as {path.name}.")


@pytest.mark.program("ffmpeg")
def test_drums_and_the_rest_for_djs(page, song, tmp_path):
    split(page, song("a.wav", 1.0))
    path = saved(page, "#stems", tmp_path)
    assert path.name == "a.stem.mp4"
    asked = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", path]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert told.split() == ["audio"] * 5


def test_a_loop_snaps_to_beats_if_asked(page, song):
    split(page, song("a.wav", 6.0))  # a click each 0.25 s
    drag(page, 0.27, 0.52)
    plain = selection(page, 6)
    np.testing.assert_allclose(plain, [1.62, 3.12], atol=0.03)

    def snaps():
        snapped = selection(page, 6)
        on_beats = np.abs(snapped - np.round(snapped / 0.25) * 0.25).max() < 0.02
        return on_beats and np.abs(snapped - plain).max() < 0.3

    page.locator("#snap").check()
    wait_until(snaps)  # as soon as the beats are known
    page.keyboard.press("Escape")
    drag(page, 0.27, 0.52)
    assert snaps()


def test_a_song_to_try_the_page_with(page, demo, site):
    assert site.get("/demo.ogg").content == demo.read_bytes()
    page.click("#demo")
    is_done(page)
    expect(page.locator("#done-title")).to_have_text("demo.ogg")


def test_the_card_of_an_error_takes_another_song(page, song, tmp_path):
    (tmp_path / "song.mp3").write_text("no sound")
    page.set_input_files("#file", tmp_path / "song.mp3")
    expect(page.locator("#retry")).to_be_visible()
    drop(page, song("a.wav", 0.3), "#failed")
    is_done(page)
    expect(page.locator("#done-title")).to_have_text("a.wav")


def test_twenty_songs_dropped_at_once_are_all_kept(browser, song, tmp_path):
    path = song("a.wav", 0.2)
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server", queue=2) as site:
        first = site.send_song(path).json()
        os.kill(site.songs._working[first["id"]]._process.pid, signal.SIGSTOP)
        page = new_page(browser)
        page.goto(str(site.base_url))
        expect(page.locator("#method option")).to_have_count(len(METHODS))
        content = path.read_bytes()
        page.set_input_files(
            "#file",
            [
                {"name": f"{number}.wav", "mimeType": "audio/wav", "buffer": content}
                for number in range(20)
            ],
        )
        states = page.locator("#songs .state")
        expect(states).to_have_count(20)
        expect(page.locator("#songs .state:text('number')")).to_have_count(2)
        expect(page.locator("#songs .state:text('sent when there is room')")).to_have_count(1)
        for left in range(19, 1, -1):
            page.locator("#songs li[data-state=sending] button").first.click()
            expect(states).to_have_count(left)
        site.delete(f"/api/songs/{first['id']}")
        expect(page.locator("#songs li[data-state=done]")).to_have_count(2)
        page.close()


def test_names_that_would_break_a_page_are_shown(page, song, tmp_path):
    content = song("a.wav", 0.2).read_bytes()
    for name, shown in (
        ("two\nlines\r.wav", "twolines.wav"),
        ("<img src=x onerror=alert(1)>.wav", "<img src=x onerror=alert(1)>.wav"),
        ("\u202egpj.wav", "gpj.wav"),
    ):
        page.evaluate(
            """([bytes, name]) => {
                const transfer = new DataTransfer();
                transfer.items.add(new File([new Uint8Array(bytes)], name));
                const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
                document.body.dispatchEvent(event);
            }""",
            [list(content), name],
        )
        is_done(page)
        expect(page.locator("#done-title")).to_have_text(re.compile(re.escape(shown)))
        assert saved(page, "[data-part=harmonic] .download", tmp_path).suffix == ".wav"
        page.click("#another")
