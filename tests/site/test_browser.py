"""The site in a browser, from a host that only sends files."""

import json
import re

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, expect

from tests.site.conftest import hosting
from tests.support.browser import RULES, saved
from tests.support.files import read
from tests.support.patience import PATIENCE, wait_until
from tests.support.sounds import music
from ticktone.methods import DEFAULT
from ticktone.site.build import _HEADERS, MODELS

pytestmark = [pytest.mark.program("chromium"), pytest.mark.program("npm")]


@pytest.fixture
def host(written_site):
    with hosting(written_site) as host:
        yield host


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    context.set_default_timeout(1000 * PATIENCE)
    yield context
    context.close()


@pytest.fixture
def page(context, host):
    """Open the site, wait until it is installed; whatever it complains of fails the test."""
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(host.address)
    wait_until(lambda: isolated(page))
    expect(page.locator("html[data-installed]")).to_have_count(1)
    expect(page.locator("#method option")).to_have_count(2)
    yield page
    page.close()
    assert complaints == []


def isolated(page):
    try:
        return page.evaluate("() => crossOriginIsolated")
    except Error:  # it is just being reloaded
        return False


def split(page, path):
    page.set_input_files("#file", path)
    expect(page.locator("#play")).to_be_enabled()


DOWNLOADS = {
    "harmonic": "[data-part=harmonic] .download",
    "percussive": "[data-part=percussive] .download",
}


def test_the_demo_song_with_the_network_cut(page, context, host, demo, run, tmp_path):
    """From a sub-path of a host that sends no headers, and is gone once the page has loaded."""
    host.shutdown()
    host.server_close()
    foreign = []
    context.on("request", lambda asked: foreign.append(asked.url))
    split(page, demo)
    expect(page.locator("#facts")).to_contain_text(f"0:26, stereo, 44.1 kHz; method {DEFAULT}")
    run("separate", demo, "-o", tmp_path / "cli", "--float", "--format", "wav")
    for part, selector in DOWNLOADS.items():
        path = saved(page, selector, tmp_path)
        assert path.name == f"demo.{part}.wav"
        found, want = read(path), read(tmp_path / "cli" / path.name)
        assert found.shape == want.shape
        assert abs(found - want).max() < 1e-4
        assert np.sqrt(np.mean((found - want) ** 2)) < 1e-6
    page.locator("[data-part=harmonic] input").fill("-6")
    page.locator("#play").click()
    wait_until(lambda: page.locator("#time").inner_text() > "0:00.3")
    page.locator("#play").click()
    remix = saved(page, "#remix", tmp_path)
    assert remix.name == "demo.remix.wav"
    parts = [read(tmp_path / f"demo.{part}.wav") for part in DOWNLOADS]
    mixed = 10 ** (-6 / 20) * parts[0] + parts[1]
    assert abs(read(remix) - np.clip(mixed, -1, 1)).max() < 2**-22
    assert [url for url in foreign if not url.startswith((host.address, "blob:"))] == []


