"""The library libopenmpt, as far as it is needed to play instruments of a tracker module alone."""

import ctypes
import ctypes.util
from collections import Counter
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ticktone.errors import TicktoneError

HIGHEST_NOTE = 120  # patterns count notes from 1; what is above is no note but an event

_BLOCK = 8192  # samples
_INTERPOLATION_LENGTH = 3  # a render parameter's number
_TAPS = 8
_NOTE, _INSTRUMENT = 0, 1  # numbers of commands in a pattern's cell
_POINTER, _INT, _DOUBLE = ctypes.c_void_p, ctypes.c_int32, ctypes.c_double

# Results and arguments of the functions that are called, by name without "openmpt_".
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "get_string": (_POINTER, (ctypes.c_char_p,)),
    "free_string": (None, (_POINTER,)),
    "module_ext_create_from_memory": (
        _POINTER,
        (ctypes.c_char_p, ctypes.c_size_t, *(_POINTER,) * 7),
    ),
    "module_ext_destroy": (None, (_POINTER,)),
    "module_ext_get_module": (_POINTER, (_POINTER,)),
    "module_ext_get_interface": (
        ctypes.c_int,
        (_POINTER, ctypes.c_char_p, _POINTER, ctypes.c_size_t),
    ),
    "module_get_metadata": (_POINTER, (_POINTER, ctypes.c_char_p)),
    "module_get_num_instruments": (_INT, (_POINTER,)),
    "module_get_num_samples": (_INT, (_POINTER,)),
    "module_get_num_channels": (_INT, (_POINTER,)),
    "module_get_num_orders": (_INT, (_POINTER,)),
    "module_get_num_patterns": (_INT, (_POINTER,)),
    "module_get_order_pattern": (_INT, (_POINTER, _INT)),
    "module_get_pattern_num_rows": (_INT, (_POINTER, _INT)),
    "module_get_pattern_row_channel_command": (
        ctypes.c_uint8,
        (_POINTER, _INT, _INT, _INT, ctypes.c_int),
    ),
    "module_get_instrument_name": (_POINTER, (_POINTER, _INT)),
    "module_get_sample_name": (_POINTER, (_POINTER, _INT)),
    "module_get_duration_seconds": (_DOUBLE, (_POINTER,)),
    "module_set_repeat_count": (ctypes.c_int, (_POINTER, _INT)),
    "module_set_position_seconds": (_DOUBLE, (_POINTER, _DOUBLE)),
    "module_set_render_param": (ctypes.c_int, (_POINTER, ctypes.c_int, _INT)),
    "module_read_interleaved_float_stereo": (
        ctypes.c_size_t,
        (_POINTER, _INT, ctypes.c_size_t, _POINTER),
    ),
}


class _Interactive(ctypes.Structure):
    """The functions of libopenmpt's interface "interactive", in its order."""

    _fields_ = (
        *((f"before_{number}", _POINTER) for number in range(12)),
        (
            "set_instrument_mute_status",
            ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _INT, ctypes.c_int),
        ),
        *((f"after_{number}", _POINTER) for number in range(3)),
    )


@cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(ctypes.util.find_library("openmpt") or "libopenmpt.so.0")
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, f"openmpt_{name}")
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        raise TicktoneError(
            "tracker modules need the library libopenmpt, which is not installed; "
            "install it, on Debian by: apt-get install libopenmpt0"
        ) from None
    return library


def version() -> str:
    """Return the library's version, such as "0.6.9".

    Raises
    ------
    TicktoneError
        If the library is not installed.
    """
    return _text(_library().openmpt_get_string(b"library_version"))


def _text(pointer: int | None) -> str:
    """Copy a string of the library's, and free it."""
    if not pointer:
        return ""
    content = ctypes.string_at(pointer).decode("utf-8", "replace")
    _library().openmpt_free_string(pointer)
    return content


