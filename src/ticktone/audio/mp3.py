"""How long an MP3 file says it is."""

from pathlib import Path

from ticktone.audio.decoder import SeveralFilesError, truncated
from ticktone.audio.headers import Bytes

_FRAME = 4096  # bytes; no MPEG frame is longer
_SEARCHED = 2**18  # bytes
_RATES = (44_100, 48_000, 32_000)  # Hz, of MPEG 1
_MPEG_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
# kbit/s, by whether it is MPEG 1, and the layer
_KILOBITS = {
    (True, 1): tuple(range(32, 449, 32)),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): _MPEG_2,
    (False, 3): _MPEG_2,
}
_FRAMES_GIVEN, _BYTES_GIVEN = 1, 2  # flags in a Xing header


def after_tags(file: Bytes) -> int:
    """Return where a file goes on after the ID3 tags that it begins with."""
    start = 0
    while (tag := file.at(start, 10))[:3] == b"ID3" and len(tag) == 10:
        start += 10 + sum((byte & 127) << 7 * place for place, byte in enumerate(tag[9:5:-1]))
    return start


def find_frames(file: Bytes) -> int | None:
    """Return where three frames in a row begin, or None if that is not near the beginning.

    Tags and any number of zeros may come first.
    """
    start = after_zeros(file, after_tags(file))
    data = file.at(start, _SEARCHED)
    place = data.find(b"\xff")
    while place >= 0:
        if _frames(file, start + place, 3)[1] == 3:
            return start + place
        place = data.find(b"\xff", place + 1)
    return None


def after_zeros(file: Bytes, start: int) -> int:
    """Return where the first byte that is not zero follows."""
    while data := file.at(start, _SEARCHED):
        rest = data.lstrip(b"\0")
        start += len(data) - len(rest)
        if rest:
            break
    return start


def ends_whole(file: Bytes) -> bool:
    """Return whether the last frame is there to its end."""
    end, _ = _frames(file, after_tags(file), file.size)
    return end <= file.size


def _frames(file: Bytes, place: int, most: int) -> tuple[int, int]:
    """Return where the last of the frames ends that follow each other, and how many they are."""
    count, first, start, data = 0, None, 0, b""
    while count < most:
        if place + 4 > start + len(data):
            start, data = place, file.at(place, _SEARCHED)
        head = data[place - start : place - start + 4]
        if len(head) < 4 or (length := _frame_length(head)) is None:
            break
        kind = (head[1] & 0xFE, head[2] & 0x0C)  # version and layer, sample rate
        if first not in (None, kind):
            break
        first, place, count = kind, place + length, count + 1
    return place, count


def _frame_length(head: bytes) -> int | None:
    """Return how many bytes an MPEG audio frame takes, by its header (ISO 11172-3, 13818-3)."""
    if head[0] != 0xFF or head[1] < 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate, kilobits, padding = head[2] >> 2 & 3, head[2] >> 4, head[2] >> 1 & 1
    if version == 1 or layer == 4 or rate == 3 or kilobits in (0, 15):
        return None
    hertz = _RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    bits = 1000 * _KILOBITS[(version == 3, layer)][kilobits - 1]
    if layer == 1:
        return (12 * bits // hertz + padding) * 4
    samples = 1152 if layer == 2 or version == 3 else 576
    return samples // 8 * bits // hertz + padding


def tells_its_length(file: Bytes, path: Path) -> bool:
    """Return whether a file's first frame is a Xing, Info or VBRI header, which tells its length.

    Without one, libsndfile guesses the length from the first frame's bit rate, wrongly.

    Raises
    ------
    SeveralFilesError
        If another file with a header follows, of which libsndfile would not read a sample.
    TicktoneError
        If the file is shorter than the header says.
    """
    start = after_tags(file)
    first = file.at(start, _FRAME)
    place = max(first.find(b"Xing"), first.find(b"Info"))
    if place >= 0:
        flags = int.from_bytes(first[place + 4 : place + 8])
        place += 12 if flags & _FRAMES_GIVEN else 8
        tells = bool(flags & _BYTES_GIVEN)
    else:
        place = first.find(b"VBRI")
        if place < 0:
            return False
        place, tells = place + 10, True
    if tells:
        end = start + int.from_bytes(first[place : place + 4])
        if end > file.size:
            raise truncated(path, f"the last {end - file.size} bytes are not there")
        following = file.at(end, _FRAME)
        if b"Xing" in following or b"Info" in following:
            raise SeveralFilesError("is several MP3 files in a row")
    return True
