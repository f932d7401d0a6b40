"""Parts are as long as the recording, whatever the container and its encoding do to lengths."""

import subprocess

import numpy as np
import pytest
import soundfile

import ticktone
from tests.audio.reading import make, read
from tests.support.sounds import music
from ticktone.audio.formats import Format, held_by
from ticktone.audio.writer import Writer

CODED = [
    *(("AIFF", kind) for kind in ("IMA_ADPCM", "GSM610", "DWVW_16", "PCM_S8", "ULAW")),
    *(("WAV", kind) for kind in ("IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32", "NMS_ADPCM_16")),
    *(("W64", kind) for kind in ("IMA_ADPCM", "MS_ADPCM", "GSM610")),
    *(("AU", kind) for kind in ("G721_32", "G723_24", "G723_40")),
    *(("CAF", f"ALAC_{bits}") for bits in (16, 20, 24)),
    *(("PAF", "PCM_24"), ("VOC", "ALAW"), ("SDS", "PCM_16"), ("SVX", "PCM_S8"), ("XI", "DPCM_8")),
]


@pytest.mark.parametrize(("container", "subtype"), CODED)
def test_of_excerpts_of_any_length(tmp_path, container, subtype):
    path = tmp_path / f"a.{container.lower()}"
    soundfile.write(path, music(0.5, channels=1)[0], 44_100, format=container, subtype=subtype)
    whole, reader = read(path)
    for frames in (whole.shape[1], 1001):
        result = ticktone.separate_file(
            path, tmp_path / "out", "median", end=frames / reader.sample_rate, existing="overwrite"
        )
        parts = [read(tmp_path / "out" / part) for part in result.outputs.values()]
        assert [part.shape for part, _ in parts] == 2 * [(len(whole), frames)]
        if parts[0][1].format.subtype != subtype:
            assert any("; the parts are " in note for note in result.notes)


def test_adpcm_stays_where_its_blocks_hold_the_length(tmp_path):
    soundfile.write(tmp_path / "a.aiff", music(1.0).T[: 64 * 200], 44_100, subtype="IMA_ADPCM")
    result = ticktone.separate_file(tmp_path / "a.aiff", method="median")
    assert {soundfile.info(part).subtype for part in result.outputs.values()} == {"IMA_ADPCM"}
    assert result.notes == []
    result = ticktone.separate_file(
        tmp_path / "a.aiff", method="median", end=0.1, existing="overwrite"
    )
    assert {soundfile.info(part).subtype for part in result.outputs.values()} == {"PCM_16"}
    assert result.notes == ["IMA_ADPCM holds multiples of 64 samples; the parts are PCM_16"]


@pytest.mark.program("ffmpeg")
def test_blocks_of_another_programs_length(tmp_path):
    soundfile.write(tmp_path / "s.wav", music(0.5).T, 44_100)
    command = ["ffmpeg", "-v", "error", "-i", tmp_path / "s.wav", "-c:a", "adpcm_ima_wav"]
    subprocess.run([*command, tmp_path / "a.wav"], check=True)
    whole, _ = read(tmp_path / "a.wav")
    result = ticktone.separate_file(tmp_path / "a.wav", method="median")
    parts = [read(tmp_path / part)[0] for part in result.outputs.values()]
    assert [part.shape for part in parts] == 2 * [whole.shape]


def test_an_encoding_that_was_asked_for_says_what_it_adds(tmp_path):
    soundfile.write(tmp_path / "a.wav", music(0.5).T, 44_100)
    result = ticktone.separate_file(tmp_path / "a.wav", method="median", subtype="ima_adpcm")
    (note,) = result.notes
    assert note.startswith("IMA_ADPCM holds multiples of ")
    assert note.endswith(" samples: silence fills the last")


