"""Containers with numbers in fixed places: AU, CAF, VOC, NIST, ADX, AVR, SDS, XI, MAT and more."""

import re
from collections.abc import Callable
from dataclasses import replace

from ticktone.audio.headers.extent import MAX_CHUNKS, Bytes, Extent, Field, is_placeholder, plus

_MAT4_BYTES = (8, 4, 4, 2, 2, 1)  # to a number, by the third digit of a matrix's type
_SDS_HEAD, _SDS_PACKET, _SDS_CARRIES = 21, 127, 120  # bytes


def _au(file: Bytes) -> Extent | None:
    order = ">" if file.at(0, 4) == b".snd" else "<"
    numbers = file.numbers(f"{order}II", 4)
    if numbers is None:
        return None
    start, length = numbers
    is_open = is_placeholder(length) and (length == 0 or start + length > file.size)
    known = None if is_open else length
    return Extent("AU", start, known, (Field(8, f"{order}I", plus(0)),), wraps=True)


def _caf(file: Bytes) -> Extent | None:
    place = 8
    for _ in range(MAX_CHUNKS):
        head = file.numbers(">q", place + 4)
        if head is None:
            return None
        (size,), start = head, place + 16  # an edit count comes first
        if file.at(place, 4) == b"data":
            is_open = size in (0, 4) or size < 0 or size >= 2**63 - 2**16
            fields = (Field(place + 4, ">q", plus(4)),)
            return Extent("CAF", start, None if is_open else size - 4, fields)
        if size < 0:
            return None
        place += 12 + size
    return None


def _voc(file: Bytes) -> Extent | None:
    head = file.numbers("<H", 20)
    if head is None:
        return None
    place = head[0]
    for _ in range(MAX_CHUNKS):
        block = file.at(place, 4)
        if len(block) < 4 or block[0] == 0:
            return None
        size, before = int.from_bytes(block[1:], "little"), {1: 2, 9: 12}.get(block[0])
        if before is not None:
            found = _voc_samples(file, place, size, before, block[0])
            last = _voc_end(file, place)  # whatever block is cut, the sound is
            return found if last <= file.size else replace(found, length=last - found.start)
        place += 4 + size
    return None


def _voc_end(file: Bytes, place: int) -> int:
    """Return where the last of the blocks from a place on ends, by its header."""
    for _ in range(MAX_CHUNKS):
        block = file.at(place, 4)
        if len(block) < 4 or block[0] == 0:
            return place
        size = int.from_bytes(block[1:], "little")
        if size == 0 or (size >= 2**24 - 2 and place + 4 + size > file.size):
            return place  # of a recorder that never finished it
        place += 4 + size
    return place


