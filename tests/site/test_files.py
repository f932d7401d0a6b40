"""Sound files read and written by the engine, to the bit."""

import numpy as np
import pytest
import soundfile

from tests.support.files import read
from tests.support.sounds import music

pytestmark = pytest.mark.program("node")

READ = """
const { openRecording } = await load("recording");
const decode = () => { throw new Error("needs the browser"); };
let recording;
try {
  recording = await openRecording(given.file, decode);
  const samples = await gathered(recording.blocks());
  return { samples, ...recording, blocks: null };
} catch (error) {
  return { error: error.message };
}
"""
WAYS = [
    *(("WAV", sub) for sub in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("WAVEX", sub) for sub in ("PCM_16", "FLOAT")),
    ("RF64", "PCM_24"),
    *(("FLAC", sub) for sub in ("PCM_S8", "PCM_16", "PCM_24")),
]
DEPTHS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}


def write(path, container, subtype, channels=2, samples=20_001):
    """Write sound of many kinds: tones, noise, silence and full scale."""
    sound = music(samples / 44_100 + 0.1, 44_100, channels)[:, :samples]
    sound[:, 5000:9000] = 0
    sound[0, 9000:9100] = [-1, 0.999] * 50
    soundfile.write(path, sound.T, 44_100, subtype=subtype, format=container)
    return path


@pytest.mark.parametrize(("container", "subtype"), WAYS)
def test_every_sample_is_read_and_written(javascript, tmp_path, container, subtype):
    """Of one, two and five channels; the file that is written is a WAV file of the same depth."""
    channels = {"mono": 1, "stereo": 2, "five": 5}
    paths = {name: write(tmp_path / name, container, subtype, n) for name, n in channels.items()}
    found = javascript(
        """
        const { openRecording } = await load("recording");
        const { WavWriter } = await load("wav_writer");
        const answer = {};
        for (const [name, file] of Object.entries(given)) {
          const recording = await openRecording(file, null);
          const pieces = [];
          const writer = new WavWriter(recording, (bytes) => pieces.push(bytes.slice()));
          for await (const block of recording.blocks()) writer.put(block);
          writer.end(recording.frames);
          const whole = Buffer.concat([writer.header(recording.frames), ...pieces]);
          answer[`${name} file`] = new Uint8Array(whole);
          answer[`${name} samples`] = await gathered(recording.blocks());
          answer[name] = { ...recording, blocks: null };
        }
        return answer;
        """,
        **paths,
    )
    for name, path in paths.items():
        want, rate = soundfile.read(path, dtype="float64", always_2d=True)
        about = found[name]
        assert about["sampleRate"] == rate
        assert (about["frames"], about["channels"]) == want.shape
        bits = DEPTHS.get(subtype)
        assert about["step"] == (None if bits is None else 2.0 ** (1 - bits))
        assert np.array_equal(found[f"{name} samples"].reshape(want.shape[::-1]), want.T)
        written = tmp_path / f"{name}.wav"
        written.write_bytes(found[f"{name} file"].tobytes())
        assert written.stat().st_size % 2 == 0
        assert soundfile.info(written).subtype == subtype.replace("PCM_S8", "PCM_U8")
        assert np.array_equal(read(written), read(path))


def test_what_exceeds_full_scale_is_limited_and_counted(javascript, tmp_path):
    sound = np.array([[0.5, 1.5, -1.0, -1.25, 0.99998]], np.float32)
    found = javascript(
        """
        const { WavWriter } = await load("wav_writer");
        const pieces = [];
        const format = { channels: 1, sampleRate: 8000, bits: 16, isFloat: false, mask: null };
        const writer = new WavWriter(format, (bytes) => pieces.push(...bytes));
        writer.put(given.sound);
        return { pcm: Uint8Array.from(pieces), overs: writer.overs, peak: writer.peak };
        """,
        sound=sound,
    )
    pcm = np.frombuffer(found["pcm"].tobytes(), "<i2")
    assert pcm.tolist() == [16384, 32767, -32768, -32768, 32767]
    assert found["overs"] == 2
    assert found["peak"] == 1.5


def test_a_wav_file_whose_length_was_never_written(javascript, tmp_path):
    path = write(tmp_path / "song", "WAV", "PCM_16")
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    for length in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
        content[at : at + 4] = length
        path.write_bytes(content)
        assert javascript(READ, file=path)["frames"] == 20_001


@pytest.mark.parametrize("container", ["WAV", "FLAC"])
def test_a_file_that_is_cut_off_is_refused(javascript, tmp_path, container):
    path = write(tmp_path / "song", container, "PCM_16")
    content = path.read_bytes()
    for length in (len(content) - 1, len(content) * 2 // 3, 60):
        path.write_bytes(content[:length])
        assert "cut off" in (error := javascript(READ, file=path)["error"]) or "damaged" in error


def test_a_damaged_flac_file_is_refused(javascript, tmp_path, rng):
    path = write(tmp_path / "song", "FLAC", "PCM_16")
    content = path.read_bytes()
    for at in rng.integers(4000, len(content), 4):
        path.write_bytes(content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :])
        assert "FLAC" in javascript(READ, file=path)["error"]


def test_samples_out_of_this_world_are_refused(javascript, tmp_path):
    for value in (np.nan, 1e30):
        sound = np.zeros((9000, 2), np.float32)
        sound[8000, 1] = value
        soundfile.write(tmp_path / "song.wav", sound, 8000, subtype="FLOAT")
        assert "channel 2 at 1.000 s" in javascript(READ, file=tmp_path / "song.wav")["error"]


@pytest.mark.parametrize(
    ("container", "subtype", "rate"),
    [
        ("OGG", "VORBIS", 32_000),
        ("OGG", "OPUS", 48_000),
        ("MP3", "MPEG_LAYER_III", 44_100),
        ("MP3", "MPEG_LAYER_III", 22_050),
        ("MP3", "MPEG_LAYER_III", 8_000),
    ],
)
def test_the_sample_rate_of_what_the_browser_decodes(
    javascript, tmp_path, container, subtype, rate
):
    """So that the browser need not resample it."""
    path = tmp_path / "song"
    soundfile.write(path, music(1.0, rate, 2).T, rate, subtype=subtype, format=container)
    body = """
    const { sampleRateOf } = await load("encoded");
    return { rate: await sampleRateOf(given.file) };
    """
    assert javascript(body, file=path)["rate"] == rate
    if container == "MP3":  # behind a tag
        tag = b"ID3\3\0\0\0\0\1\0" + b"\xff\xfb" + bytes(126)
        path.write_bytes(tag + path.read_bytes())
        assert javascript(body, file=path)["rate"] == rate