@pytest.mark.parametrize(
    "container", ["AIFF", "AU", "AVR", "CAF", "NIST", "PVF", "SVX", "VOC", "WAV"]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_an_odd_number_of_bytes_is_not_filled_up(tmp_path, container, channels):
    audio = music(0.1, channels=channels)[:, :1001]
    for subtype in {"PCM_S8", "PCM_U8", "ULAW", "ALAW"} & {*held_by(container)}:
        if channels == 3 and container in ("AVR", "SVX", "VOC"):
            continue
        writer = Writer(tmp_path / "a", 44_100, channels, Format(container, subtype, ""), 1001)
        writer.write(audio)
        writer.close()
        writer.commit()
        found, reader = read(tmp_path / "a")
        assert found.shape == audio.shape, subtype
        assert reader.notes == []
        assert np.abs(found - audio).max() < 0.05


@pytest.mark.parametrize(("channels", "bits"), [(1, 24), (2, 20), (2, 24)])
def test_parts_of_alac_sum_to_it_where_it_does_not_compress(tmp_path, channels, bits):
    """libsndfile's encoder writes other samples there, without a word."""
    noise = np.random.default_rng(1).uniform(-0.9, 0.9, (9000, channels))
    soundfile.write(tmp_path / "a.caf", noise, 44_100, subtype=f"ALAC_{bits}")
    recording, _ = read(tmp_path / "a.caf")
    result = ticktone.separate_file(tmp_path / "a.caf", method="median")
    parts = [read(tmp_path / part)[0] for part in result.outputs.values()]
    assert np.abs(sum(parts) - recording).max() <= 2.0 ** (1 - bits)
    assert result.notes == [f"ALAC_{bits} can only be read; the parts are PCM_24"]


def dump(path, samples, bits):
    """Write a MIDI sample dump; libsndfile's lack their last samples."""
    width = -(-bits // 7)
    values = np.rint((samples + 1) * 2 ** (bits - 1)).astype(int) << (7 * width - bits)
    shifts = 7 * np.arange(width)[::-1]
    carried = (values[:, None] >> shifts & 0x7F).astype(np.uint8).ravel()

    def seven(number, count):
        return bytes(number >> 7 * place & 0x7F for place in range(count))

    data = b"\xf0\x7e\0\1\0\0" + bytes([bits]) + seven(22_676, 3) + seven(len(samples), 3)
    data += bytes(6) + b"\0\xf7"
    for start in range(0, len(carried), 120):
        content = carried[start : start + 120].tobytes().ljust(120, b"\0")
        data += b"\xf0\x7e\0\2" + bytes([start // 120 % 128]) + content + b"\0\xf7"
    path.write_bytes(data)


@pytest.mark.parametrize("bits", [8, 12, 16, 24, 28])
@pytest.mark.parametrize("samples", [1, 7, 40, 41, 4097, 9999])
def test_midi_sample_dumps_are_read_to_their_last_sample(tmp_path, bits, samples):
    sound = music(1.0, channels=1)[0, :samples].astype(np.float64)
    wanted = np.rint(sound * 2 ** (bits - 1)) / 2 ** (bits - 1)
    dump(tmp_path / "a.sds", wanted, bits)
    found, reader = read(tmp_path / "a.sds")
    assert np.array_equal(found, wanted[None].astype(found.dtype))
    assert reader.sample_rate == 44_099
    result = ticktone.separate_file(tmp_path / "a.sds", method="median")
    assert soundfile.info(result.outputs["harmonic"]).frames == samples
    assert result.notes == [f"sds can only be read; the parts are flac ({reader_subtype(bits)})"]


def reader_subtype(bits):
    return "PCM_16" if bits <= 16 else "PCM_24"


def test_damaged_midi_sample_dumps_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    path = make(tmp_path / "a.sds", "SDS", "PCM_16")
    data = bytearray(path.read_bytes())
    for place, value in ((3, 9), (6, 5), (6, 99), (21 + 127 * 3, 0), (21 + 127 * 3 + 50, 0xFF)):
        damaged = bytearray(data)
        damaged[place] = value
        path.write_bytes(damaged)
        with pytest.raises(ticktone.TicktoneError, match=r"MIDI sample dump|is truncated"):
            read(path)
