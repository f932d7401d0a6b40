"""MIDI sample dumps (Sample Dump Standard, MMA RP-004), whose last packets libsndfile misreads."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ticktone.audio.decoder import Decoder, DecoderError, truncated
from ticktone.audio.formats import Format
from ticktone.audio.headers import Bytes

MAGIC = b"\xf0\x7e"
_HEAD, _PACKET, _BEFORE, _CARRIES = 21, 127, 5, 120  # bytes
_NOBODY_SAID = (0, 2**21 - 1)  # numbers of samples


class SdsDecoder(Decoder):
    """A sample dump, decoded when it is opened: it holds two million samples at most.

    Parameters
    ----------
    path : Path
    file : Bytes
        The same file, open.

    Raises
    ------
    DecoderError
        If it is no dump, or is damaged.
    TicktoneError
        If it is shorter than its header says.
    """

    def __init__(self, path: Path, file: Bytes) -> None:
        head = file.at(0, _HEAD)
        self.channels, self.notes, bits = 1, [], head[6] if len(head) == _HEAD else 0
        if not 8 <= bits <= 28 or head[3] != 1 or max(head[4:20]) > 0x7F:
            raise DecoderError("begins as a MIDI sample dump, but its header is damaged")
        period, count = _number(head[7:10]), _number(head[10:13])
        self.sample_rate = round(1e9 / period) if period else 0
        data = np.frombuffer(file.at(_HEAD, file.size - _HEAD), np.uint8)
        packets = data[: len(data) // _PACKET * _PACKET].reshape(-1, _PACKET)
        width = -(-bits // 7)  # bytes to a sample, of seven bits each, the highest first
        if count in _NOBODY_SAID:
            self.notes.append("its header was never finished; read to the end of the file")
            count = len(packets) * (_CARRIES // width)
        packets = packets[: -(-count // (_CARRIES // width))]
        whole = (packets[:, [0, 1, 3]] == (*MAGIC, 2)).all(axis=1)
        if not whole.all():
            raise DecoderError(
                f"is a MIDI sample dump, damaged in packet {int(whole.argmin()) + 1}"
            )
        carried = packets[:, _BEFORE : _BEFORE + _CARRIES].reshape(-1, width).astype(np.int64)
        if carried.size and carried.max() > 0x7F:
            raise DecoderError("is a MIDI sample dump with a damaged packet")
        values = carried @ (1 << 7 * np.arange(width)[::-1])
        self._samples = values[:count] / 2.0 ** (7 * width - 1) - 1
        if len(self._samples) < count:
            raise truncated(path, f"it promises {count} samples and holds {len(self._samples)}")
        subtype = "PCM_16" if bits <= 16 else "PCM_24" if bits <= 24 else "PCM_32"
        self.format = Format("SDS", subtype, path.suffix[1:])
        self.frames, self._place = count, 0

    @property
    def is_wide(self) -> bool:
        """Whether float32 would lose bits."""
        return self.format.subtype == "PCM_32"

    def read(self, frames: int) -> NDArray[Any]:
        """Read the next samples; see `Decoder.read`."""
        block = self._samples[self._place : self._place + frames]
        self._place += len(block)
        return block[:, None].astype(np.float64 if self.is_wide else np.float32)

    def seek(self, frames: int) -> int:
        """Pass over samples; see `Decoder.seek`."""
        self._place = min(frames, len(self._samples))
        return self._place

    def close(self) -> None:
        """Do nothing: the file is not this object's."""


def _number(sevens: bytes) -> int:
    """Return a number written in bytes of seven bits, the lowest first."""
    return sum(byte << 7 * place for place, byte in enumerate(sevens))
