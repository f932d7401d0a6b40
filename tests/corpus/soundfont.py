"""A SoundFont to test with: sines that sound on as long as a key is held.

See "SoundFont technical specification", version 2.01, E-mu Systems 1998.
"""

import struct
from pathlib import Path

import numpy as np

RATE = 44_000
PERIOD = 100  # samples: 440 Hz
ROOT_KEY = 69
LENGTH = 100 * PERIOD

# What a preset plays: a sine at the key's pitch, or one an octave above it.
PRESETS = {(0, 0): 0, (0, 1): 1, (128, 0): 0, (128, 8): 1}  # (bank, program): sample
DRUMS = 128  # the bank of drum kits

_SAMPLE_ID, _SAMPLE_MODES, _INSTRUMENT = 53, 54, 41  # generators


def write_soundfont(path: Path) -> Path:
    time = np.arange(LENGTH)
    sounds = [
        np.round(16_000 * np.sin(2 * np.pi * octave * time / PERIOD)).astype("<i2")
        for octave in (1, 2)
    ]
    gap = bytes(46 * 2)  # as the specification asks for after each sample
    info = _chunk(b"ifil", struct.pack("<2H", 2, 1))
    info += _chunk(b"isng", b"EMU8000\0") + _chunk(b"INAM", b"sines\0")
    samples = _chunk(b"smpl", b"".join(sound.tobytes() + gap for sound in sounds))

    presets, instruments, headers = [], [], []
    for index, ((bank, program), sample) in enumerate(PRESETS.items()):
        name = f"{bank}:{program}".encode()
        presets.append(struct.pack("<20s3H3I", name, program, bank, index, 0, 0, 0))
        assert sample < len(sounds)
    count = len(PRESETS)
    presets.append(struct.pack("<20s3H3I", b"EOP", 0, 0, count, 0, 0, 0))
    preset_bags = [struct.pack("<2H", index, 0) for index in range(count + 1)]
    preset_generators = [
        *(struct.pack("<2H", _INSTRUMENT, sample) for sample in PRESETS.values()),
        bytes(4),
    ]
    for index in range(len(sounds)):
        instruments.append(struct.pack("<20sH", f"sine {index}".encode(), index))
        start = index * (LENGTH + 46)
        where = (start, start + LENGTH, start + PERIOD, start + LENGTH - PERIOD)
        headers.append(
            struct.pack("<20s5IBb2H", b"sine", *where, RATE, ROOT_KEY, 0, 0, 1)  # mono
        )
    instruments.append(struct.pack("<20sH", b"EOI", len(sounds)))
    headers.append(struct.pack("<20s5IBb2H", b"EOS", *[0] * 9))
    bags = [struct.pack("<2H", 2 * index, 0) for index in range(len(sounds) + 1)]
    generators = [
        struct.pack("<4H", _SAMPLE_MODES, 1, _SAMPLE_ID, index) for index in range(len(sounds))
    ]
    generators.append(bytes(4))

    tables = {
        b"phdr": presets,
        b"pbag": preset_bags,
        b"pmod": [bytes(10)],
        b"pgen": preset_generators,
        b"inst": instruments,
        b"ibag": bags,
        b"imod": [bytes(10)],
        b"igen": generators,
        b"shdr": headers,
    }
    data = b"".join(_chunk(name, b"".join(records)) for name, records in tables.items())
    lists = ((b"INFO", info), (b"sdta", samples), (b"pdta", data))
    body = b"".join(_chunk(b"LIST", name + content) for name, content in lists)
    path.write_bytes(_chunk(b"RIFF", b"sfbk" + body))
    return path


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)