@pytest.mark.parametrize(
    ("container", "subtype", "rate"),
    [("WAV", "PCM_16", 44_100), ("FLAC", "PCM_24", 48_000), ("WAV", "FLOAT", 22_050)],
)
def test_parts_of_exact_files_sum_to_them(page, run, tmp_path, container, subtype, rate):
    """And have their rate, depth and length, and the command line's samples nearly."""
    path = tmp_path / f"a song.{container.lower()}"
    sound = 0.9 * music(1.5, rate, 2)[:, :-7] + 1e-3
    soundfile.write(path, sound.T, rate, format=container, subtype=subtype)
    split(page, path)
    run("separate", path, "-o", tmp_path / "cli", "--format", "wav")
    parts = []
    for part, selector in DOWNLOADS.items():
        found = saved(page, selector, tmp_path)
        about = soundfile.info(found)
        assert (about.samplerate, about.subtype) == (rate, subtype)
        parts.append(read(found))
        want = read(tmp_path / "cli" / f"a song.{part}.wav")
        inner = slice(rate // 20, -rate // 20)
        error = (parts[-1] - want)[:, inner]
        assert np.sqrt(np.mean(error**2)) < 1e-2 * np.sqrt(np.mean(want**2))
    mixture = read(path)
    assert parts[0].shape == mixture.shape
    if subtype == "FLOAT":
        assert abs(parts[0] + parts[1] - mixture).max() < 1e-7
    else:
        assert np.array_equal(parts[0] + parts[1], mixture)


def test_a_reload_goes_on_with_the_work(page, tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, music(6.0).T, 44_100)
    page.set_input_files("#file", path)
    expect(page.locator("#working-words")).to_contain_text("Splitting")
    page.reload()
    expect(page.locator("#done-title")).to_have_text("long.wav")
    expect(page.locator("#play")).to_be_enabled()
    page.reload()  # and what is done stays
    expect(page.locator("#play")).to_be_enabled()
    expect(page.locator("#facts")).to_contain_text("0:06")


def test_songs_queue_and_can_be_removed_and_split_again(page, tmp_path):
    paths = [tmp_path / f"{name}.wav" for name in ("one", "two", "three")]
    for path in paths:
        soundfile.write(path, music(1.5).T, 44_100)
    page.set_input_files("#file", paths)
    rows = page.locator("#songs li")
    expect(rows).to_have_count(3)
    page.locator("#songs").get_by_role("button", name="Remove two.wav").click()
    expect(rows).to_have_count(2)
    expect(page.locator("#songs li[data-state=done]")).to_have_count(2)
    expect(page.locator("#songs .zip")).to_be_hidden()
    page.get_by_role("link", name="one.wav").click()
    expect(page.locator("#play")).to_be_enabled()
    page.select_option("#again-method", MODELS[1])
    page.click("#again")
    expect(page.locator("#facts")).to_contain_text(MODELS[1])
    expect(rows).to_have_count(3)
    page.click("#remove")
    expect(rows).to_have_count(2)
    kept = """async () => {
        const top = await navigator.storage.getDirectory();
        const songs = await top.getDirectoryHandle("ticktone");
        let count = 0;
        for await (const _ of songs.keys()) count++;
        return count;
    }"""
    wait_until(lambda: page.evaluate(kept) == 2)


def test_what_cannot_be_read_says_why(page, tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(b"no sound at all")
    page.set_input_files("#file", path)
    expect(page.locator("#reason")).to_have_text(
        "song.mp3: is no sound file that this browser reads; WAV and FLAC always are"
    )
    page.locator("#home").click()
    expect(page.locator("#empty")).to_be_visible()


def test_without_threads_where_the_browser_does_not_isolate(context, host, tmp_path):
    """The first visit, before anything is installed, where service workers are not to be had."""
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    page = context.new_page()
    page.goto(host.address)
    path = tmp_path / "song.wav"
    soundfile.write(path, music(2.0).T, 44_100)
    split(page, path)
    assert not isolated(page)


def test_with_the_headers_of_the_site_nothing_is_reloaded(context, written_site):
    loads = []
    with hosting(written_site, _HEADERS) as host:
        page = context.new_page()
        page.on("load", lambda _: loads.append(1))
        page.goto(host.address)
        assert isolated(page)
        expect(page.locator("html[data-installed]")).to_have_count(1)
        page.wait_for_timeout(1000)  # in which nothing may come
        assert len(loads) == 1


def test_the_policy_keeps_everything_else_out(context, host):
    page = context.new_page()
    page.goto(host.address)
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"https?:|\*|data:|blob:|'unsafe-eval'", policy)
    refused = page.evaluate(
        """() => Promise.all([
            fetch("https://example.org/").then(() => "fetched", () => "refused"),
            new Promise((told) => {
                const image = new Image();
                image.onload = () => told("loaded");
                image.onerror = () => told("refused");
                image.src = "https://example.org/a.png";
            }),
        ])"""
    )
    assert refused == ["refused", "refused"]


def test_it_is_accessible_and_can_be_installed(page, context, host):
    assert Axe().run(page, options=RULES).response["violations"] == []
    manifest = page.evaluate("() => document.querySelector('[rel=manifest]').href")
    assert manifest == f"{host.address}manifest.webmanifest"
    devtools = context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["errors"] == []
    assert json.loads(found["data"])["display"] == "standalone"
    problems = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [problem["errorId"] for problem in problems] in ([], ["in-incognito"])
