"""The page in a browser, as a musician uses it."""

import os
import re
import signal
from zipfile import ZipFile

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.page.conftest import METHODS, new_page, running
from tests.support.browser import RULES, saved
from tests.support.files import read
from tests.support.patience import PATIENCE, wait_until

pytestmark = pytest.mark.program("chromium")

MINUS = "\u2212"


def choose(page, method):
    if not page.locator("#method").is_visible():
        page.click("#more summary")
    page.select_option("#method", method)


def split(page, path):
    page.set_input_files("#file", path)
    is_done(page)


def is_done(page):
    expect(page.locator("#remix")).to_be_enabled()
    expect(page.locator("#play")).to_be_enabled()


def seconds(page):
    """Where the song is, as the slider says to the half of a pixel."""
    share = page.evaluate("document.getElementById('done').style.getPropertyValue('--head')")
    return float(share.rstrip("%") or 0) / 100


def test_the_demo_song_from_drop_to_download(page, demo, run, tmp_path):
    content = page.evaluate_handle(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "demo.ogg"));
            return transfer;
        }""",
        list(demo.read_bytes()),
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": content})
    expect(page.locator("#play")).to_be_enabled()
    expect(page.locator("#done-title")).to_have_text("demo.ogg")
    expect(page.locator("#length")).to_have_text("0:26")

    page.click("#play")
    wait_until(lambda: seconds(page) > 0.04)  # of 26 s, by the clock of the loudspeakers
    page.click("#play")

    page.locator("[data-part=harmonic] input").fill("-6")
    page.locator("[data-part=percussive] input").fill("3")
    expect(page.locator("#remix-words")).to_contain_text(
        f"Everything else {MINUS}6 dB, Drums +3 dB"
    )
    run("separate", demo, "-m", "median", "-o", tmp_path / "cli")
    run("remix", demo, "-m", "median", "-o", tmp_path / "cli", "--harmonic=-6", "--percussive=3")
    for part, selector in (
        ("harmonic", "[data-part=harmonic] .download"),
        ("percussive", "[data-part=percussive] .download"),
        ("remix", "#remix"),
    ):
        path = saved(page, selector, tmp_path)
        assert path.name == f"demo.{part}.ogg"
        assert np.array_equal(read(path), read(tmp_path / "cli" / path.name))


def test_seek_loop_mute_and_solo(page, song, tmp_path):
    split(page, song("a.wav", 4.0))
    box = page.locator("#timeline").bounding_box()

    def at(share):
        return box["x"] + box["width"] * share, box["y"] + box["height"] / 2

    page.mouse.click(*at(0.75))
    assert abs(seconds(page) - 0.75) < 0.01
    page.mouse.move(*at(0.25))
    page.mouse.down()
    page.mouse.move(*at(0.4))
    page.mouse.up()
    expect(page.locator("#loop")).to_have_attribute("aria-pressed", "true")
    page.click("#play")
    for _ in range(8):  # 1.6 s of a loop of 0.6 s
        page.wait_for_timeout(200)
        assert 0.24 < seconds(page) < 0.41
    page.click("#loop")
    wait_until(lambda: seconds(page) > 0.45)
    page.click("#play")
    words = page.locator("#remix-words")
    page.click("[data-part=harmonic] .mute")
    expect(words).to_contain_text("Everything else off, Drums 0 dB")
    page.click("[data-part=harmonic] .mute")
    page.click("[data-part=harmonic] .solo")
    expect(words).to_contain_text("Everything else 0 dB, Drums off")
    path = saved(page, "#remix", tmp_path)
    harmonic = saved(page, "[data-part=harmonic] .download", tmp_path)
    assert path.name == "a.remix.wav"
    assert np.array_equal(read(path), read(harmonic))


def test_the_waveform_as_in_any_editor(page, song, tmp_path):
    split(page, song("a.wav", 4.0))
    expect(page.locator("#time")).to_have_text("0:00.0")
    box = page.locator("#timeline").bounding_box()
    assert box["height"] >= 160
    loop = page.locator("#loop")
    drawn = "getComputedStyle(document.getElementById('timeline'), '::before')"

    def at(share):
        return box["x"] + box["width"] * share, box["y"] + box["height"] / 2

    page.mouse.move(*at(0.25))
    page.mouse.down()
    page.mouse.move(*at(0.5), steps=3)
    width = page.evaluate(f"parseFloat({drawn}.width)")
    assert abs(width / box["width"] - 0.25) < 0.01  # it is seen while it is being drawn
    expect(loop).to_have_attribute("aria-pressed", "false")
    page.mouse.up()
    expect(loop).to_have_attribute("aria-pressed", "true")
    page.mouse.move(*at(0.5))
    page.mouse.down()
    page.mouse.move(*at(0.75), steps=3)
    page.mouse.up()
    span = "document.getElementById('done').style.getPropertyValue('--span')"
    assert abs(float(page.evaluate(span).rstrip("%")) - 50) < 1  # its edge was moved
    page.select_option("#format", "flac")
    page.locator("#only-loop input").check()
    path = saved(page, "#remix", tmp_path)
    assert path.name == "a.remix.loop.flac"
    assert abs(read(path).shape[1] / 44_100 - 2) < 0.05
    page.keyboard.press("Escape")
    expect(page.locator("#only-loop")).to_be_hidden()
    expect(loop).to_have_attribute("aria-pressed", "false")
    assert page.evaluate(f"{drawn}.display") == "none"

    marks = page.locator("#ruler span")
    assert marks.first.inner_text() == "0:00.0"
    page.mouse.click(*at(0.5))
    expect(page.locator("#time")).to_have_text("0:02.0")
    page.click("#zoom-in")
    page.keyboard.press("+")
    expect(marks.first).to_have_text("0:01.5")
    page.mouse.click(*at(1 - 1e-3))
    expect(page.locator("#time")).to_have_text("0:02.4")
    page.locator("#scroll").fill("0")
    expect(marks.first).to_have_text("0:00.0")
    page.click("#zoom-whole")
    expect(page.locator("#scroll")).to_be_hidden()

    pictures = page.locator(".part .picture, [data-spectrogram]")
    expect(pictures.first).to_be_hidden()
    page.locator("#spectrograms").check()
    heights = pictures.evaluate_all("(all) => all.map((picture) => picture.clientHeight)")
    assert len(heights) == 3
    assert len(set(heights)) == 1


def test_one_click_for_what_is_heard(page, song, tmp_path):
    split(page, song("a.wav", 1.0))
    words, unheard = page.locator("#remix-words"), page.locator(".unheard:visible")
    page.click("text=No drums")
    expect(words).to_contain_text("Everything else 0 dB, Drums off")
    expect(page.locator("[data-part=percussive] .unheard")).to_be_visible()
    page.click("text=Only drums")
    expect(words).to_contain_text("Everything else off, Drums 0 dB")
    expect(unheard).to_have_count(1)
    page.click("[data-part=percussive] .mute")
    expect(unheard).to_have_count(2)
    page.click("#remix")  # nothing is saved, and it says so
    expect(page.locator("#remix-note")).to_contain_text("Nothing can be heard")
    page.click("[data-preset=all]")
    expect(words).to_contain_text("Everything else 0 dB, Drums 0 dB")
    expect(page.locator("#remix-note")).to_be_empty()


def test_a_mix_that_would_clip_is_told_and_lowered(page, song, tmp_path):
    split(page, song("a.wav", 0.5))
    warning = page.locator("#clip")
    expect(warning).to_be_hidden()
    page.locator("[data-part=harmonic] input").fill("12")
    expect(warning).to_contain_text("above full scale")
    page.click("#lower")
    expect(warning).to_be_hidden()
    expect(page.locator("#remix-words")).to_contain_text(f"all {MINUS}")
    mixed = read(saved(page, "#remix", tmp_path))
    assert 0.9 < np.abs(mixed).max() < 1
    expect(page.locator("#remix-note")).to_contain_text("Saved as")
    page.locator("#master").fill("-1")
    expect(page.locator("#remix-note")).to_be_empty()  # it is another mix now
    page.click("#reset")
    expect(page.locator("#remix-words")).to_have_text(
        "As you hear it: Everything else 0 dB, Drums 0 dB"
    )


def test_the_original_is_as_loud_as_the_mix(page, song):
    split(page, song("a.wav", 2.0))
    page.locator("[data-part=harmonic] input").fill("-12")
    page.evaluate(
        """async () => {
            const { Player } = await import("/player.js");
            const { powerOf } = await import("/loudness.js");
            Player.prototype.setMaster = async function (gain) {
                const power = (gains) => powerOf(Array.from(this.tracks, ([name, { part }]) => (
                    { part, gain: gains[name] ?? 1 }
                )));
                window.original = gain ** 2 * (await power({}));
                window.mix = await power({ harmonic: 10 ** (-12 / 20) });
            };
        }"""
    )
    page.click("#original")
    expect(page.locator("#original")).to_have_attribute("aria-pressed", "true")
    original, mix = page.evaluate("[window.original, window.mix]")
    assert abs(10 * np.log10(original / mix)) < 0.01  # dB
    page.keyboard.press("o")
    expect(page.locator("#original")).to_have_attribute("aria-pressed", "false")


def test_a_download_says_if_the_server_is_gone(browser, song, tmp_path):
    (tmp_path / "server").mkdir()
    page = new_page(browser)
    with running(tmp_path / "server") as site:
        page.goto(str(site.base_url))
        split(page, song("a.wav", 0.2))
    for button, note in (
        ("[data-part=harmonic] .download", "[data-part=harmonic] .note"),
        ("#remix", "#remix-note"),
    ):
        page.click(button)
        expect(page.locator(note)).to_contain_text("The server does not answer")
    page.close()


def test_another_method_for_an_open_song_and_the_choice_is_remembered(page, song):
    expect(page.locator("#choices [aria-pressed=true]")).to_contain_text("Classic (recommended)")
    split(page, song("a.wav", 0.5))
    first = page.url
    page.select_option("#again-method", "hpr")
    page.click("#again")
    expect(page.locator("[data-part=residual] h3")).to_have_text("In between")
    assert page.url != first
    page.go_back()
    expect(page.locator("#facts")).to_contain_text("method median")
    page.click("#another")
    page.reload()
    expect(page.locator("#choices")).to_contain_text("for a song of 4:00")  # by how it went
    choose(page, "hpr")
    page.reload()
    expect(page.locator("#method")).to_have_value("hpr")
    page.click("text=Classic")
    page.reload()
    expect(page.locator("#choices [aria-pressed=true]")).to_contain_text("Classic")


def test_a_song_that_was_refused_is_kept_for_another_try(browser, song, tmp_path):
    path = song("a.wav", 0.2)
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server", queue=0) as site:
        first = site.send_song(path).json()
        os.kill(site.songs._working[first["id"]]._process.pid, signal.SIGSTOP)
        page = new_page(browser)
        page.goto(str(site.base_url))
        expect(page.locator("#method option")).to_have_count(len(METHODS))
        page.set_input_files("#file", path)
        expect(page.locator("#reason")).to_contain_text("busy")
        expect(page.locator("#drop")).to_be_visible()  # where another can be dropped
        site.delete(f"/api/songs/{first['id']}")
        page.click("#retry")
        expect(page.locator("#play")).to_be_enabled()
        page.close()


def test_everything_by_keyboard(page, song):
    page.locator("#file").focus()
    page.set_input_files("#file", song("a.wav", 12.0))
    expect(page.locator("#play")).to_be_enabled()
    expect(page.locator("#done-title")).to_be_focused()
    press = page.keyboard.press
    press("ArrowRight")
    assert round(12 * seconds(page)) == 5
    press("Shift+ArrowRight")
    assert round(12 * seconds(page)) == 6
    press("[")
    press("ArrowRight")
    press("]")
    loop = page.locator("#loop")
    expect(loop).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#timeline")).to_have_attribute("aria-valuetext", "0:11 of 0:12")
    press("l")
    expect(loop).to_have_attribute("aria-pressed", "false")
    press("Home")
    assert seconds(page) == 0
    press("Space")
    expect(page.locator("#play")).to_have_text("Pause")
    press("Space")
    press("2")
    expect(page.locator("[data-part=percussive] .mute")).to_have_attribute("aria-pressed", "true")
    press("Shift+1")
    expect(page.locator("[data-part=harmonic] .solo")).to_have_attribute("aria-pressed", "true")
    page.locator("[data-part=harmonic] input").focus()
    press("ArrowLeft")
    expect(page.locator("[data-part=harmonic] output")).to_have_text(f"{MINUS}0.5 dB")
    press("End")
    expect(page.locator("[data-part=harmonic] output")).to_have_text("+12 dB")
    page.click("#keyboard summary")
    page.locator("#keys").uncheck()
    page.locator("#timeline").focus()
    press("l")
    expect(loop).to_have_attribute("aria-pressed", "false")
    press("End")  # it is a slider all the same
    assert seconds(page) == 1


def test_space_plays_whatever_the_mouse_has_pressed(page, song):
    split(page, song("a.wav", 5.0))
    play = page.locator("#play")
    fader = page.locator("[data-part=harmonic] input")
    for pressed in ("#loop", "[data-part=harmonic] .solo", "[data-part=percussive] input"):
        page.click(pressed)
        page.keyboard.press("Space")
        expect(play).to_have_text("Pause")
        page.keyboard.press("Space")
        expect(play).to_have_text("Play")
    expect(page.locator("[data-part=harmonic] .solo")).to_have_attribute("aria-pressed", "true")
    fader.dblclick()
    expect(page.locator("[data-part=harmonic] output")).to_have_text("0 dB")


def test_three_parts_have_three_rows(page, song):
    choose(page, "hpr")
    expect(page.locator("#method-note")).to_contain_text("third part")
    split(page, song("a.wav", 1.0))
    assert page.locator(".part h3").all_inner_texts() == ["Everything else", "Drums", "In between"]
    expect(page.locator(".picture canvas")).to_have_count(5)
    pictures = page.locator(".picture canvas").evaluate_all(
        """(canvases) => canvases.map((canvas) => {
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            return new Set(new Uint32Array(data.buffer)).size;
        })"""
    )
    assert min(pictures) > 3  # colours; nothing is empty


def test_the_queue_is_shown_and_where_it_ends(browser, song, tmp_path):
    path = song("a.wav", 0.2)
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server", queue=2) as site:
        first = site.send_song(path).json()
        os.kill(site.songs._working[first["id"]]._process.pid, signal.SIGSTOP)
        site.send_song(path)
        pages = [new_page(browser) for _ in range(2)]
        for page in pages:
            page.goto(str(site.base_url))
            expect(page.locator("#method option")).to_have_count(len(METHODS))
        words = pages[0].locator("#working-words")
        pages[0].set_input_files("#file", path)
        expect(words).to_have_text("Waiting in the queue: 1 song before this one…")
        pages[1].set_input_files("#file", path)
        expect(pages[1].locator("#reason")).to_contain_text("busy: 1 at work and 2 waiting")
        site.delete(f"/api/songs/{first['id']}")
        expect(pages[0].locator("#play")).to_be_enabled()
        for page in pages:
            page.close()


def test_cancel_and_another_song(page, site, song, long_song):
    choose(page, "kam")
    page.set_input_files("#file", long_song)
    expect(page.locator("#split-words")).to_contain_text("Splitting")
    page.click("#stop")
    expect(page.locator("#empty")).to_be_visible()
    wait_until(lambda: site.get("/api").json()["load"]["working"] == 0)
    split(page, song("next.wav", 0.5))
    page.click("#another")
    expect(page.locator("#drop")).to_be_visible()
    expect(page.locator("#songs li a")).to_have_text("next.wav")


def test_what_is_no_song_is_told_as_on_the_command_line(page, run, tmp_path):
    (tmp_path / "song.mp3").write_text("no sound")
    page.set_input_files("#file", tmp_path / "song.mp3")
    reason = page.locator("#reason")
    expect(reason).to_have_text(re.compile("is not a sound file"))
    told = run("separate", "song.mp3", cwd=tmp_path).stderr.strip()
    assert told == f"ticktone: {reason.inner_text()}"


def test_a_song_is_found_again(browser, site, song):
    """After a reload, by Back, from the list, in another tab, after a restart of the browser."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(str(site.base_url))
    split(page, song("a.wav", 0.5))
    address = page.url
    assert address.rpartition("#")[2] in {found.name for found in site.songs.folder.iterdir()}
    expect(page.locator("#facts")).to_contain_text("kept for 60 minutes after")
    page.reload()
    expect(page.locator("#play")).to_be_enabled()
    page.click("#another")
    expect(page.locator("#songs .state")).to_have_text("median; done; kept for another 60 minutes")
    page.go_back()
    expect(page.locator("#done-title")).to_have_text("a.wav")
    expect(page.locator("#play")).to_be_enabled()
    page.close(run_before_unload=True)
    page = context.new_page()
    page.goto(str(site.base_url))
    page.click("#songs a:text('a.wav')")
    expect(page.locator("#play")).to_be_enabled()
    assert page.url == address
    restarted = browser.new_context(storage_state=context.storage_state())
    context.close()
    page = restarted.new_page()
    page.goto(str(site.base_url))
    expect(page.locator("#songs a").first).to_have_text("a.wav")
    page.goto(address)
    expect(page.locator("#play")).to_be_enabled()
    page.click("#remove")
    expect(page.locator("#empty")).to_be_visible()
    wait_until(lambda: not list(site.songs.folder.iterdir()))
    page.goto(address)
    expect(page.locator("#reason")).to_contain_text("no longer kept")
    expect(page.locator("#songs")).to_be_hidden()
    restarted.close()


