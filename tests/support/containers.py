"""Files of chunks, made by hand."""

import struct

from tests.support.sounds import music


def chunk(name, content, order="<"):
    return name + struct.pack(f"{order}I", len(content)) + content + b"\0" * (len(content) % 2)


def wav(path, chunks=(), samples=1001, channels=2, mask=None, before=()):
    """A 16-bit WAV file with chunks behind, or before, its sound."""
    audio = (music(1.0, channels=channels)[:, :samples] * 2**15).astype("<i2")
    form = struct.pack("<HHIIHH", 1, channels, 44_100, 88_200 * channels, 2 * channels, 16)
    if mask is not None:
        guid = bytes.fromhex("0100000000001000800000aa00389b71")
        form = b"\xfe\xff" + form[2:] + struct.pack("<HHI", 22, 16, mask) + guid
    body = b"WAVE" + chunk(b"fmt ", form) + b"".join(chunk(*c) for c in before)
    body += chunk(b"data", audio.T.tobytes()) + b"".join(chunk(*c) for c in chunks)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def chunks_of(path):
    """The chunks of a RIFF, RF64 or AIFF file: name -> content (of data, its length)."""
    data = path.read_bytes()
    order = ">" if data[:4] == b"FORM" else "<"
    found: dict[bytes, bytes] = {}
    offset = 12
    while offset + 8 <= len(data):
        name, size = (
            data[offset : offset + 4],
            struct.unpack(f"{order}I", data[offset + 4 :][:4])[0],
        )
        if size == 2**32 - 1:
            size = struct.unpack("<Q", found[b"ds64"][8:16])[0]
        found[name] = data[offset + 8 : offset + 8 + size]
        offset += 8 + size + size % 2
    assert offset == len(data), "chunks fill the file"
    stated = struct.unpack(f"{order}I", data[4:8])[0]
    if data[:4] == b"RF64":
        stated = struct.unpack("<Q", found[b"ds64"][:8])[0]
    assert stated == len(data) - 8, "the header states the file's length"
    return found
