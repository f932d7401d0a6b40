"""What operating systems do differently, in one place: Linux and macOS here, Windows there.

Everything else asks `SYSTEM`. Linux is what ticktone is developed and tested on.
"""

import os
import select
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from array import array
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

# What ends a program that does not handle it, and can be handled; SIGINT has its own exception.
_FROM_TERMINAL = ("SIGHUP", "SIGQUIT", "SIGBREAK")
_ENDING = ("SIGTERM", *_FROM_TERMINAL, "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGPROF")
_SELDOM = ("SIGXCPU", "SIGIO", "SIGPWR", "SIGSTKFLT")
_ON_WINDOWS = ("SIGTERM", "SIGBREAK")  # the others cannot be handled there, or do not exist

_TRIES, _PAUSE = 20, 0.1  # seconds between attempts to replace a file that is being looked at


class System(ABC):
    """What is asked of an operating system.

    Attributes
    ----------
    holds_open_files : bool
        Whether a file that is open can be neither renamed nor removed.
    shares_descriptors : bool
        Whether C libraries can use the descriptors of Python's files.
    standard_output : str or None
        A path that leads to a program's standard output.
    window_closed, from_terminal, ending : tuple of Signals
        The signal that the terminal's window was closed, those that go to all processes of a
        terminal, and all that end a program but SIGINT.
    """

    holds_open_files: bool
    shares_descriptors: bool
    standard_output: str | None
    window_closed: tuple[signal.Signals, ...]
    from_terminal: tuple[signal.Signals, ...]
    ending: tuple[signal.Signals, ...]

    @abstractmethod
    def open_to_lock(self, path: Path) -> int:
        """Open a file or a folder, not through a link, and return the descriptor to lock."""

    @abstractmethod
    def lock(self, descriptor: int) -> bool | None:
        """Take a lock until it is closed: False if somebody has it, None if there are none here."""

    @abstractmethod
    def is_ours(self, path: Path) -> bool:
        """Return whether it belongs to this user."""

    @abstractmethod
    def replace(self, source: Path, target: Path) -> None:
        """Give a file the name of another, in its place."""

    @abstractmethod
    def is_alive(self, process: int) -> bool:
        """Return whether there is such a process; one of another user's is."""

    @abstractmethod
    def end_this_process(self) -> None:
        """End it as SIGTERM does, from any thread."""

    @abstractmethod
    def read_at(self, descriptor: int, count: int, offset: int) -> bytes:
        """Read from some place of a file; the place where it is read next stays."""

    @abstractmethod
    def unread(self, pipe: int) -> int:
        """Return how many bytes wait in a pipe; 0 once it is closed."""

    @abstractmethod
    def wait_for(self, pipe: IO[bytes], seconds: float) -> bool:
        """Wait until a pipe can be read, or has ended; False if that takes longer."""


class Posix(System):
    """Linux and macOS."""

    holds_open_files = False
    shares_descriptors = True
    standard_output = "/dev/stdout"

    def __init__(self) -> None:
        self.window_closed = _signals(("SIGHUP",))
        self.from_terminal = _signals(_FROM_TERMINAL)
        self.ending = _signals((*_ENDING, *_SELDOM))

    def open_to_lock(self, path: Path) -> int:
        """See `System`."""
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)

    def lock(self, descriptor: int) -> bool | None:
        """See `System`."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True

    def is_ours(self, path: Path) -> bool:
        """See `System`."""
        return path.stat().st_uid == os.getuid()

    def replace(self, source: Path, target: Path) -> None:
        """See `System`."""
        source.replace(target)

    def is_alive(self, process: int) -> bool:
        """See `System`."""
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            return True
        return True

    def end_this_process(self) -> None:
        """See `System`."""
        os.kill(os.getpid(), signal.SIGTERM)

    def read_at(self, descriptor: int, count: int, offset: int) -> bytes:
        """See `System`."""
        return os.pread(descriptor, count, offset)

    def unread(self, pipe: int) -> int:
        """See `System`."""
        import fcntl
        import termios

        waiting = array("i", [0])
        with suppress(OSError):
            fcntl.ioctl(pipe, termios.FIONREAD, waiting)
        return waiting[0]

    def wait_for(self, pipe: IO[bytes], seconds: float) -> bool:
        """See `System`."""
        return bool(select.select([pipe], [], [], seconds)[0])


class Windows(System):
    """Windows: an open file stays where it is, and C libraries have descriptors of their own."""

    holds_open_files = True
    shares_descriptors = False
    standard_output = None

    def __init__(self) -> None:
        self.window_closed = self.from_terminal = _signals(("SIGBREAK",))
        self.ending = _signals(_ON_WINDOWS)
        self._reading = threading.Lock()

    def open_to_lock(self, path: Path) -> int:
        """See `System`; folders cannot be opened here, and nothing need be."""
        if path.is_symlink():
            raise OSError(f"{path} is a link")
        return os.open(os.devnull, os.O_RDONLY)

    def lock(self, descriptor: int) -> bool | None:
        """See `System`; there are none here: whether its process lives tells what is in use."""
        return None

    def is_ours(self, path: Path) -> bool:
        """See `System`; folders for temporary files are each user's own here."""
        return True

    def replace(self, source: Path, target: Path) -> None:
        """See `System`; virus scanners and indexers look at new files for a moment."""
        for _ in range(_TRIES):
            with suppress(PermissionError):
                source.replace(target)
                return
            time.sleep(_PAUSE)
        source.replace(target)

    def is_alive(self, process: int) -> bool:
        """See `System`; `os.kill` would end it here."""
        import ctypes

        kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009  (elsewhere unknown to mypy)
        synchronise, denied = 0x0010_0000, 5
        handle = kernel.OpenProcess(synchronise, False, process)
        if not handle:
            return bool(kernel.GetLastError() == denied)
        ended = kernel.WaitForSingleObject(handle, 0) == 0
        kernel.CloseHandle(handle)
        return not ended

    def end_this_process(self) -> None:
        """See `System`; `os.kill` would leave no time to clean up here."""
        signal.raise_signal(signal.SIGTERM)

    def read_at(self, descriptor: int, count: int, offset: int) -> bytes:
        """See `System`."""
        with self._reading:
            before = os.lseek(descriptor, 0, os.SEEK_CUR)
            try:
                os.lseek(descriptor, offset, os.SEEK_SET)
                return os.read(descriptor, count)
            finally:
                os.lseek(descriptor, before, os.SEEK_SET)

    def unread(self, pipe: int) -> int:
        """See `System`."""
        return max(0, self._waiting(pipe))

    def wait_for(self, pipe: IO[bytes], seconds: float) -> bool:
        """See `System`."""
        last = time.monotonic() + seconds
        while (waiting := self._waiting(pipe.fileno())) == 0:
            if time.monotonic() > last:
                return False
            time.sleep(0.005)
        return waiting != 0

    def _waiting(self, pipe: int) -> int:
        """Return how many bytes wait in a pipe, -1 if it has ended."""
        import ctypes
        import msvcrt

        kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009
        handles: Any = msvcrt
        waiting = ctypes.c_ulong(0)
        handle = ctypes.c_void_p(handles.get_osfhandle(pipe))
        if not kernel.PeekNamedPipe(handle, None, 0, None, ctypes.byref(waiting), None):
            return -1
        return waiting.value


def _signals(names: tuple[str, ...]) -> tuple[signal.Signals, ...]:
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


SYSTEM: System = Windows() if sys.platform == "win32" else Posix()