def test_several_songs_queue_beside_the_one_that_is_open(page, site, song, tmp_path):
    split(page, song("first.wav", 0.5))
    address = page.url
    page.set_input_files("#file", [song("second.wav", 0.4), song("third.wav", 0.3)])
    expect(page.locator("#songs li[data-state=done]")).to_have_count(3)
    assert page.url == address  # what is open stays open
    expect(page.locator("#songs a[aria-current]")).to_have_text("first.wav")
    with ZipFile(saved(page, "#songs .zip", tmp_path)) as bundle:
        assert {name.split(".")[0] for name in bundle.namelist()} == {"first", "second", "third"}
        assert len(bundle.namelist()) == 6
    page.click("#songs a:text('second.wav')")
    expect(page.locator("#done-title")).to_have_text("second.wav")
    page.click("#songs li:has-text('third.wav') button")
    expect(page.locator("#songs li")).to_have_count(2)
    wait_until(lambda: len(list(site.songs.folder.iterdir())) == 2)


def test_a_song_dropped_before_the_page_knows_its_methods(page, song):
    held = []
    page.route("**/api", lambda route: held.append(route))
    page.reload()
    page.set_input_files("#file", song("a.wav", 0.2))
    expect(page.locator("#empty")).to_be_visible()
    held[0].continue_()
    is_done(page)


