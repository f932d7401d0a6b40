"""The page's player, measured on the samples that it plays."""

import base64

import numpy as np
import pytest

from tests.support import sounds

pytestmark = pytest.mark.program("chromium")

RATE = 44_100
LEAD = 1323  # samples until what is asked for begins
FADE = 265  # samples of a cross-fade
SETTLED = 6000  # samples after which a fader stands where it was set to, to a millionth
PLAY = """async ([parts, seconds]) => {
    const { Player } = await import("/player.js");
    const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const context = new OfflineAudioContext(2, 44100 * seconds, 44100);
    const names = Object.keys(parts);
    const samples = decode(parts[names[0]]).length / 8;
    const sound = { sample_rate: 44100, channels: 2, samples, parts: names };
    const player = new Player(sound, { context, ahead: seconds });
    const streams = {};
    for (const name of names) {
        const { readable, writable } = new TransformStream();
        streams[name] = { bytes: decode(parts[name]), writer: writable.getWriter(), at: 0 };
        player.fill(name, readable).catch(() => {});
    }
    const fill = async (until = Infinity) => {
        for (const stream of Object.values(streams)) {
            const end = Math.min(stream.bytes.length, until * 44100 * 8);
            await stream.writer.write(stream.bytes.slice(stream.at, end));
            stream.at = end;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const steps = [];
    const at = (time, step) => steps.push([time, step]);
    PROGRAM;
    for (const [time, step] of steps) {
        context.suspend(time).then(async () => { await step(); context.resume(); });
    }
    const rendered = await context.startRendering();
    player.pause();
    return [0, 1].map((channel) => {
        const bytes = new Uint8Array(rendered.getChannelData(channel).buffer);
        let text = "";
        for (let start = 0; start < bytes.length; start += 30000) {
            text += String.fromCharCode(...bytes.subarray(start, start + 30000));
        }
        return btoa(text);
    });
}"""


def encoded(signal):
    return base64.b64encode(np.ascontiguousarray(signal.T, "<f4").tobytes()).decode()


@pytest.fixture
def play(page):
    def play(parts, seconds, program):
        sent = {name: encoded(part) for name, part in parts.items()}
        heard = page.evaluate(PLAY.replace("PROGRAM;", program), [sent, seconds])
        return np.stack([np.frombuffer(base64.b64decode(text), "<f4") for text in heard])

    return play


def in_16_bits(signal):
    return (np.round(signal * 2**15) / 2**15).astype(np.float32)


def music(seconds):
    return in_16_bits(sounds.music(seconds))


def tone(seconds):
    """A sine that no loop of whole tenths of a second fits."""
    time = np.arange(round(seconds * RATE)) / RATE
    return in_16_bits(np.tile(0.5 * np.sin(2 * np.pi * 223.7 * time), (2, 1)))


def roughness(signal):
    """The largest second difference: of `tone` 0.0005, of a jump by half its size 0.5."""
    return np.abs(np.diff(signal, 2)).max()


def test_what_is_heard_is_what_was_split(play):
    rng = np.random.default_rng(0)
    noise = 0.2 * rng.standard_normal((2, RATE))
    noise[:, 1000] = -1.0, 0.5  # the lowest that 16 bits have
    coarse = in_16_bits(noise)
    heard = play({"percussive": coarse}, 2, "await fill(); player.play();")
    np.testing.assert_array_equal(heard[:, LEAD + FADE : LEAD + RATE], coarse[:, FADE:])
    finer = noise.astype(np.float32)
    heard = play({"percussive": finer}, 2, "await fill(); player.play();")
    error = np.abs(heard[:, LEAD + FADE : LEAD + RATE] - finer[:, FADE:])
    assert error.max() < 1.01 * np.abs(finer).max() * 2**-15


SMOOTH = 0.006


def test_what_is_heard_is_the_song_to_the_sample(play):
    song = music(3.0)
    harmonic = in_16_bits(0.3 * song)
    parts = {"harmonic": harmonic, "percussive": song - harmonic}
    heard = play(parts, 3.5, "await fill(); await player.play();")
    heard = heard[:, LEAD : LEAD + song.shape[1]]
    np.testing.assert_allclose(heard[:, FADE:], song[:, FADE:], atol=1e-6)


def test_a_part_in_a_file_is_heard_as_one_that_is_held(play):
    """It is read when it is needed; of the 27 pieces of this song 24 stay at most."""
    song = in_16_bits(0.3 * music(20.0))
    heard = play(
        {"percussive": song},
        20.5,
        """
        const { part } = player.tracks.get("percussive");
        const isThere = () => Array.from({ length: 27 }, (_, index) => part.isHere(index));
        const patience = () => new Promise((resolve) => setTimeout(resolve, 20));
        await player.fill("percussive", new Blob([streams.percussive.bytes]));
        if (isThere().some(Boolean)) throw new Error("held before it is played");
        const most = await player.peak({ percussive: 1 });
        if (Math.abs(most - part.loudest) > 1e-6) throw new Error(`a peak of ${most}`);
        await player.play();
        while (!isThere()[26]) await patience();
        await patience();
        if (isThere().filter(Boolean).length !== 24) throw new Error("all are held");
        """,
    )
    heard = heard[:, LEAD : LEAD + song.shape[1]]
    np.testing.assert_allclose(heard[:, FADE:], song[:, FADE:], atol=1e-9)