def _adx(file: Bytes) -> Extent | None:
    numbers = file.numbers(">HBBBBII", 2)
    if numbers is None or file.at(numbers[0] - 2, 6) != b"(c)CRI":
        return None
    offset, _, block, bits, channels, _, count = numbers
    if not (block > 2 and bits and count):
        return None
    blocks = -(-count // ((block - 2) * 8 // bits))
    return Extent("ADX", offset + 4, blocks * block * channels)


def _voc_samples(file: Bytes, place: int, size: int, before: int, kind: int) -> Extent:
    is_open = size == 0 or (size >= 2**24 - 2 and place + 4 + size > file.size)
    # The kind of block is the lowest byte of the number that tells the length.
    field = Field(place, "<I", lambda length: (length + before) << 8 | kind)
    return Extent("VOC", place + 4 + before, None if is_open else size - before, (field,))


def _nist(file: Bytes) -> Extent | None:
    text = file.at(0, 1024)
    start = re.match(rb"NIST_1A\s+(\d{1,9})\s", text)
    numbers = {
        name: int(value) for name, value in re.findall(rb"^(\w+) -i (\d{1,15})\s", text, re.M)
    }
    count = numbers.get(b"sample_count", 0)
    if start is None:
        return None
    frame = numbers.get(b"channel_count", 1) * numbers.get(b"sample_n_bytes", 1)
    is_open = (is_placeholder(count) and count * frame + int(start[1]) > file.size) or count == 0
    return Extent("NIST", int(start[1]), None if is_open else count * frame)


def _avr(file: Bytes) -> Extent | None:
    numbers = file.numbers(">hhhhhII", 12)
    if numbers is None:
        return None
    stereo, bits, count = numbers[0], numbers[1], numbers[6]
    frame = (2 if stereo else 1) * max(1, bits // 8)
    known = None if is_placeholder(count) else count * frame
    return Extent("AVR", 128, known, (Field(26, ">I", lambda length: length // frame),), frame)


def _sds(file: Bytes) -> Extent | None:
    head = file.at(0, _SDS_HEAD)
    if len(head) < _SDS_HEAD or head[3] != 1:
        return None
    count = sum(byte << 7 * place for place, byte in enumerate(head[10:13]))
    packet = _SDS_CARRIES // max(2, -(-head[6] // 7))
    known = None if count in (0, 2**21 - 1) else -(-count // packet) * _SDS_PACKET
    return Extent("SDS", _SDS_HEAD, known)


def _wve(file: Bytes) -> Extent | None:
    numbers = file.numbers(">I", 18)
    if numbers is None:
        return None
    known = None if is_placeholder(numbers[0]) else numbers[0]
    return Extent("WVE", 32, known, (Field(18, ">I", plus(0)),))


def _mpc(file: Bytes) -> Extent | None:
    numbers = file.numbers("<BIII", 21)
    if numbers is None:
        return None
    frame = 4 if numbers[0] else 2
    known = None if is_placeholder(numbers[3]) else numbers[3] * frame
    return Extent("MPC2K", 42, known, (Field(30, "<I", lambda length: length // frame),), frame)


def _xi(file: Bytes) -> Extent | None:
    numbers = file.numbers("<H", 296)
    if numbers is None:
        return None
    heads = [file.numbers("<I", 298 + 40 * index) for index in range(min(numbers[0], 128))]
    lengths = [head[0] for head in heads if head is not None]
    return Extent("XI", 298 + 40 * len(heads), sum(lengths)) if any(lengths) else None


def _mat4(order: str) -> Callable[[Bytes], Extent | None]:
    def read(file: Bytes) -> Extent | None:
        place = 0
        for _ in range(2):  # the sample rate, then the samples
            numbers = file.numbers(f"{order}5I", place)
            if numbers is None:
                return None
            kind, rows, columns, _, name = numbers
            width = _MAT4_BYTES[min(kind // 10 % 10, 5)]
            start, length = place + 20 + name, rows * columns * width
            place = start + length
        known = None if is_placeholder(columns) else length
        count = start - name - 20 + 8
        field = Field(count, f"{order}I", lambda length: length // max(1, rows * width))
        return Extent("MAT4", start, known, (field,), max(1, rows * width))

    return read


def _mat5(file: Bytes) -> Extent | None:
    order = "<" if file.at(126, 2) == b"IM" else ">"
    first = file.numbers(f"{order}II", 128)  # the sample rate
    if first is None:
        return None
    place = 128 + 8 + first[1] + 8  # within the matrix that follows
    for _ in range(3):  # flags, dimensions, name
        tag = file.numbers(f"{order}II", place)
        if tag is None:
            return None
        place += 8 if tag[0] >> 16 else 8 + -(-tag[1] // 8) * 8  # a short one is within its tag
    data = file.numbers(f"{order}I", place + 4)
    if data is None:
        return None
    return Extent("MAT5", place + 8, None if is_placeholder(data[0]) else data[0])


def _whole(container: str, file: Bytes, start: int, frame: int) -> Extent:
    """Return the extent of samples of whose number nothing is said: they end whole, at least."""
    frame = max(1, frame)
    return Extent(container, start, -(-max(0, file.size - start) // frame) * frame, (), frame)


def _paf(file: Bytes) -> Extent | None:
    order = ">" if file.at(0, 1) == b" " else "<"
    numbers = file.numbers(f"{order}4I", 12)
    if numbers is None:
        return None
    width = {0: 2, 1: 32, 2: 1}.get(numbers[1], 1)  # 24 bits: ten samples in 32 bytes
    return _whole("PAF", file, 2048, width * numbers[2])


_IRCAM_MACHINES = {1: "<", 2: ">", 3: "<", 4: ">"}  # VAX, Sun, MIPS, NeXT


def _ircam(order: str) -> Callable[[Bytes], Extent | None]:
    def read(file: Bytes) -> Extent | None:
        numbers = file.numbers(f"{order}II", 8)
        if numbers is None:
            return None
        return _whole("IRCAM", file, 1024, numbers[0] * (numbers[1] & 0xF))

    return read


def _pvf(file: Bytes) -> Extent | None:
    head = re.match(rb"PVF1\n(\d{1,6}) (\d{1,12}) (\d{1,2})\n", file.at(0, 64))
    if head is None:
        return None
    return _whole("PVF", file, head.end(), int(head[1]) * (int(head[3]) // 8))


FIXED: dict[bytes, Callable[[Bytes], Extent | None]] = {
    b".snd": _au,
    b"dns.": _au,
    b"caff": _caf,
    b"Creative Voice File": _voc,
    b"NIST_1A": _nist,
    b"\x80\x00": _adx,
    b"2BIT": _avr,
    b"\xf0\x7e": _sds,
    b"ALawSoundFile**": _wve,
    b"\x01\x04": _mpc,
    b"Extended Instrument: ": _xi,
    b"\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00": _mat4("<"),
    b"\x00\x00\x03\xe8\x00\x00\x00\x01\x00\x00\x00\x01": _mat4(">"),
    b"MATLAB 5.0 MAT-file": _mat5,
    b" paf": _paf,
    b"fap ": _paf,
    **{bytes([0x64, 0xA3, kind, 0]): _ircam(order) for kind, order in _IRCAM_MACHINES.items()},
    **{bytes([0, kind, 0xA3, 0x64]): _ircam(">") for kind in _IRCAM_MACHINES},
    b"PVF1": _pvf,
}
