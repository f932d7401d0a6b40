"""The site in Firefox, where one is installed: another engine, another service worker."""

import base64
import shutil
import time

import numpy as np
import pytest
import soundfile

import ticktone
from tests.site.conftest import hosting
from tests.support.firefox import firefox
from tests.support.patience import PATIENCE
from tests.support.sounds import music

pytestmark = [pytest.mark.program("npm"), pytest.mark.browser]

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
STATE = """
const text = (id) => document.getElementById(id)?.textContent;
const ready = crossOriginIsolated && "installed" in document.documentElement.dataset;
const methods = document.querySelectorAll("#method option").length;
return { ready: ready && methods > 0, done: document.getElementById("play")?.disabled === false,
         failed: text("reason"), facts: text("facts") };
"""
# Samples of a part, as base64 of 32-bit floats, channels interleaved.
SAMPLES = """
const told = arguments[arguments.length - 1];
const work = async () => {
  const { samples } = await import(new URL("api.js", document.baseURI).href);
  const stream = await samples(location.hash.slice(1), "PART");
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
work().then(told, (error) => told(`${error}`));
"""


def wait(driver, name):
    deadline = time.monotonic() + PATIENCE
    while not ((state := driver.run(STATE)) and state[name]):
        assert time.monotonic() < deadline, state
        assert not (state and state["failed"]), state
        time.sleep(0.3)
    return state


@pytest.mark.skipif(PROGRAM is None, reason="the program firefox is missing")
def test_a_song_in_firefox(written_site, tmp_path):
    path = tmp_path / "song.wav"
    sound = music(3.0)
    soundfile.write(path, sound.T, 44_100, subtype="FLOAT")
    (tmp_path / "profile").mkdir()
    with (
        hosting(written_site) as host,
        firefox(PROGRAM, tmp_path / "profile", PATIENCE) as driver,
    ):
        driver.open(host.address)
        wait(driver, "ready")
        driver.choose("#file", path)
        assert "0:03, stereo, 44.1 kHz" in wait(driver, "done")["facts"]
        for part, want in zip(
            ("harmonic", "percussive"), ticktone.separate(sound, 44_100), strict=True
        ):
            content = base64.b64decode(driver.wait(SAMPLES.replace("PART", part)))
            found = np.frombuffer(content, "<f4").reshape(-1, 2).T
            assert found.shape == want.shape
            assert np.sqrt(np.mean((found - want) ** 2)) < 1e-5
            assert abs(found - want)[:, 2000:-2000].max() < 1e-4