def test_a_loop_has_no_click_at_its_seam_and_does_not_drift(play):
    song = tone(2.0)
    parts = {"harmonic": song, "percussive": 0 * song}
    heard = play(
        parts,
        30.0,
        "await fill(); player.select({ start: 0.5, end: 0.8 }, true); player.seek(0.5);"
        "await player.play();",
    )
    assert roughness(heard[:, LEAD + FADE :]) < SMOOTH
    start, period = round(0.5 * RATE), round(0.3 * RATE)
    one = song[:, start : start + period - FADE]  # what follows is faded over to the beginning
    for turn in (0, 1, 2, 50, 97):
        begins = LEAD + turn * period
        skip = 0 if turn else FADE
        np.testing.assert_allclose(
            heard[:, begins + skip : begins + one.shape[1]], one[:, skip:], atol=1e-6
        )


def test_a_loop_keeps_the_attack_with_which_it_begins(play):
    song = np.zeros((2, RATE), np.float32)
    song[:, RATE // 2] = 0.9  # a hit on the first sample of the loop
    heard = play(
        {"harmonic": 0 * song, "percussive": song},
        2.0,
        "await fill(); player.select({ start: 0.5, end: 0.75 }, true); await player.play();",
    )
    hits = np.flatnonzero(heard[0] > 0.89) - LEAD
    assert hits.tolist() == [22_050 + turn * 11_025 for turn in range(6)]


def test_comparing_with_the_original_neither_clicks_nor_drifts(play):
    song = tone(3.0)
    parts = {"harmonic": 0.7 * song, "percussive": 0.3 * song}
    switch = "player.setGain('harmonic', {0}); player.setMaster({1});"
    heard = play(
        parts,
        2.5,
        "await fill();" + switch.format(0.25, 1) + "await player.play();"
        f"at(1, () => {{ {switch.format(1, 0.6)} }}); at(2, () => {{ {switch.format(0.25, 1)} }});",
    )
    assert roughness(heard[:, LEAD + FADE :]) < SMOOTH
    original, mix = 0.6 * song, 0.25 * parts["harmonic"] + parts["percussive"]
    for begins, ends, wanted in ((0, 1, mix), (1, 2, original), (2, 2.5, mix)):
        first, last = round(begins * RATE) + SETTLED, round(ends * RATE) - 128
        np.testing.assert_allclose(
            heard[:, first:last], wanted[:, first - LEAD : last - LEAD], atol=1e-5
        )


def test_a_jump_and_a_pause_do_not_click(play):
    song = tone(6.0)
    heard = play(
        {"harmonic": song, "percussive": 0 * song},
        3.0,
        "await fill(); await player.play(); at(1, () => player.seek(2.7));"
        "at(1.5, () => player.pause()); at(2, () => player.play());",
    )
    assert roughness(heard[:, LEAD + FADE :]) < SMOOTH
    begins = round(1.0 * RATE)
    begins += -begins % 128 + LEAD  # where the browser stops, and what is asked for begins
    jumped = slice(round(2.7 * RATE) + FADE, round(3.1 * RATE))
    np.testing.assert_allclose(
        heard[:, begins + FADE : begins + jumped.stop - round(2.7 * RATE)],
        song[:, jumped],
        atol=1e-6,
    )
    assert np.abs(heard[:, round(1.6 * RATE) : round(1.99 * RATE)]).max() == 0
    assert np.abs(heard[:, round(2.1 * RATE) :]).max() > 0.4


def test_choosing_a_loop_while_it_plays_is_not_heard(play):
    song = music(3.0)
    heard = play(
        {"harmonic": song, "percussive": 0 * song},
        1.5,
        "await fill(); await player.play();"
        "at(0.5, () => player.select({ start: 0.2, end: 2.5 }, true));"
        "at(1, () => player.select(null, false));",
    )
    settled = slice(LEAD + FADE, round(1.5 * RATE))
    expected = song[:, FADE : settled.stop - LEAD]
    np.testing.assert_allclose(heard[:, settled], expected, atol=1e-6)


def test_playing_waits_for_what_is_not_there_yet(play):
    """While the rest is being split: it stops without a click, and goes on at the same sample."""
    song = tone(6.0)
    heard = play(
        {"harmonic": song, "percussive": 0 * song},
        5.0,
        "await fill(2.5); await player.play();"
        "at(2.15, () => player.pump()); at(3, async () => { await fill(); player.pump(); });",
    )
    assert roughness(heard[:, LEAD + FADE :]) < SMOOTH
    there = 2.5 * RATE // 2**15 * 2**15  # of whole pieces
    before = slice(LEAD + FADE, LEAD + int(there) - FADE)
    np.testing.assert_allclose(heard[:, before], song[:, FADE : int(there) - FADE], atol=1e-6)
    assert np.abs(heard[:, LEAD + int(there) : 3 * RATE]).max() == 0
    begins = 3 * RATE
    begins += -begins % 128 + LEAD + FADE
    rest = song[:, int(there) + FADE : int(there) + RATE]
    np.testing.assert_allclose(heard[:, begins : begins + rest.shape[1]], rest, atol=1e-6)


def test_another_speed_goes_on_at_the_same_moment(play):
    song = tone(4.0)
    slow = in_16_bits(0.5 * music(8.0))
    heard = play(
        {"harmonic": song, "percussive": 0 * song},
        2.0,
        f"const slow = decode('{encoded(slow)}'), none = new Uint8Array(slow.length);"
        "const open = (name) => new Response(name === 'harmonic' ? slow : none).body;"
        "await fill(); await player.play();"
        "at(1, () => player.setSpeed(0.5, open));",
    )
    begins = RATE + (-RATE % 128)
    place = 2 * (begins - LEAD)  # in the slow samples, twice as many
    begins += LEAD + FADE
    expected = slow[:, place + FADE : place + RATE // 2]
    np.testing.assert_allclose(heard[:, begins : begins + expected.shape[1]], expected, atol=1e-6)