class Module:
    """A tracker module. Close it, or use it in a `with` statement.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    count : int
        Number of its instruments or, in a module that has none, of its samples, which are then
        played directly and take their place.

    Raises
    ------
    TicktoneError
        If the library is not installed, or the file cannot be read or is no module.
    """

    def __init__(self, path: Path) -> None:
        self._library = _library()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise TicktoneError(f"cannot be read: {error.strerror or error}", path) from None
        extended = self._library.openmpt_module_ext_create_from_memory(
            data, len(data), *(None,) * 7
        )
        if not extended:
            raise TicktoneError("is not a tracker module, or is damaged", path)
        self._extended: int | None = extended
        self._module = self._library.openmpt_module_ext_get_module(extended)
        self._interactive = _Interactive()
        if not self._library.openmpt_module_ext_get_interface(
            extended,
            b"interactive",
            ctypes.byref(self._interactive),
            ctypes.sizeof(self._interactive),
        ):
            self.close()
            raise TicktoneError("this libopenmpt cannot mute instruments; install 0.5 or later")
        instruments = self._call("get_num_instruments")
        self._has_instruments = instruments > 0
        self.count: int = instruments or self._call("get_num_samples")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the library's memory."""
        if self._extended is not None:
            self._library.openmpt_module_ext_destroy(self._extended)
            self._extended = None

    def _call(self, name: str, *arguments: Any) -> Any:
        return getattr(self._library, f"openmpt_module_{name}")(self._module, *arguments)

    @property
    def title(self) -> str:
        """The song's title, as its author wrote it."""
        return self.metadata("title")

    def metadata(self, key: str) -> str:
        """Return what the file says of itself: its "title", its "artist"."""
        return _text(self._call("get_metadata", key.encode()))

    @property
    def seconds(self) -> float:
        """Duration of the song, played once."""
        return float(self._call("get_duration_seconds"))

    def names(self) -> list[str]:
        """Return the instruments' names.

        Where each instrument seems to have one sample (there are as many), and is not named, its
        sample's name is returned.
        """
        count = self._call("get_num_samples")
        samples = [_text(self._call("get_sample_name", number)) for number in range(count)]
        if not self._has_instruments:
            return samples
        names = [_text(self._call("get_instrument_name", number)) for number in range(self.count)]
        if len(samples) == len(names):
            names = [name if name.strip() else samples[k] for k, name in enumerate(names)]
        return names

    def notes(self) -> list[Counter[int]]:
        """Count the notes that each instrument plays, by pitch (in semitones), in the song's order.

        An instrument that is not named beside a note is the channel's last.
        """
        channels = self._call("get_num_channels")
        counts: list[Counter[int]] = [Counter() for _ in range(self.count)]
        current = [0] * channels
        for order in range(self._call("get_num_orders")):
            pattern = self._call("get_order_pattern", order)
            if not 0 <= pattern < self._call("get_num_patterns"):
                continue  # a mark between songs
            for row in range(self._call("get_pattern_num_rows", pattern)):
                for channel in range(channels):
                    cell = "get_pattern_row_channel_command", pattern, row, channel
                    current[channel] = self._call(*cell, _INSTRUMENT) or current[channel]
                    note = self._call(*cell, _NOTE)
                    if 0 < note <= HIGHEST_NOTE and 0 < current[channel] <= self.count:
                        counts[current[channel] - 1][note] += 1
        return counts

    def play(self, instruments: Collection[int], sample_rate: int) -> NDArray[np.float32]:
        """Play the song once, with some of its instruments only.

        Parameters
        ----------
        instruments : collection of int
            Counted from 0.
        sample_rate : int
            Hz.

        Returns
        -------
        ndarray [shape=(2, samples)]
            The same number of samples whichever instruments play.
        """
        mute = self._interactive.set_instrument_mute_status
        for number in range(self.count):
            mute(self._extended, number, int(number not in instruments))
        self._call("set_repeat_count", 0)
        self._call("set_render_param", _INTERPOLATION_LENGTH, _TAPS)
        self._call("set_position_seconds", 0.0)
        block = np.empty((_BLOCK, 2), np.float32)
        blocks = []
        while count := self._call(
            "read_interleaved_float_stereo", sample_rate, _BLOCK, block.ctypes.data
        ):
            blocks.append(block[:count].copy())
        return np.concatenate(blocks).T.copy() if blocks else np.zeros((2, 0), np.float32)
