"""Where samples lie in a file: what its header promises, against what is there."""

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ticktone.system import SYSTEM

_NEAR = 2**16  # a program that cannot seek back leaves the largest size less what else it counts
MAX_CHUNKS = 10_000  # before the samples; more are no recording


class Bytes:
    """A file's bytes, read at any place and not beyond its end.

    Parameters
    ----------
    descriptor : int
        Of a file that is open for reading.
    base : int
        What of it is passed over: places count from there.

    Attributes
    ----------
    size : int
        Of what is not passed over.
    """

    def __init__(self, descriptor: int, base: int = 0) -> None:
        self.descriptor, self.base = descriptor, base
        self.size = max(0, os.fstat(descriptor).st_size - base)

    def after(self, place: int) -> "Bytes":
        """Return the same without what lies before some place."""
        return Bytes(self.descriptor, self.base + place)

    def at(self, place: int, count: int) -> bytes:
        """Return `count` bytes, or as many as there are."""
        if not 0 <= place < self.size:
            return b""
        return SYSTEM.read_at(self.descriptor, count, self.base + place)

    def numbers(self, code: str, place: int) -> tuple[int, ...] | None:
        """Return numbers as `struct.unpack` does; None where the file has ended."""
        data = self.at(place, struct.calcsize(code))
        return struct.unpack(code, data) if len(data) == struct.calcsize(code) else None


class Field(NamedTuple):
    """A number in a header that follows from how many bytes of samples there are.

    Parameters
    ----------
    place : int
        Where it is in the file.
    code : str
        How it is written, in the words of `struct`.
    value : callable
        Returns the number for so many bytes of samples.
    """

    place: int
    code: str
    value: Callable[[int], int]


def plus(count: int) -> Callable[[int], int]:
    """Return the value of a field that counts so many bytes beside the samples."""
    return lambda length: length + count


@dataclass(frozen=True)
class Extent:
    """Where a file's samples lie, as its header says.

    Parameters
    ----------
    container : str
        In soundfile's words.
    start : int
        Where they begin.
    length : int or None
        How many bytes they take; None where the header leaves it open or was never finished.
    fields : tuple of Field
        What a finished header would say; empty where that is not needed to read the file.
    frame : int
        Bytes to a sample of all channels; 1 where that is not known.
    wraps : bool
        Whether a length over 4 GiB wraps around in the header.
    """

    container: str
    start: int
    length: int | None
    fields: tuple[Field, ...] = ()
    frame: int = 1
    wraps: bool = False

    def missing(self, size: int) -> int:
        """Return how many bytes of samples a file of `size` bytes lacks."""
        return 0 if self.length is None else max(0, self.start + self.length - size)

    def is_open(self, size: int) -> bool:
        """Return whether only the end of the file tells how many samples there are."""
        if self.length is None:
            return self.start < size
        beyond = size - self.start - self.length
        return self.wraps and beyond >= 2**32 - _NEAR

    def finished(self, head: bytes, length: int) -> bytes:
        """Return a header's bytes with the fields that fit so many bytes of samples."""
        mended = bytearray(head)
        for place, code, value in self.fields:
            largest = 2 ** (8 * struct.calcsize(code)) - 1
            signed = code[-1].islower()
            number = min(value(length), largest >> 1 if signed else largest)
            if place + struct.calcsize(code) <= len(mended):
                struct.pack_into(code, mended, place, number)
        return bytes(mended)


def is_placeholder(length: int, bits: int = 32) -> bool:
    """Return whether a length is what programs write that do not know it: nothing, or a limit.

    >>> [is_placeholder(x) for x in (0, 0xFFFFFFFF, 0x7FFFFFDB, 100, 3 * 2**30)]
    [True, True, True, False, False]
    """
    if length <= 0:
        return True
    limits = {2**31, 2**32, 2 ** (bits - 1), 2**bits}
    return any(limit - _NEAR <= length <= limit for limit in limits)


def begins_chunk(file: Bytes, place: int, code: str) -> bool:
    """Return whether a chunk with a name in letters, whole in the file, begins at a place."""
    name = file.at(place, 4)
    length = file.numbers(code, place + 4)
    is_name = len(name) == 4 and all(32 <= byte < 127 for byte in name)
    return is_name and length is not None and place + 8 + length[0] <= file.size + 1