def test_an_open_page_keeps_its_song(browser, song, tmp_path):
    (tmp_path / "server").mkdir()
    with running(tmp_path / "server", keep=8.0) as site:
        page = new_page(browser)
        page.goto(str(site.base_url))
        split(page, song("a.wav", 0.2))
        with page.expect_request(re.compile(r"/api/songs/[^/?]+$")):
            pass  # which nothing but time has led to
        page.close()


# Colours do not depend on the width, nor widths on the colours; 640 is 1280 at 200 %.
@pytest.mark.parametrize(
    ("scheme", "width", "scale"), [("light", 380, 1), ("dark", 640, 2), ("dark", 1280, 1)]
)
def test_accessible_in_every_state(browser, site, song, long_song, tmp_path, scheme, width, scale):
    page = new_page(
        browser,
        viewport={"width": width, "height": 800 // scale},
        color_scheme=scheme,
        device_scale_factor=scale,
    )
    page.goto(str(site.base_url))

    def check():
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.select_option("#extent", "range")
    page.fill("#from", "tomorrow")
    expect(page.locator("#extent-note")).to_contain_text("Write times as")
    check()
    page.select_option("#extent", "whole")
    choose(page, "kam")
    page.set_input_files("#file", long_song)
    expect(page.locator("#split-words")).to_contain_text("Splitting")
    check()
    page.click("#stop")
    choose(page, "hpr")
    split(page, song("a.wav", 2.0))
    page.click("[data-part=harmonic] .mute")
    page.locator("[data-part=percussive] input").fill("12")
    expect(page.locator("#clip")).to_be_visible()
    page.click("#keyboard summary")
    check()
    page.locator("#spectrograms").check()
    page.locator("#snap").check()
    page.click("#zoom-in")
    check()
    page.click("#another")
    (tmp_path / "song.mp3").write_text("no sound")
    page.set_input_files("#file", tmp_path / "song.mp3")
    expect(page.locator("#failed")).to_be_visible()
    check()
    page.close()
